"""``/video list``: what is attached and followed where."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from ..relay.model import AttachmentRules
from . import words
from .choices import is_in, visible, visible_follows
from .desk import Desk
from .pages import Pager, paged
from .places import Chosen, RoomOption, guild_of
from .replies import answering, defer, say


def listing(desk: Desk) -> app_commands.Command[Any, ..., None]:
    """Return the command."""

    @app_commands.command(name="list", description="Show what is attached and followed here")
    @app_commands.describe(room="Only this room; default: all rooms of the server")
    async def command(
        interaction: discord.Interaction,
        room: app_commands.Transform[Chosen, RoomOption] | None = None,
    ) -> None:
        async with answering(interaction):
            await defer(interaction)
            shown = await visible(desk, interaction)
            follows = await visible_follows(desk, interaction)
            if room is not None:
                shown = [attachment for attachment in shown if is_in(attachment, room.id)]
                follows = [one for one in follows if one.room_id == room.id]
            guild = guild_of(interaction)
            entries = [
                *(words.follow_lines(one) + _role_gone(one.rules, guild) for one in follows),
                *(words.attachment_lines(one) + _role_gone(one.rules, guild) for one in shown),
            ]
            pages = paged("\n".join(lines) for lines in entries)
            if len(pages) > 1:
                pager = desk.open(Pager(interaction, pages))
                await say(interaction, pager.text, view=pager)
            else:
                await say(interaction, "".join(pages) or _nothing(room))

    return command


def _role_gone(rules: AttachmentRules, guild: discord.Guild) -> list[str]:
    role_id = rules.mention_role_id
    if role_id is None or guild.get_role(role_id) is not None:
        return []
    return ["-# The role was deleted, so nobody is mentioned; name another, or use `no_mention`."]


def _nothing(room: Chosen | None) -> str:
    where = "in this server" if room is None else f"to {words.room(room.id)}"
    return f"Nothing is attached {where}; `/video attach` and `/video follow` do that."
