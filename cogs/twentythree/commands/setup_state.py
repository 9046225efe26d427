"""What somebody has chosen in ``/video setup`` so far: a plain value that its own buttons carry.

So there is nothing to remember, to time out or to lose in a restart.
"""

from __future__ import annotations

import string
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

from ..languages import tr

_DIGITS = string.digits + string.ascii_lowercase
_BASE = len(_DIGITS)
# What is not chosen yet.
_NONE = "-"
_BITS = 64


class What(StrEnum):
    """What is to be posted."""

    ALL = "a"
    CATEGORY = "c"
    ONE = "o"


class Audience(StrEnum):
    """For whom a room is."""

    PUBLIC = "public"
    STAFF = "staff"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupState:
    """What was chosen; ``None``: not yet, or not at all.

    ``target``: the category or the object. ``public`` and ``staff`` are rooms, ``mention`` and
    ``moderators`` roles.
    """

    what: What | None = None
    target: int | None = None
    public: int | None = None
    staff: int | None = None
    mention: int | None = None
    moderators: int | None = None

    @property
    def is_one_of_many(self) -> bool:
        """Whether it is to be said which one is to be posted."""
        return self.what in {What.CATEGORY, What.ONE}

    @property
    def rooms(self) -> dict[Audience, int]:
        """The rooms that were chosen."""
        found = {Audience.PUBLIC: self.public, Audience.STAFF: self.staff}
        return {audience: room_id for audience, room_id in found.items() if room_id is not None}

    @property
    def lacks(self) -> str | None:
        """What must be chosen before anything can be set, as a sentence."""
        if self.what is None:
            return tr("Choose what is to be posted.")
        if self.is_one_of_many and self.target is None:
            return tr("Choose which one.")
        if not self.rooms:
            return tr("Choose at least one room.")
        if self.public == self.staff:
            return tr("Choose two different rooms, or leave one of them out.")
        return None

    def having(self, name: str, number: int | None) -> SetupState:
        """Return the state with one of its numbers chosen; ``None``: not any more."""
        chosen: dict[str, Any] = {name: number}
        return replace(self, **chosen)

    def with_what(self, what: What) -> SetupState:
        """Return the state with this to be posted; what was chosen of another kind is dropped."""
        return self if what is self.what else replace(self, what=what, target=None)


def encoded(state: SetupState) -> str:
    """Return a state as a text of at most 75 letters, digits, dots and dashes."""
    numbers = [getattr(state, one.name) for one in fields(SetupState)[1:]]
    return ".".join([state.what or _NONE, *map(_written, numbers)])


def decoded(text: str) -> SetupState | None:
    """Return the state that was encoded so; ``None``: none was, by this version."""
    what, *numbers = text.split(".")
    names = [one.name for one in fields(SetupState)[1:]]
    if len(numbers) != len(names) or what not in {_NONE, *What}:
        return None
    try:
        read = {name: _read(number) for name, number in zip(names, numbers, strict=True)}
    except ValueError:
        return None
    return SetupState(what=None if what == _NONE else What(what), **read)


def _written(number: int | None) -> str:
    if number is None:
        return _NONE
    digits = ""
    while number:
        number, digit = divmod(number, _BASE)
        digits = _DIGITS[digit] + digits
    return digits or "0"


def _read(text: str) -> int | None:
    if text == _NONE:
        return None
    if not text.isalnum() or not text.isascii():
        raise ValueError(text)
    number = int(text, _BASE)
    if number.bit_length() > _BITS:
        raise ValueError(text)
    return number
