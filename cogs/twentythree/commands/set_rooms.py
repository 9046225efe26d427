"""``/video room`` and ``/video defaults``: how rooms look, and what they leave out."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from ..domain.acting import Deed
from ..domain.model import GuildId, RoomId
from ..domain.room_settings import NOTHING_SET, RoomSettings
from ..languages import many, noted, tr
from . import set_options, words
from .choices import hidden_words
from .context import CommandContext
from .noting import note
from .replies import WORKING, answering, defer, say
from .room_option import ChosenRoom, Resolved, RoomOption, check_member, chosen_room, guild_of
from .set_options import SettingsGiven, given_of, takes_settings

_SHOWN = noted("Messages that are there keep the form they have.")


def room(context: CommandContext) -> app_commands.Command[Any, ..., None]:
    """Return the command."""

    @app_commands.command(
        name="room", description=noted("Set, or show, how a room looks and what it leaves out")
    )
    @app_commands.describe(room=noted("Which room; default: here"))
    @context.suggesting(unhide=hidden_words(context))
    @takes_settings
    async def command(
        interaction: discord.Interaction,
        room: app_commands.Transform[Resolved, RoomOption] | None = None,
        *,
        given: dict[str, Any],
    ) -> None:
        async with answering(interaction, WORKING):
            await defer(interaction)
            chosen = await chosen_room(interaction, room)
            wanted = given_of(given)
            if wanted.is_empty:
                await say(interaction, await _shown(context, chosen))
                return
            check_member(chosen)
            await say(interaction, await set_room(context, interaction, chosen, wanted))

    return command


def defaults(context: CommandContext) -> app_commands.Command[Any, ..., None]:
    """Return the command."""

    @app_commands.command(
        name="defaults", description=noted("Set, or show, what rooms have that say nothing else")
    )
    @context.suggesting(unhide=hidden_words(context, of_room=False))
    @takes_settings
    async def command(interaction: discord.Interaction, *, given: dict[str, Any]) -> None:
        async with answering(interaction, WORKING):
            await defer(interaction)
            wanted = given_of(given)
            if wanted.is_empty:
                guild_id = GuildId(guild_of(interaction).id)
                held = (await context.bridge.settings.of_server(guild_id)).defaults
                told = [tr("Rooms have, where nothing else is set:")]
                told += set_options.lines(held.over(RoomSettings()))
                await say(interaction, "\n".join(told))
                return
            await say(interaction, await set_defaults(context, interaction, wanted))

    return command


def settings_room(chosen: ChosenRoom) -> RoomId:
    """Return the room that settings are kept for: of a post, its forum."""
    found = chosen.room
    if isinstance(found, discord.Thread) and isinstance(found.parent, discord.ForumChannel):
        return RoomId(found.parent.id)
    return chosen.room_id


async def set_room(
    context: CommandContext,
    interaction: discord.Interaction,
    chosen: ChosenRoom,
    wanted: SettingsGiven,
) -> str:
    """Set a room, note it, and return what to say."""
    guild_id, room_id = GuildId(chosen.room.guild.id), settings_room(chosen)
    async with context.bridge.settings.alone_in(guild_id):
        held = await context.bridge.settings.of_server(guild_id)
        hidden = held.in_force(room_id).hidden
        asked = wanted.applied(held.rooms.get(room_id, NOTHING_SET), hidden)
        await context.bridge.settings.set_room(guild_id, room_id, asked)
    if asked != held.rooms.get(room_id, NOTHING_SET):
        await note(context, interaction, Deed.ROOM, room_id=room_id, detail=wanted.text)
    now = asked.over(held.defaults.over(RoomSettings()))
    changed = set_options.changes(held.in_force(room_id), now)
    if not changed:
        return tr("{room} is as it was; nothing changed.", room=words.room(room_id))
    return "\n".join([tr("{room} is set:", room=words.room(room_id)), *changed, f"- {tr(_SHOWN)}"])


async def set_defaults(
    context: CommandContext, interaction: discord.Interaction, wanted: SettingsGiven
) -> str:
    """Set what a server's rooms have, note it, and return what to say."""
    guild_id = GuildId(guild_of(interaction).id)
    async with context.bridge.settings.alone_in(guild_id):
        held = (await context.bridge.settings.of_server(guild_id)).defaults
        asked = wanted.applied(held, held.hidden or ())
        await context.bridge.settings.set_defaults(guild_id, asked)
    if asked != held:
        here = RoomId(interaction.channel_id or 0)
        await note(context, interaction, Deed.DEFAULTS, room_id=here, detail=wanted.text)
    changed = set_options.changes(held.over(RoomSettings()), asked.over(RoomSettings()))
    if not changed:
        return tr("Rooms have what they had; nothing changed.")
    return "\n".join([tr("Rooms have, where nothing else is set:"), *changed, f"- {tr(_SHOWN)}"])


async def _shown(context: CommandContext, chosen: ChosenRoom) -> str:
    room_id = settings_room(chosen)
    held = await context.bridge.settings.of_server(GuildId(chosen.room.guild.id))
    told = [tr("{room} has:", room=words.room(room_id)), *set_options.lines(held.in_force(room_id))]
    return "\n".join([*told, *left_out(held.hidden, {room_id})])


def left_out(hidden: dict[RoomId, Any], rooms: set[RoomId]) -> list[str]:
    """Return how many comments rooms have left out, a line each."""
    return [
        tr(
            "- Left out of {room} since {when}: {comments}, as `/video room` has it",
            room=words.room(room_id),
            when=words.moment(since, "f"),
            comments=many(count, "comment"),
        )
        for room_id, (count, since) in hidden.items()
        if room_id in rooms
    ]
