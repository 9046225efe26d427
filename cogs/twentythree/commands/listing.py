"""``/video list``: what is attached and followed where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import discord
from discord import app_commands

from ..domain.following import Follow
from ..domain.model import Attachment, AttachmentRules, GuildId, RoomId
from ..languages import listed, many, noted, retold, tr
from ..storage import RoomsSet
from . import rules, set_options, words
from .choices import is_in, visible, visible_follows
from .context import CommandContext
from .described_options import small_calendar_lines
from .replies import WORKING, answering, defer, paged, say, turning
from .room_option import Resolved, RoomOption, check_seen, guild_of


def listing(context: CommandContext) -> app_commands.Command[Any, ..., None]:
    """Return the command."""

    async def pages(interaction: discord.Interaction, room_id: int) -> list[str]:
        shown = await visible(context, interaction)
        follows = await visible_follows(context, interaction)
        if room_id:
            shown = [attachment for attachment in shown if is_in(attachment, room_id)]
            follows = [one for one in follows if one.room_id == room_id]
        if not (shown or follows):
            return [_nothing(room_id)]
        guild = guild_of(interaction)
        settings = await context.bridge.settings.of_server(GuildId(guild.id))
        first, *others = paged(_entries(shown, follows, guild, settings))
        return [f"**{_total(shown, follows)}**\n{first}", *others]

    turn = turning(context, pages)

    @app_commands.command(name="list", description=noted("Show what is attached and followed here"))
    @app_commands.describe(room=noted("Only this room; default: all rooms of the server"))
    async def command(
        interaction: discord.Interaction,
        room: app_commands.Transform[Resolved, RoomOption] | None = None,
    ) -> None:
        async with answering(interaction, WORKING):
            await defer(interaction)
            check_seen(room)
            text, view = await turn.at(interaction, 0 if room is None else room.id, 0)
            await say(interaction, text, view=view)

    return command


def attachment_lines(attachment: Attachment) -> list[str]:
    """Return one attachment for the list."""
    info, room_id = attachment.object, attachment.room_id
    lines = [
        tr(
            "{title} ({object_id}) in {room}",
            title=words.link(info),
            object_id=info.object_id,
            room=words.room(room_id),
        ),
        *rules.small_lines(attachment.rules),
    ]
    if attachment.pause is not None:
        since = words.when(attachment.pause.since)
        lines.append(
            tr(
                "-# Paused {since}: {reason}",
                since=since,
                reason=words.disarmed(retold(attachment.pause.reason), 200),
            )
        )
    return lines


def follow_lines(follow: Follow) -> list[str]:
    """Return one follow for the list."""
    lines = [
        tr("Follows {scope} in {room}", scope=words.scope(follow), room=words.room(follow.room_id)),
        *rules.small_lines(follow.rules),
        *small_calendar_lines(follow),
    ]
    if follow.error is not None:
        lines.append(
            tr("-# Attaches nothing now: {error}", error=words.disarmed(retold(follow.error), 200))
        )
    return lines


def _role_gone(held: AttachmentRules, guild: discord.Guild) -> list[str]:
    role_id = held.mention_role_id
    if role_id is None or guild.get_role(role_id) is not None:
        return []
    return [
        tr("-# The role was deleted, so nobody is mentioned; name another, or use `no_mention`.")
    ]


def _entries(
    shown: Sequence[Attachment],
    follows: Sequence[Follow],
    guild: discord.Guild,
    settings: RoomsSet,
) -> Iterator[str]:
    """Return what is listed, room by room; first what is set for a room itself."""
    told: set[RoomId] = set()
    forums = {one.room_id: one.forum_id for one in shown if one.forum_id is not None}
    for room_id in dict.fromkeys(_rooms(shown, follows)):
        place = forums.get(room_id, room_id)
        if place not in told:
            told.add(place)
            yield from _settings(place, settings)
        for follow in follows:
            if follow.room_id == room_id:
                yield "\n".join(follow_lines(follow) + _role_gone(follow.rules, guild))
        for held in shown:
            if held.room_id == room_id:
                yield "\n".join(attachment_lines(held) + _role_gone(held.rules, guild))


def _settings(room_id: RoomId, settings: RoomsSet) -> Iterator[str]:
    for line in set_options.small(settings.in_force(room_id)):
        yield f"{words.room(room_id)}\n{line}"


def _rooms(shown: Sequence[Attachment], follows: Sequence[Follow]) -> list[RoomId]:
    return [*(one.room_id for one in follows), *(one.room_id for one in shown)]


def _total(shown: Sequence[Attachment], follows: Sequence[Follow]) -> str:
    rooms = len(set(_rooms(shown, follows)))
    parts = []
    if shown:
        parts.append(words.attached(shown))
    if follows:
        parts.append(many(len(follows), "follow"))
    return tr("{parts}, in {rooms}", parts=listed(parts), rooms=many(rooms, "room"))


def _nothing(room_id: int) -> str:
    if room_id:
        return tr(
            "Nothing is attached to {room}; `/video attach` and `/video follow` do that.",
            room=words.room(room_id),
        )
    return tr("Nothing is attached in this server; `/video attach` and `/video follow` do that.")
