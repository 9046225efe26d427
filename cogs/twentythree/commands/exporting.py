"""``/video export``: what a server has set, as a file."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands

from ..domain import export_file
from ..domain.export_file import (
    Export,
    ExportedAttachment,
    ExportedBoard,
    ExportedFollow,
    ExportedRoom,
)
from ..domain.following import Follow
from ..domain.model import Attachment, GuildId, RoomId
from ..domain.shown import BoardView
from ..languages import listed, many, noted, tr
from ..storage import RoomsSet
from . import rules, set_options
from .choices import visible, visible_follows
from .context import CommandContext
from .replies import WORKING, answering, defer, say
from .rights import sees_room
from .room_option import guild_of


def export(context: CommandContext) -> app_commands.Command[Any, ..., None]:
    """Return the command."""

    @app_commands.command(
        name="export",
        description=noted("Give what this server has set as a file, for /video import"),
    )
    async def command(interaction: discord.Interaction) -> None:
        async with answering(interaction, WORKING):
            await defer(interaction)
            guild = guild_of(interaction)
            held = await visible(context, interaction)
            follows = await visible_follows(context, interaction)
            # What a follow has attached comes of the follow.
            by_hand = [one for one in held if one.follow_id is None]
            settings = await context.bridge.settings.of_server(GuildId(guild.id))
            found = Export(
                guild_id=GuildId(guild.id),
                moderators=await context.acting.moderators(GuildId(guild.id)),
                log_room=await _log_room(context, interaction),
                attachments=tuple(map(_attachment, by_hand)),
                follows=tuple(map(_follow, follows)),
                boards=await _boards(context, held),
                rooms=await _rooms(context, interaction, settings),
                defaults=set_options.as_typed(settings.defaults),
            )
            data = io.BytesIO(export_file.written(found).encode())
            file = discord.File(data, f"twentythree-{guild.id}.json")
            text = "\n".join(_lines(found, followed=len(held) - len(by_hand)))
            await say(interaction, text, file=file)

    return command


def _attachment(held: Attachment) -> ExportedAttachment:
    return ExportedAttachment(
        object_id=held.object.object_id,
        room_id=held.forum_id or held.room_id,
        options=rules.as_typed(held.rules),
        title=held.object.title,
    )


def _follow(follow: Follow) -> ExportedFollow:
    category = follow.category
    return ExportedFollow(
        kind=follow.kind,
        category_id=None if category is None else category.category_id,
        room_id=follow.room_id,
        options=rules.follow_as_typed(follow),
        title="" if category is None else category.title,
    )


async def _boards(context: CommandContext, held: Sequence[Attachment]) -> tuple[ExportedBoard, ...]:
    """Return the boards of these attachments."""
    found = []
    shown = {(one.room_id, one.object.object_id): one for one in held}
    for guild_id in {one.guild_id for one in held}:
        for board in await context.bridge.questions.boards(guild_id):
            of = shown.get((board.room_id, board.object_id))
            if of is not None:
                found.append(_board(of, board.view))
    return tuple(found)


async def _rooms(
    context: CommandContext, interaction: discord.Interaction, settings: RoomsSet
) -> tuple[ExportedRoom, ...]:
    """Return what rooms have set that the member sees."""
    return tuple(
        [
            ExportedRoom(room_id=room_id, options=set_options.as_typed(one))
            for room_id, one in settings.rooms.items()
            if await sees_room(context, interaction, room_id)
        ]
    )


def _board(held: Attachment, view: BoardView) -> ExportedBoard:
    return ExportedBoard(
        object_id=held.object.object_id,
        room_id=held.forum_id or held.room_id,
        view=view,
        title=held.object.title,
    )


async def _log_room(context: CommandContext, interaction: discord.Interaction) -> RoomId | None:
    """Return the room of the log, if the member sees it."""
    room_id = await context.acting.log_room(GuildId(guild_of(interaction).id))
    if room_id is None or not await sees_room(context, interaction, room_id):
        return None
    return room_id


def _lines(found: Export, *, followed: int) -> list[str]:
    what = [
        many(len(found.attachments), "attachment"),
        many(len(found.follows), "follow"),
        many(len(found.boards), "board"),
        *([many(len(found.rooms), "setting")] if found.rooms else []),
    ]
    lines = [
        tr("The file has {what}; `/video import` takes it in this server.", what=listed(what)),
        tr("- What is in rooms that you cannot see is left out."),
    ]
    if followed:
        lines.append(
            tr(
                "- {objects} that follows have attached: left out.",
                objects=many(followed, "object"),
            )
        )
    return lines
