"""What a member may do where: roles, then the channel's overwrites.

https://discord.com/developers/docs/topics/permissions#permission-overwrites
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from .model import Channel, ChannelType, Guild, Member

_BITS: Final[dict[str, int]] = {
    "create_instant_invite": 0,
    "kick_members": 1,
    "ban_members": 2,
    "administrator": 3,
    "manage_channels": 4,
    "manage_guild": 5,
    "add_reactions": 6,
    "view_audit_log": 7,
    "view_channel": 10,
    "send_messages": 11,
    "send_tts_messages": 12,
    "manage_messages": 13,
    "embed_links": 14,
    "attach_files": 15,
    "read_message_history": 16,
    "mention_everyone": 17,
    "external_emojis": 18,
    "connect": 20,
    "change_nickname": 26,
    "manage_nicknames": 27,
    "manage_roles": 28,
    "manage_webhooks": 29,
    "use_application_commands": 31,
    "manage_events": 33,
    "manage_threads": 34,
    "create_public_threads": 35,
    "create_private_threads": 36,
    "send_messages_in_threads": 38,
    "moderate_members": 40,
    "create_events": 44,
    "pin_messages": 51,
    "bypass_slowmode": 52,
}


def bits(names: Iterable[str]) -> int:
    """Return the permissions of these names (as discord.py names them) as one number.

    Raises:
        KeyError: a name is unknown.
    """
    return sum(1 << _BITS[name] for name in set(names))


def names(permissions: int) -> list[str]:
    """Return the names of the permissions that are set."""
    return [name for name, bit in _BITS.items() if permissions >> bit & 1]


ALL: Final = (1 << 53) - 1
ADMINISTRATOR: Final = bits(["administrator"])
VIEW: Final = bits(["view_channel"])
SEND: Final = bits(["send_messages"])
SEND_IN_THREADS: Final = bits(["send_messages_in_threads"])
EMBED: Final = bits(["embed_links"])
ATTACH: Final = bits(["attach_files"])
HISTORY: Final = bits(["read_message_history"])
MENTION_EVERYONE: Final = bits(["mention_everyone"])
MANAGE_MESSAGES: Final = bits(["manage_messages"])
MANAGE_CHANNELS: Final = bits(["manage_channels"])
MANAGE_THREADS: Final = bits(["manage_threads"])
PUBLIC_THREADS: Final = bits(["create_public_threads"])
PRIVATE_THREADS: Final = bits(["create_private_threads"])
CREATE_EVENTS: Final = bits(["create_events"])
MANAGE_EVENTS: Final = bits(["manage_events"])
USE_COMMANDS: Final = bits(["use_application_commands"])
# What Discord gives to @everyone of a new guild, as far as it matters here.
NEW_GUILD: Final = bits(
    [
        "create_instant_invite",
        "add_reactions",
        "view_channel",
        "send_messages",
        "embed_links",
        "attach_files",
        "read_message_history",
        "external_emojis",
        "connect",
        "change_nickname",
        "use_application_commands",
        "create_public_threads",
        "create_private_threads",
        "send_messages_in_threads",
    ]
)
# Without View Channel there is nothing, without Send Messages none of these.
_NEEDS_SEND = bits(["mention_everyone", "embed_links", "attach_files", "send_tts_messages"])
# What is left to who is timed out, who is no administrator.
_TIMED_OUT = bits(["view_channel", "read_message_history"])
_PRIVATE = NEW_GUILD | bits(["pin_messages"])


def in_guild(guild: Guild, member: Member) -> int:
    """Return what the member's roles grant everywhere."""
    if member.user.id == guild.owner_id:
        return ALL
    granted = guild.everyone.permissions
    for role_id in member.role_ids:
        granted |= guild.roles[role_id].permissions
    if granted & ADMINISTRATOR:
        return ALL
    return granted & _TIMED_OUT if member.timed_out_until is not None else granted


def in_channel(guild: Guild | None, member: Member | None, channel: Channel) -> int:
    """Return what the member may do in the channel; in a thread, its parent's rules hold."""
    if channel.type is ChannelType.DM or guild is None:
        return _PRIVATE
    if member is None:
        return 0
    granted = in_guild(guild, member)
    if granted & ADMINISTRATOR:
        return ALL
    place = channel if channel.thread is None else guild.channels[channel.parent_id or 0]
    return _implied(_overwritten(granted, guild, member, place), is_thread=channel is not place)


def _overwritten(granted: int, guild: Guild, member: Member, channel: Channel) -> int:
    overwrites = channel.overwrites
    if (everyone := overwrites.get(guild.id)) is not None:
        granted = granted & ~everyone.deny | everyone.allow
    of_roles = [overwrites[role_id] for role_id in member.role_ids if role_id in overwrites]
    denied = allowed = 0
    for overwrite in of_roles:
        denied |= overwrite.deny
        allowed |= overwrite.allow
    granted = granted & ~denied | allowed
    if (own := overwrites.get(member.user.id)) is not None:
        granted = granted & ~own.deny | own.allow
    return granted


def _implied(granted: int, *, is_thread: bool) -> int:
    if not granted & VIEW:
        return 0
    may_send = granted & (SEND_IN_THREADS if is_thread else SEND)
    return granted if may_send else granted & ~_NEEDS_SEND
