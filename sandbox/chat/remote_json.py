"""JSON for the verbs: what is taken from it, and what is made for it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any, Final, TypeAlias

from .people import Reply
from .view import Shown

Asked: TypeAlias = dict[str, Any]
Verb: TypeAlias = Callable[[Asked], Awaitable[object]]

_ID: Final = re.compile(r"(\w+_)?id")
_IDS: Final = "pinged_roles"
_REPLIES: Final = "followups"


def later(verb: Callable[[Asked], object]) -> Verb:
    """Return a verb that is awaited like those that wait."""

    async def run(asked: Asked) -> object:
        return verb(asked)

    return run


def picked(asked: Asked, *names: str) -> dict[str, Any]:
    """Return of what was asked the part with these names."""
    return {name: asked[name] for name in names if name in asked}


def with_strings(it: Reply | Shown) -> object:
    """Return a snapshot with its IDs as strings."""
    return _strings(asdict(it))


def _strings(given: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, value in given.items():
        if _ID.fullmatch(key) and isinstance(value, int):
            made[key] = str(value)
        elif key == _IDS:
            made[key] = [str(one) for one in value]
        elif key == _REPLIES:
            made[key] = [_strings(one) for one in value]
        else:
            made[key] = value
    return made
