"""The option ``room``: which rooms there are to choose from, and who may do what in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import discord
from discord import app_commands

from ..delivery import REQUEST_ERRORS, Room, missing
from ..domain.model import RoomId
from ..languages import listed, noted, tr
from . import words
from .replies import Refusal

# What Discord says of the option where something is to be posted there.
ROOM = noted("Where to post; default: here")
ROOM_TYPES = [
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
_CHOOSE = noted(
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
        return ROOM_TYPES

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
        raise Refusal(tr("This works only in a server that the bot is a member of."))
    # Discord lets a server have the commands of a bot that is not in it.
    if interaction.client.get_guild(guild.id) is None:
        raise Refusal(
            tr(
                "The bot is not a member of this server, which has only its commands; invite "
                "it again with the scopes `bot` and `applications.commands`."
            )
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
        raise Refusal(
            tr(
                "Notices cannot go to {room}; {choose}.",
                room=words.room(resolved.id),
                choose=tr(_CHOOSE),
            )
        )
    await check_sight(interaction, found, resolved.permissions)
    return ChosenRoom(room=_known(found), permissions=resolved.permissions)


async def as_chosen(interaction: discord.Interaction, found: object) -> ChosenRoom:
    """Return a room that was looked up, with what the member may do there by now.

    Raises:
        Refusal: there is none, none that takes notices, or they do not see it.
    """
    member = interaction.user
    if found is None or not isinstance(member, discord.Member):
        raise Refusal(tr("The room is not in this server, or the bot cannot see it."))
    if not isinstance(found, Room):
        raise Refusal(tr("Notices cannot go to that room."))
    known = _known(found)
    may = known.permissions_for(member)
    await check_sight(interaction, known, may)
    return ChosenRoom(room=known, permissions=may)


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
            tr(
                "You may not write in {room}, so the bot will not do it for you; ask for Send "
                "Messages there, or choose another room.",
                room=words.room(room_id),
            )
        )


async def check_bot(chosen: ChosenRoom, *, opens: bool = False) -> None:
    """Make sure that the bot can post in the room, and with ``opens`` open threads there.

    Raises:
        Refusal: names the room and the permissions that the bot lacks there.
    """
    lacking = missing(chosen.room, chosen.room.guild.me, opens=opens)
    if isinstance(chosen.room, discord.Thread) and chosen.room.locked and len(lacking) == 1:
        raise Refusal(
            tr(
                "The thread {room} is locked; unlock it, or grant the bot {lacking} there, and "
                "try again.",
                room=words.room(chosen.room.id),
                lacking=tr(lacking[0]),
            )
        )
    if lacking:
        raise Refusal(
            tr(
                "The bot cannot post in {room}: it lacks {lacking} there. Grant that in the "
                "channel's settings and try again.",
                room=words.room(chosen.room.id),
                lacking=listed([tr(one) for one in lacking]),
            )
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
        raise Refusal(tr("The bot does not mention everyone; choose another role for `mention`."))
    if role.mentionable:
        return
    if not chosen.room.permissions_for(chosen.room.guild.me).mention_everyone:
        raise Refusal(
            tr(
                "The bot cannot mention {role} in {where}: allow anyone to mention the role in "
                "its settings, or grant the bot Mention Everyone there.",
                role=words.role(role.id),
                where=where,
            )
        )
    if not chosen.permissions.mention_everyone:
        raise Refusal(
            tr(
                "You may not mention {role} in {where} yourself; you need Mention Everyone "
                "there, or a role that anyone may mention.",
                role=words.role(role.id),
                where=where,
            )
        )


def _here(interaction: discord.Interaction) -> Room:
    room = interaction.channel
    if not isinstance(room, Room):
        raise Refusal(
            tr(
                "Notices cannot go to this room; {choose} with the option `room`.",
                choose=tr(_CHOOSE),
            )
        )
    return _known(room)


def _known(room: Room) -> Room:
    if isinstance(room, discord.Thread) and room.parent is None:
        # Nothing can be said about permissions in there.
        raise unseen(room.parent_id)
    return room


def unseen(room_id: int) -> Refusal:
    """Return what is said of a room that the bot cannot see."""
    return Refusal(
        tr(
            "The bot cannot see {room}; grant it View Channel there and try again.",
            room=words.room(room_id),
        )
    )


def _hidden() -> Refusal:
    return Refusal(tr("You cannot see that room; choose one that you can."))


def _outside(room_id: int) -> Refusal:
    return Refusal(
        tr(
            "The bot is not in the private thread {room}; mention it there to add it, and "
            "try again.",
            room=words.room(room_id),
        )
    )


def _untold(room_id: int) -> Refusal:
    return Refusal(
        tr(
            "Discord does not tell the bot about {room} now; try again in a minute.",
            room=words.room(room_id),
        )
    )


async def _fetched(guild: discord.Guild, resolved: Resolved) -> object:
    """Return a room that is not in the cache: an archived thread."""
    try:
        return await guild.fetch_channel(resolved.id)
    except discord.InvalidData as error:
        raise Refusal(
            tr("{room} is in another server; give the command there.", room=words.room(resolved.id))
        ) from error
    except (discord.Forbidden, discord.NotFound) as error:
        if resolved.type is discord.ChannelType.private_thread:
            raise _outside(resolved.id) from error
        raise unseen(resolved.id) from error
    except REQUEST_ERRORS as error:
        raise _untold(resolved.id) from error


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
    except REQUEST_ERRORS as error:
        raise _untold(room.id) from error
    return True
