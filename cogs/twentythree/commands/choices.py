"""The option ``id``: what is suggested while it is typed, and what the typed text means."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Iterable, Sequence
from typing import TypeVar

import discord
from discord import app_commands

from ..embeds import one_line
from ..relay.model import Attachment, Follow, GuildId, ObjectInfo, RoomId
from ..relay.references import object_id_in
from . import words
from .desk import Choices, Desk, Suggest
from .places import guild_of
from .replies import Refusal
from .rights import is_visible
from .sights import Unseen

_log = logging.getLogger("twentythree.commands")

_T = TypeVar("_T")
_Held = TypeVar("_Held", Attachment, Follow)

# https://discord.com/developers/docs/interactions/receiving-and-responding: choices, name.
_MAX_CHOICES = 25
_MAX_NAME = 100
_MAX_ROOM_NAME = 30
# Discord forgets the question after 3 s.
_PATIENCE_S = 2.5


def searching(desk: Desk) -> Suggest:
    """Return the autocompletion for anything in the workspace."""

    async def suggest(_: discord.Interaction, typed: str) -> Choices:
        found = await _quiet(desk.titles.suggest(typed))
        return [_choice(words.label(info), str(info.object_id)) for info in found][:_MAX_CHOICES]

    return suggest


def attached(desk: Desk) -> Suggest:
    """Return the autocompletion for what is attached in the server, this room's objects first.

    The value of an entry of another room names that room too: ``<object>@<room>``.
    """

    async def suggest(interaction: discord.Interaction, typed: str) -> Choices:
        here = getattr(interaction.namespace.room, "id", interaction.channel_id)
        shown = await _quiet(visible(desk, interaction))
        fitting = [a for a in shown if _fits(a.object, typed)]
        fitting.sort(key=lambda a: not is_in(a, here))
        return [_attached_choice(desk, interaction, a, here) for a in fitting[:_MAX_CHOICES]]

    return suggest


def attached_objects(desk: Desk) -> Suggest:
    """Return the autocompletion for the objects attached in the server, each once."""

    async def suggest(interaction: discord.Interaction, typed: str) -> Choices:
        shown = await _quiet(visible(desk, interaction))
        found = {a.object.object_id: a.object for a in shown if _fits(a.object, typed)}
        return [_choice(words.label(info), str(object_id)) for object_id, info in found.items()][
            :_MAX_CHOICES
        ]

    return suggest


def categories(desk: Desk) -> Suggest:
    """Return the autocompletion for the workspace's categories."""

    async def suggest(_: discord.Interaction, typed: str) -> Choices:
        found = await _quiet(desk.bridge.categories(" ".join(typed.split())))
        return [
            _choice(one_line(one.title, _MAX_NAME), str(one.category_id))
            for one in found[:_MAX_CHOICES]
        ]

    return suggest


def followed(desk: Desk) -> Suggest:
    """Return the autocompletion for the follows of the server."""

    async def suggest(interaction: discord.Interaction, typed: str) -> Choices:
        shown = await _quiet(visible_follows(desk, interaction))
        entries = [
            (words.scope_label(one, _room_name(desk, interaction, one.room_id)), str(one.follow_id))
            for one in shown
        ]
        wanted = _folded(typed)
        fitting = [entry for entry in entries if wanted in _folded(entry[0])]
        return [_choice(name, value) for name, value in fitting[:_MAX_CHOICES]]

    return suggest


async def visible_follows(desk: Desk, interaction: discord.Interaction) -> list[Follow]:
    """Return the follows of this server that the member may know of."""
    found = await desk.bridge.follows(GuildId(guild_of(interaction).id))
    return await _shown(desk, interaction, found)


async def visible(desk: Desk, interaction: discord.Interaction) -> list[Attachment]:
    """Return the attachments of this server that the member may know of."""
    guild_id = GuildId(guild_of(interaction).id)
    found = await desk.bridge.attachments(guild_id=guild_id)
    return await _shown(desk, interaction, found)


