"""``/video list``: what is attached and followed where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import discord
from discord import app_commands

from ..domain.following import Follow
from ..domain.model import Attachment, AttachmentRules, RoomId
from . import words
from .choices import is_in, visible, visible_follows
from .desk import Desk
from .pages import paged, turning
from .places import Chosen, RoomOption, check_seen, guild_of
from .replies import WORKING, answering, defer, say


def listing(desk: Desk) -> app_commands.Command[Any, ..., None]:
    """Return the command."""

    async def pages(interaction: discord.Interaction, room_id: int) -> list[str]:
        shown = await visible(desk, interaction)
        follows = await visible_follows(desk, interaction)
        if room_id:
            shown = [attachment for attachment in shown if is_in(attachment, room_id)]
            follows = [one for one in follows if one.room_id == room_id]
        if not (shown or follows):
            return [_nothing(room_id)]
        first, *others = paged(_entries(shown, follows, guild_of(interaction)))
        return [f"**{_total(shown, follows)}**\n{first}", *others]

    turn = turning(desk, pages)

    @app_commands.command(name="list", description="Show what is attached and followed here")
    @app_commands.describe(room="Only this room; default: all rooms of the server")
    async def command(
        interaction: discord.Interaction,
        room: app_commands.Transform[Chosen, RoomOption] | None = None,
    ) -> None:
        async with answering(interaction, WORKING):
            await defer(interaction)
            check_seen(room)
            text, view = await turn.at(interaction, 0 if room is None else room.id, 0)
            await say(interaction, text, view=view)

    return command


def _role_gone(rules: AttachmentRules, guild: discord.Guild) -> list[str]:
    role_id = rules.mention_role_id
    if role_id is None or guild.get_role(role_id) is not None:
        return []
    return ["-# The role was deleted, so nobody is mentioned; name another, or use `no_mention`."]


def _entries(
    shown: Sequence[Attachment], follows: Sequence[Follow], guild: discord.Guild
) -> Iterator[str]:
    """Return what is listed, room by room."""
    for room_id in dict.fromkeys(_rooms(shown, follows)):
        for follow in follows:
            if follow.room_id == room_id:
                yield "\n".join(words.follow_lines(follow) + _role_gone(follow.rules, guild))
        for held in shown:
            if held.room_id == room_id:
                yield "\n".join(words.attachment_lines(held) + _role_gone(held.rules, guild))


def _rooms(shown: Sequence[Attachment], follows: Sequence[Follow]) -> list[RoomId]:
    return [*(one.room_id for one in follows), *(one.room_id for one in shown)]


def _total(shown: Sequence[Attachment], follows: Sequence[Follow]) -> str:
    rooms = len(set(_rooms(shown, follows)))
    parts = []
    if shown:
        parts.append(words.attached(shown))
    if follows:
        parts.append(words.many(len(follows), "follow"))
    return f"{words.listed(parts)}, in {words.many(rooms, 'room')}"


def _nothing(room_id: int) -> str:
    where = f"to {words.room(room_id)}" if room_id else "in this server"
    return f"Nothing is attached {where}; `/video attach` and `/video follow` do that."
