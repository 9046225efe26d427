"""What was set, put on the server's trail by whoever gave the command."""

from __future__ import annotations

import logging

import discord

from ..domain.acting import Deed, NewEntry
from ..domain.deeds import Actor
from ..domain.model import GuildId, ObjectInfo, RoomId
from ..errors import StorageError
from .context import CommandContext
from .room_option import guild_of

_log = logging.getLogger("twentythree.commands")


def actor_of(interaction: discord.Interaction) -> Actor:
    """Return who gave the command, or pressed; the name is that of this server."""
    user = interaction.user
    return Actor(user_id=user.id, name=user.display_name)


async def note(
    context: CommandContext,
    interaction: discord.Interaction,
    deed: Deed,
    *,
    room_id: RoomId,
    about: ObjectInfo | None = None,
    detail: str = "",
) -> None:
    """Put on the trail what has been set; where that fails, it has been set all the same.

    ``detail``: what was set, as plain text; it is disarmed where it is shown.
    """
    entry = NewEntry(
        guild_id=GuildId(guild_of(interaction).id),
        actor=actor_of(interaction),
        deed=deed,
        room_id=room_id,
        object_id=None if about is None else about.object_id,
        object_title="" if about is None else about.title,
        detail=detail,
        is_public=about is None or about.is_public,
    )
    try:
        await context.acting.note(entry)
    except StorageError as error:
        _log.warning("the trail lacks an entry (%s): %s", deed.value, error)
