"""The option ``room``: which rooms there are to choose from, and who may do what in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import discord
from discord import app_commands

from ..delivery import Room, missing
from ..domain.model import RoomId
from . import words
from .replies import Refusal

# What Discord says of the option where something is to be posted there.
ROOM = "Where to post; default: here"
_TYPES = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.news_thread,
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
    discord.ChannelType.forum,
    discord.ChannelType.media,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
]
_CHOOSE = (
    "choose a text, announcement, voice or stage channel, a thread, a forum or a media channel"
)


class RoomOption(app_commands.Transformer):
    """Takes what Discord resolved: with the member's permissions there, and also if uncached."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        """Return the option's type."""
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """Return the types that Discord lets people choose from."""
        return _TYPES

    async def transform(
        self, _: discord.Interaction, value: app_commands.AppCommandChannel
    ) -> app_commands.AppCommandChannel | app_commands.AppCommandThread:
        """Return the value as Discord resolved it."""
        return value


Resolved: TypeAlias = app_commands.AppCommandChannel | app_commands.AppCommandThread


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenRoom:
    """A room, with the permissions that the invoking member has in it."""

    room: Room
    permissions: discord.Permissions

    @property
    def room_id(self) -> RoomId:
        """Return the room's ID."""
        return RoomId(self.room.id)


def guild_of(interaction: discord.Interaction) -> discord.Guild:
    """Return the server that the command was given in.

    Raises:
        Refusal: the bot is not a member of it, or the command came from elsewhere.
    """
    guild = interaction.guild
    if guild is None:
        raise Refusal("This works only in a server that the bot is a member of.")
    # Discord lets a server have the commands of a bot that is not in it.
    if interaction.client.get_guild(guild.id) is None:
        raise Refusal(
            "The bot is not a member of this server, which has only its commands; invite it again "
            "with the scopes `bot` and `applications.commands`."
        )
    return guild


async def chosen_room(interaction: discord.Interaction, resolved: Resolved | None) -> ChosenRoom:
    """Return the room that was chosen, by default the one where the command was given.

    Raises:
        Refusal: no notices can go there, or the bot or the member cannot see it.
    """
    guild = guild_of(interaction)
    if resolved is None:
        return ChosenRoom(room=_here(interaction), permissions=interaction.permissions)
    found = guild.get_channel_or_thread(resolved.id) or await _fetched(guild, resolved)
    if not isinstance(found, Room):
        raise Refusal(f"Notices cannot go to {words.room(resolved.id)}; {_CHOOSE}.")
    await check_sight(interaction, found, resolved.permissions)
    return ChosenRoom(room=_known(found), permissions=resolved.permissions)


def check_seen(resolved: Resolved | None) -> None:
    """Make sure that the member sees the room that they chose.

    Raises:
        Refusal: they do not.
    """
    if resolved is not None and not resolved.permissions.view_channel:
        raise _hidden()


def check_member(chosen: ChosenRoom) -> None:
    """Make sure that the member may have the bot write in the room.

    Raises:
        Refusal: they may neither write there themselves nor manage the room.
    """
    is_thread = isinstance(chosen.room, discord.Thread)
    check_writer(chosen.room.id, chosen.permissions, is_thread=is_thread)


def check_writer(room_id: int, may: discord.Permissions, *, is_thread: bool) -> None:
    """Make sure that whoever has these permissions may have the bot write in the room.

    Raises:
        Refusal: they may neither write there themselves nor manage the room.
    """
    may_write = may.send_messages_in_threads if is_thread else may.send_messages
    if not (may_write or may.manage_channels):
        raise Refusal(
            f"You may not write in {words.room(room_id)}, so the bot will not do it for "
            "you; ask for Send Messages there, or choose another room."
        )


async def check_bot(chosen: ChosenRoom, *, opens: bool = False) -> None:
    """Make sure that the bot can post in the room, and with ``opens`` open threads there.

    Raises:
        Refusal: names the room and the permissions that the bot lacks there.
    """
    lacking = missing(chosen.room, chosen.room.guild.me, opens=opens)
    if isinstance(chosen.room, discord.Thread) and chosen.room.locked and len(lacking) == 1:
        raise Refusal(
            f"The thread {words.room(chosen.room.id)} is locked; unlock it, or grant the bot "
            f"{lacking[0]} there, and try again."
        )
    if lacking:
        raise Refusal(
            f"The bot cannot post in {words.room(chosen.room.id)}: it lacks "
            f"{words.listed(lacking)} there. Grant that in the channel's settings and try again."
        )
    # The gateway does not tell dependably which threads the bot is a member of.
    if not await _is_open(chosen.room, chosen.room.guild.me):
        raise _outside(chosen.room.id)


def check_mention(chosen: ChosenRoom, role: discord.Role) -> None:
    """Make sure that the bot can mention the role in the room, and that the member may too.

    Raises:
        Refusal: says who lacks what.
    """
    where = words.room(chosen.room.id)
    if role.is_default():
        raise Refusal("The bot does not mention everyone; choose another role for `mention`.")
    if role.mentionable:
        return
    if not chosen.room.permissions_for(chosen.room.guild.me).mention_everyone:
        raise Refusal(
            f"The bot cannot mention {words.role(role.id)} in {where}: allow anyone to mention "
            "the role in its settings, or grant the bot Mention Everyone there."
        )
    if not chosen.permissions.mention_everyone:
        raise Refusal(
            f"You may not mention {words.role(role.id)} in {where} yourself; you need Mention "
            "Everyone there, or a role that anyone may mention."
        )


def _here(interaction: discord.Interaction) -> Room:
    room = interaction.channel
    if not isinstance(room, Room):
        raise Refusal(f"Notices cannot go to this room; {_CHOOSE} with the option `room`.")
    return _known(room)


def _known(room: Room) -> Room:
    if isinstance(room, discord.Thread) and room.parent is None:
        # Nothing can be said about permissions in there.
        raise unseen(room.parent_id)
    return room


def unseen(room_id: int) -> Refusal:
    """Return what is said of a room that the bot cannot see."""
    return Refusal(
        f"The bot cannot see {words.room(room_id)}; grant it View Channel there and try again."
    )


def _hidden() -> Refusal:
    return Refusal("You cannot see that room; choose one that you can.")


def _outside(room_id: int) -> Refusal:
    return Refusal(
        f"The bot is not in the private thread {words.room(room_id)}; mention it there to add it, "
        "and try again."
    )


async def _fetched(guild: discord.Guild, resolved: Resolved) -> object:
    """Return a room that is not in the cache: an archived thread."""
    try:
        return await guild.fetch_channel(resolved.id)
    except discord.InvalidData as error:
        raise Refusal(
            f"{words.room(resolved.id)} is in another server; give the command there."
        ) from error
    except (discord.Forbidden, discord.NotFound) as error:
        if resolved.type is discord.ChannelType.private_thread:
            raise _outside(resolved.id) from error
        raise unseen(resolved.id) from error


async def check_sight(
    interaction: discord.Interaction, room: Room, may: discord.Permissions
) -> None:
    """Make sure that the member sees the room.

    Raises:
        Refusal: they do not.
    """
    if not (may.view_channel and await _is_open(room, interaction.user)):
        raise _hidden()


async def _is_open(room: Room, member: discord.Member | discord.User) -> bool:
    """Tell whether the member may enter the room, if it is a private thread."""
    if not (isinstance(room, discord.Thread) and room.is_private()):
        return True
    if isinstance(member, discord.Member) and room.permissions_for(member).manage_threads:
        return True
    try:
        await room.fetch_member(member.id)
    except (discord.Forbidden, discord.NotFound):
        return False
    return True
