"""What moderators and staff want in a run with actions, and what goes wrong with it."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

WISHES = 14
_MEAN_GAP_S = 0.8
SHARE_OF_ACTIONS = 0.4
ACTIONS: Mapping[str, float] = {
    "promote": 5,
    "unpromote": 2,
    "answer": 4,
    "reopen": 2,
    "dismiss": 2,
    "reply": 4,
    "delete": 1.5,
    "copy": 3,
}
# What staff do on the platform at the same time.
BY_HAND: Mapping[str, float] = {
    "turn_promotion": 3,
    "set_status": 3,
    "retract_reply": 1,
}
METHODS = {
    "promote": "comment/promote",
    "unpromote": "comment/promote",
    "answer": "comment/update",
    "reopen": "comment/update",
    "dismiss": "comment/update",
    "reply": "comment/add",
    "delete": "comment/delete",
    "copy": "comment/clone",
}
_HOW: Mapping[str, float] = {"one": 7, "two": 2, "five": 1}
_Given = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a moderator wants done to the comment at a share of all, seconds after the one before.

    ``who`` and ``room`` are their places; ``how``: see ``Staff.act``.
    """

    after_s: float
    who: int
    room: int
    action: str
    share: float
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """What staff do on the platform, seconds after what they did before."""

    after_s: float
    name: str
    share: float


def drawn(chance: random.Random, weights: Mapping[str, float]) -> str:
    """Return one of the names."""
    (name,) = chance.choices(tuple(weights), weights=tuple(weights.values()))
    return name


def wishes(chance: random.Random) -> tuple[Wish, ...]:
    """Return what moderators want in a run."""
    return tuple(
        Wish(
            after_s=chance.expovariate(1 / _MEAN_GAP_S),
            who=chance.randrange(2),
            room=chance.randrange(2),
            action=drawn(chance, ACTIONS),
            share=chance.random(),
            how=drawn(chance, _HOW),
        )
        for _ in range(WISHES)
    )


def by_hand(chance: random.Random) -> tuple[ByHand, ...]:
    """Return what staff do on the platform in a run."""
    return tuple(
        ByHand(
            after_s=chance.expovariate(1 / _MEAN_GAP_S),
            name=drawn(chance, BY_HAND),
            share=chance.random(),
        )
        for _ in range(WISHES // 2)
    )


def wanted(chance: random.Random) -> _Given:
    """Return what somebody wants whose press meets a fault."""
    return {
        "who": chance.randrange(2),
        "room": chance.randrange(2),
        "action": drawn(chance, ACTIONS),
        "share": chance.random(),
    }


def _late(chance: random.Random) -> _Given:
    return {**wanted(chance), "is_late": chance.random() < 0.5}


def _killed(chance: random.Random) -> _Given:
    return {
        "for_s": round(chance.uniform(0.05, 0.5), 2),
        "is_awaited": chance.random() < 0.7,
    }


def _pressed(chance: random.Random) -> _Given:
    return {**wanted(chance), "when": chance.choice(("before", "after"))}


def _for(chance: random.Random, most: float) -> _Given:
    return {"for_s": round(chance.uniform(0.2, most), 2)}


# A promise of the same actions is met by each: somebody presses, and this goes wrong with it.
ACTION_FAULTS: Mapping[str, tuple[float, Callable[[random.Random], _Given]]] = {
    "lose_write": (4, _late),
    "lose_write_and_workspace": (3, lambda chance: {**_late(chance), **_for(chance, 8.0)}),
    "slow_write": (2, lambda chance: {**_late(chance), **_for(chance, 5.0)}),
    "refuse_write": (1, wanted),
    "break_write": (2, _late),
    "kill_at_write": (5, lambda chance: {**_late(chance), **_killed(chance)}),
    "kill_at_read_back": (3, lambda chance: {**wanted(chance), **_killed(chance)}),
    "kill_at_press": (3, lambda chance: {**_pressed(chance), **_killed(chance)}),
    "kill_at_answer": (3, lambda chance: {**_pressed(chance), **_killed(chance)}),
    "terminate_at_write": (2, lambda chance: {**_late(chance), **_killed(chance)}),
    "lose_press": (2, _pressed),
    "outrun": (3, wanted),
    "undo": (1, _late),
}
