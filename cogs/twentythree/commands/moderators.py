"""``/video moderators`` and ``/video log``: who may act on comments, and where it is told."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from ..delivery import cautions
from ..domain.model import GuildId, RoomId
from . import words
from .asking import ask, check_again, is_seen_by_everyone
from .context import CommandContext
from .noting import actor_of
from .replies import WORKING, Refusal, answering, defer, say
from .room_finder import Unseen
from .room_option import (
    ChosenRoom,
    Resolved,
    RoomOption,
    check_bot,
    check_member,
    chosen_room,
    guild_of,
)
from .rules import RulesGiven

_USUAL = "who may manage messages in the room"
_WHAT = "Each action on a comment, and each change of what is set,"


def moderators(context: CommandContext) -> app_commands.Command[Any, ..., None]:
    """Return the command."""

    @app_commands.command(name="moderators", description="Set, or show, who may act on comments")
    @app_commands.describe(
        role="The role of those who may act; without it: shows who may",
        no_role="Take the role away: who may manage messages in a room may act there",
    )
    async def command(
        interaction: discord.Interaction,
        role: discord.Role | None = None,
        no_role: bool = False,  # noqa: FBT001, FBT002 - discord.py passes by name
    ) -> None:
        async with answering(interaction, WORKING):
            await defer(interaction)
            guild = guild_of(interaction)
            if role is None and not no_role:
                role_id = await context.acting.moderators(GuildId(guild.id))
                await say(interaction, _who(guild, role_id))
                return
            if role is not None:
                check_role(role, no_role=no_role)
            wanted = None if role is None else role.id
            await context.acting.set_moderators(GuildId(guild.id), wanted, actor_of(interaction))
            await say(interaction, f"From now on, {_named(wanted)} may act on comments.")

    return command


def check_role(role: discord.Role, *, no_role: bool = False) -> None:
    """Make sure that the role can be that of the moderators.

    Raises:
        Refusal: it cannot.
    """
    if no_role:
        raise Refusal("`role` and `no_role` cannot both be; leave one of them out.")
    if role.is_default():
        raise Refusal("Everybody could act on comments then; choose another role.")


def _named(role_id: int | None) -> str:
    return _USUAL if role_id is None else f"who has the role {words.role(role_id)}"


def _who(guild: discord.Guild, role_id: int | None) -> str:
    if role_id is not None and guild.get_role(role_id) is None:
        return (
            f"The role that was set is deleted, so {_USUAL} may act on comments; name another with "
            "the option `role`."
        )
    text = f"In rooms with `actions: on`, {_named(role_id)} may act on comments."
    return text if role_id is not None else f"{text} The option `role` names a role for it."


def log(context: CommandContext) -> app_commands.Command[Any, ..., None]:
    """Return the command."""

    @app_commands.command(name="log", description="Set, or show, where all that is done is told")
    @app_commands.describe(
        room="Where to tell of it; without it: shows where it is told",
        no_room="Tell of it nowhere any more",
    )
    async def command(
        interaction: discord.Interaction,
        room: app_commands.Transform[Resolved, RoomOption] | None = None,
        no_room: bool = False,  # noqa: FBT001, FBT002 - discord.py passes by name
    ) -> None:
        async with answering(interaction, WORKING):
            await defer(interaction)
            guild = guild_of(interaction)
            if room is None and not no_room:
                await say(interaction, await _where(context, guild))
            elif room is None:
                await context.acting.set_log_room(GuildId(guild.id), None, actor_of(interaction))
                await say(interaction, f"{_WHAT} is told nowhere from now on.")
            elif no_room:
                raise Refusal("`room` and `no_room` cannot both be; leave one of them out.")
            else:
                await _set_log(context, interaction, await chosen_room(interaction, room))

    return command


async def _where(context: CommandContext, guild: discord.Guild) -> str:
    room_id = await context.acting.log_room(GuildId(guild.id))
    if room_id is None:
        return f"{_WHAT} is told nowhere; name a room with the option `room`."
    if await context.rooms.look(guild, room_id) is Unseen.GONE:
        return "The room of the log is deleted; name another with the option `room`."
    return f"{_WHAT} is told in {words.room(room_id)}."


async def _set_log(
    context: CommandContext, interaction: discord.Interaction, chosen: ChosenRoom
) -> None:
    await check_log_room(chosen)
    doubts = log_doubts(chosen)

    async def act(answer: discord.Interaction) -> str:
        if doubts:
            await check_again(chosen, RulesGiven(), answer)
        guild_id = GuildId(chosen.room.guild.id)
        await context.acting.set_log_room(guild_id, RoomId(chosen.room.id), actor_of(answer))
        lines = [f"{_WHAT} is told in {words.room(chosen.room.id)} from now on."]
        lines += [f"- {caution}" for caution in cautions(chosen.room, chosen.room.guild.me)]
        return "\n".join(lines)

    await ask(context, interaction, doubts, act, label="Log there anyway")


async def check_log_room(chosen: ChosenRoom) -> None:
    """Make sure that the log can be told in the room.

    Raises:
        Refusal: it cannot.
    """
    if isinstance(chosen.room, discord.ForumChannel):
        raise Refusal("The log cannot go to a forum; choose a channel, or a post in the forum.")
    check_member(chosen)
    await check_bot(chosen)


def log_doubts(chosen: ChosenRoom) -> list[str]:
    """Return what to ask before the log is told where everybody reads it."""
    if not is_seen_by_everyone(chosen):
        return []
    where = words.room(chosen.room_id)
    question = f"Everybody in this server sees {where}, and the log will show there who did what."
    return [question]
