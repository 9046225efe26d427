"""What happens to several processes of one bot, and to what is between them and everybody."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from .wishes import wanted

_Given: TypeAlias = dict[str, Any]
# The lease is three seconds: half of what happens is over before it is, the other half is not.
_SHORT_S = (0.1, 2.0)
_LONG_S = (3.5, 6.0)


def _for(chance: random.Random) -> _Given:
    least, most = _SHORT_S if chance.random() < 0.5 else _LONG_S
    return {"for_s": round(chance.uniform(least, most), 2)}


def _awaited(chance: random.Random) -> _Given:
    return {**_for(chance), "is_awaited": chance.random() < 0.7}


def _soon(chance: random.Random) -> _Given:
    return {"for_s": round(chance.uniform(0.0, 1.5), 2), "is_awaited": chance.random() < 0.7}


def _when(chance: random.Random) -> _Given:
    return {"when": chance.choice(("before", "after"))}


def _how(chance: random.Random) -> _Given:
    return {"how": chance.choice(("late", "swallowed", "reset"))}


def _mode(chance: random.Random) -> _Given:
    return {"mode": chance.choice(("fast", "immediate"))}


MISHAPS: Mapping[str, tuple[float, Callable[[random.Random], _Given]]] = {
    "freeze": (3, _awaited),
    "freeze_while_posting": (
        4,
        lambda chance: {**_when(chance), "is_held": chance.random() < 0.5, **_awaited(chance)},
    ),
    "freeze_at_write": (
        5,
        lambda chance: {**wanted(chance), "is_late": chance.random() < 0.5, **_awaited(chance)},
    ),
    "freeze_stand_by": (1, _for),
    "kill_stand_by": (1, _for),
    "kill_two": (2, _soon),
    "kill_next": (2, _soon),
    "lose_database": (4, lambda chance: {**_how(chance), **_awaited(chance)}),
    "lose_database_while_posting": (
        4,
        lambda chance: {**_when(chance), **_how(chance), **_awaited(chance)},
    ),
    "lose_discord": (2, lambda chance: {**_how(chance), **_for(chance)}),
    "lose_workspace": (2, lambda chance: {**_how(chance), **_for(chance)}),
    "lose_all": (3, lambda chance: {**_how(chance), **_awaited(chance)}),
    "end_connections": (2, lambda chance: {"of_all": chance.random() < 0.5}),
    "restart_database": (3, lambda chance: {**_mode(chance), **_awaited(chance)}),
    "restart_database_while_posting": (
        2,
        lambda chance: {**_when(chance), **_mode(chance), **_awaited(chance)},
    ),
}
# These meet somebody's press.
OF_ACTIONS = frozenset({"freeze_at_write"})
