"""What somebody has chosen in ``/video setup`` so far: a plain value that its own buttons carry.

So there is nothing to remember, to time out or to lose in a restart. The table of permissions tells
what the bot lacks for it, and what grants that.
"""

from __future__ import annotations

import string
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

import discord

from ..delivery import WANTED, NeededPermission, Room, needed
from ..languages import kept, listed, noted, retold, tr
from . import words

_DIGITS = string.digits + string.ascii_lowercase
_BASE = len(_DIGITS)
# What is not chosen yet.
_NONE = "-"
_BITS = 64
# On the button that leads to Discord's page.
GRANT = noted("Grant what is missing")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsIn:
    """What the bot may do in a room: the lines that tell it, and what its role does not grant."""

    lines: tuple[str, ...]
    lacking: discord.Permissions


def rights_in(room: Room, mention: discord.Role | None) -> RightsIn:
    """Return what the bot may do in a room. ``mention``: the role that is mentioned there."""
    found = [*needed(room, room.guild.me), *_beside(room, mention)]
    hiding = [one for one in found if one.flag == "view_channel" and not one.is_granted]
    # A room that is hidden hides all the others.
    shown = hiding or found
    marks = [f"{'✅' if one.is_granted else '❌'} {retold(one.name)}" for one in shown]
    lines = [f"- {words.room(room.id)}: {' · '.join(marks)}"]
    denied = [retold(one.name) for one in shown if one.is_denied]
    if denied:
        told = tr(
            "The room itself takes away {names}: allow that for the bot in the settings of {room}, "
            "under Permissions.",
            names=listed(denied),
            room=words.room(room.id),
        )
        lines.append(f"  - {told}")
    asked = [one for one in shown if not (one.is_granted or one.is_denied)]
    if asked:
        told = tr(
            "The bot's role lacks {names}: *{button}* gives it that.",
            names=listed([retold(one.name) for one in asked]),
            button=tr(GRANT),
        )
        lines.append(f"  - {told}")
    lacking = discord.Permissions(**{one.flag: True for one in asked})
    return RightsIn(lines=tuple(lines), lacking=lacking)


def _beside(room: Room, mention: discord.Role | None) -> Iterable[NeededPermission]:
    """Yield what nothing is posted worse without, but for what it is for."""
    yield _permission(room, "read_message_history", kept("Read Message History"))
    if mention is not None and not mention.mentionable:
        name = tr("Mention Everyone, for {role}", role=words.role(mention.id))
        yield _permission(room, "mention_everyone", name)


def _permission(room: Room, flag: str, name: str) -> NeededPermission:
    me = room.guild.me
    is_granted = getattr(room.permissions_for(me), flag)
    is_denied = getattr(me.guild_permissions, flag) and not is_granted
    return NeededPermission(flag=flag, name=name, is_granted=is_granted, is_denied=is_denied)


def _held(guild: discord.Guild) -> discord.Permissions:
    """Return what the bot's own role grants: what is not asked for again is taken from it."""
    role = guild.self_role
    return discord.Permissions.none() if role is None else role.permissions


def granting(application_id: int, guild: discord.Guild, rights: Iterable[RightsIn]) -> str | None:
    """Return the address that grants the bot in its server what it lacks; ``None``: nothing."""
    lacking = discord.Permissions.none()
    for one in rights:
        lacking |= one.lacking
    if not lacking.value:
        return None
    return discord.utils.oauth_url(
        application_id,
        permissions=WANTED | lacking | _held(guild),
        guild=guild,
        disable_guild_select=True,
        scopes=("bot", "applications.commands"),
    )
