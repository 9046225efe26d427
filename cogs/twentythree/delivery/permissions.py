"""What the bot needs in a room, checked before anything is attached to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import discord

from ..languages import kept

Chat: TypeAlias = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread
"""What messages can be sent to."""

Room: TypeAlias = Chat | discord.ForumChannel
"""What an object can be attached to; a media channel is a forum."""

# All that the features want of a server, for the link that invites the bot; beside it only
# Mention Everyone, for roles that are not mentionable.
WANTED = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    create_public_threads=True,
    embed_links=True,
    attach_files=True,
    read_message_history=True,
    create_events=True,
)

_ALWAYS = {"view_channel": kept("View Channel"), "embed_links": kept("Embed Links")}
_IN_CHANNEL = {"send_messages": kept("Send Messages")}
# Whoever may not join a voice or stage channel does not see its chat either.
_IN_VOICE = {"connect": kept("Connect"), **_IN_CHANNEL}
_IN_THREAD = {"send_messages_in_threads": kept("Send Messages in Threads")}
# In a forum, Discord shows the permission to send messages under this name.
_IN_FORUM = {"send_messages": kept("Create Posts"), **_IN_THREAD}
_NO_HISTORY = kept(
    "Without Read Message History the bot cannot look up whether a message went "
    "out before a long outage, and may post it a second time; grant it that "
    "permission."
)
_FOR_THREADS = {"create_public_threads": kept("Create Public Threads"), **_IN_THREAD}
_IN_LOCKED_THREAD = {"manage_threads": kept("Manage Threads")}


def missing(room: Room, me: discord.Member, *, opens: bool = False) -> list[str]:
    """Return the names of the permissions that the bot must be granted for posting in the room.

    ``opens``: also for opening threads on its messages, and posting there.
    """
    return [one.name for one in needed(room, me, opens=opens) if not one.is_granted]


@dataclass(frozen=True, slots=True, kw_only=True)
class NeededPermission:
    """A permission that the bot needs in a room; ``flag`` is discord.py's word for it.

    ``is_denied``: the bot's roles grant it, and the room takes it away.
    """

    flag: str
    name: str
    is_granted: bool
    is_denied: bool = False


def needed(room: Room, me: discord.Member, *, opens: bool = False) -> list[NeededPermission]:
    """Return what the bot must be granted for posting in the room, and whether it is.

    ``opens``: see :func:`missing`.
    """
    granted, by_roles = room.permissions_for(me), me.guild_permissions
    # Whoever may not write there may not embed either, though nobody forbade it.
    granted.embed_links = _may_embed(room, me)
    names = _needed(room) | (_FOR_THREADS if opens else {})
    return [
        NeededPermission(
            flag=flag,
            name=name,
            is_granted=getattr(granted, flag),
            is_denied=getattr(by_roles, flag) and not getattr(granted, flag),
        )
        for flag, name in names.items()
    ]


def is_seen_by_everyone(room: discord.abc.GuildChannel | discord.Thread) -> bool:
    """Tell whether the role that everybody has sees the room.

    Raises:
        discord.ClientException: a thread whose channel is not in the cache.
    """
    if isinstance(room, discord.Thread) and room.is_private():
        return False
    return room.permissions_for(room.guild.default_role).view_channel


def cautions(room: Room, me: discord.Member) -> list[str]:
    """Return, a sentence each, what works less well in the room than it could."""
    if room.permissions_for(me).read_message_history:
        return []
    return [_NO_HISTORY]


def calendar_needs(granted: discord.Permissions) -> list[str]:
    """Return the names of the permissions of a server that the bot still needs for its calendar.

    With Create Events it may also edit, start, end and delete what it has made itself.
    """
    return [] if granted.create_events else [kept("Create Events")]


def is_usable(
    room: discord.abc.GuildChannel | discord.Thread, me: discord.Member, *, opens: bool = False
) -> bool:
    """Say whether, as far as the cache knows, the bot can post in the room; see :func:`missing`."""
    if not isinstance(room, Room):
        return False
    try:
        return not missing(room, me, opens=opens)
    except discord.ClientException:
        # A thread whose channel is not in the cache: nothing is known.
        return True


def _may_embed(room: Room, me: discord.Member) -> bool:
    """Say whether Embed Links is granted, by roles and by what the room says about them."""
    channel = room.parent if isinstance(room, discord.Thread) else room
    may = me.guild_permissions.embed_links
    if channel is None or me.guild_permissions.administrator:
        return may
    default, *others = me.roles
    by_roles = {channel.overwrites_for(role).embed_links for role in others}
    by_role = True if True in by_roles else (False if False in by_roles else None)
    everyone = channel.overwrites_for(default).embed_links
    for said in (everyone, by_role, channel.overwrites_for(me).embed_links):
        may = may if said is None else said
    return may


def _needed(room: Room) -> dict[str, str]:
    match room:
        case discord.ForumChannel():
            return _ALWAYS | _IN_FORUM
        case discord.Thread() if room.locked:
            return _ALWAYS | _IN_THREAD | _IN_LOCKED_THREAD
        case discord.Thread():
            return _ALWAYS | _IN_THREAD
        case discord.VoiceChannel() | discord.StageChannel():
            return _ALWAYS | _IN_VOICE
        case _:
            return _ALWAYS | _IN_CHANNEL
