"""``/video moderators`` and ``/video log``: who may act on comments, and where it is told."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from ..delivery import cautions, is_seen_by_everyone
from ..domain.model import GuildId, RoomId
from ..languages import noted, retold, tr
from . import words
from .asking import ask, check_again
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

_USUAL = noted("whoever may manage messages in the room")
_WHAT = noted("Each action on a comment, and each change of what is set,")


def moderators(context: CommandContext) -> app_commands.Command[Any, ..., None]:
    """Return the command."""

    @app_commands.command(
        name="moderators", description=noted("Set, or show, who may act on comments")
    )
    @app_commands.describe(
        role=noted("The role of those who may act; without it: shows who may"),
        no_role=noted("Take the role away: who may manage messages in a room may act there"),
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
            await say(
                interaction, tr("From now on, {named} may act on comments.", named=_named(wanted))
            )

    return command


def check_role(role: discord.Role, *, no_role: bool = False) -> None:
    """Make sure that the role can be that of the moderators.

    Raises:
        Refusal: it cannot.
    """
    if no_role:
        raise Refusal(tr("`role` and `no_role` cannot both be; leave one of them out."))
    if role.is_default():
        raise Refusal(tr("Everybody could act on comments then; choose another role."))


def _named(role_id: int | None) -> str:
    if role_id is None:
        return tr(_USUAL)
    return tr("whoever has the role {role}", role=words.role(role_id))


def _who(guild: discord.Guild, role_id: int | None) -> str:
    if role_id is not None and guild.get_role(role_id) is None:
        return tr(
            "The role that was set is deleted, so {usual} may act on comments; name "
            "another with the option `role`.",
            usual=tr(_USUAL),
        )
    text = tr("In rooms with `actions: on`, {named} may act on comments.", named=_named(role_id))
    return (
        text
        if role_id is not None
        else tr("{text} The option `role` names a role for it.", text=text)
    )


def log(context: CommandContext) -> app_commands.Command[Any, ..., None]:
    """Return the command."""

    @app_commands.command(
        name="log", description=noted("Set, or show, where all that is done is told")
    )
    @app_commands.describe(
        room=noted("Where to tell of it; without it: shows where it is told"),
        no_room=noted("Tell of it nowhere any more"),
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
                await say(interaction, tr("{what} is told nowhere from now on.", what=tr(_WHAT)))
            elif no_room:
                raise Refusal(tr("`room` and `no_room` cannot both be; leave one of them out."))
            else:
                await _set_log(context, interaction, await chosen_room(interaction, room))

    return command


async def _where(context: CommandContext, guild: discord.Guild) -> str:
    room_id = await context.acting.log_room(GuildId(guild.id))
    if room_id is None:
        return tr("{what} is told nowhere; name a room with the option `room`.", what=tr(_WHAT))
    if await context.rooms.look(guild, room_id) is Unseen.GONE:
        return tr("The room of the log is deleted; name another with the option `room`.")
    return tr("{what} is told in {room}.", what=tr(_WHAT), room=words.room(room_id))


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
        lines = [
            tr(
                "{what} is told in {room} from now on.",
                what=tr(_WHAT),
                room=words.room(chosen.room.id),
            )
        ]
        lines += [f"- {retold(caution)}" for caution in cautions(chosen.room, chosen.room.guild.me)]
        return "\n".join(lines)

    await ask(context, interaction, doubts, act, label=tr("Log there anyway"))


async def check_log_room(chosen: ChosenRoom) -> None:
    """Make sure that the log can be told in the room.

    Raises:
        Refusal: it cannot.
    """
    if isinstance(chosen.room, discord.ForumChannel):
        raise Refusal(tr("The log cannot go to a forum; choose a channel, or a post in the forum."))
    check_member(chosen)
    await check_bot(chosen)


def log_doubts(chosen: ChosenRoom) -> list[str]:
    """Return what to ask before the log is told where everybody reads it."""
    if not is_seen_by_everyone(chosen.room):
        return []
    where = words.room(chosen.room_id)
    question = tr(
        "Everybody in this server sees {where}, and the log will show there who did what.",
        where=where,
    )
    return [question]