async def _shown(
    desk: Desk, interaction: discord.Interaction, found: Sequence[_Held]
) -> list[_Held]:
    are_visible = await asyncio.gather(*(is_visible(desk, interaction, one) for one in found))
    return [one for one, is_shown in zip(found, are_visible, strict=True) if is_shown]


def is_in(attachment: Attachment, room_id: int | None) -> bool:
    """Tell whether the attachment is in the room, or in a post of this forum."""
    return room_id in {attachment.room_id, attachment.forum_id} - {None}


async def object_of(desk: Desk, typed: str) -> ObjectInfo:
    """Return the object that an ID, a pasted link or a title means.

    Raises:
        Refusal: a title that no object, or more than one, has.
        WorkspaceError: the workspace has no such object, or did not answer.
    """
    object_id = object_id_in(typed)
    if object_id is not None:
        return await desk.bridge.find(object_id)
    found = await desk.bridge.search(" ".join(typed.split()))
    if not found:
        raise Refusal(
            f"Nothing in the workspace has a title like “{words.disarmed(typed)}”; paste the ID "
            "or the link instead."
        )
    only = _only(found, typed)
    if only is None:
        raise Refusal(
            f"“{words.disarmed(typed)}” fits more than one title; choose one of the suggestions, "
            "or paste the ID or the link."
        )
    return only


def attachments_of(shown: Iterable[Attachment], typed: str) -> list[Attachment]:
    """Return the attachments whose object an ID, a pasted link or a title means."""
    reference, _ = split(typed)
    object_id = object_id_in(reference)
    if object_id is not None:
        return [a for a in shown if a.object.object_id == object_id]
    wanted = _folded(reference)
    return [a for a in shown if _folded(a.object.title) == wanted]


def split(typed: str) -> tuple[str, RoomId | None]:
    """Take apart the value of an entry made by :func:`attached`."""
    reference, at, room = typed.rpartition("@")
    if at and reference.isdecimal() and room.isdecimal() and typed.isascii():
        return reference, RoomId(int(room))
    return typed, None


def _only(found: Sequence[ObjectInfo], typed: str) -> ObjectInfo | None:
    wanted = _folded(typed)
    exact = [info for info in found if _folded(info.title) == wanted]
    fitting = exact or found
    return fitting[0] if len(fitting) == 1 else None


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _fits(info: ObjectInfo, typed: str) -> bool:
    wanted = _folded(typed)
    return wanted in _folded(info.title) or info.object_id == object_id_in(typed)


def _attached_choice(
    desk: Desk, interaction: discord.Interaction, attachment: Attachment, here: int | None
) -> app_commands.Choice[str]:
    value = str(attachment.object.object_id)
    if is_in(attachment, here):
        return _choice(words.label(attachment.object), value)
    name = _room_name(desk, interaction, attachment.room_id)
    title = words.label(attachment.object, _MAX_NAME - len(name) - len(" · "))
    return _choice(f"{title} · {name}", f"{value}@{attachment.room_id}")


def _room_name(desk: Desk, interaction: discord.Interaction, room_id: RoomId) -> str:
    room = desk.sights.known(guild_of(interaction), room_id)
    if isinstance(room, Unseen):
        return "a deleted room" if room is Unseen.GONE else "a closed thread"
    return one_line(f"#{room.name}", _MAX_ROOM_NAME)


def _choice(name: str, value: str) -> app_commands.Choice[str]:
    return app_commands.Choice(name=name[:_MAX_NAME], value=value)


async def _quiet(found: Awaitable[Sequence[_T]]) -> Sequence[_T]:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return await found
    except TimeoutError:
        return ()
    except Exception:  # noqa: BLE001 - supervision: a failed suggestion must not end the typing
        _log.warning("a suggestion failed", exc_info=True)
        return ()
