"""How the world's things look: as JSON, in REST and on the gateway, and to people."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from . import embeds
from .model import (
    POSTS_ONLY,
    SILENT,
    VOCAL,
    Channel,
    ChannelType,
    Guild,
    Member,
    Message,
    MessageFlag,
    Role,
    User,
)
from .snowflakes import timestamp


def user(it: User) -> dict[str, Any]:
    """Return a user object."""
    shown: dict[str, Any] = {
        "id": str(it.id),
        "username": it.name,
        "discriminator": "0000" if it.is_bot else "0",
        "global_name": None,
        "avatar": None,
        "public_flags": 0,
        "flags": 0,
        "primary_guild": None,
    }
    return {**shown, "bot": True} if it.is_bot else shown


def role(it: Role) -> dict[str, Any]:
    """Return a role object."""
    return {
        "id": str(it.id),
        "name": it.name,
        "permissions": str(it.permissions),
        "position": it.position,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": it.is_managed,
        "mentionable": it.is_mentionable,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


def member(it: Member, *, with_user: bool = True) -> dict[str, Any]:
    """Return a member object; within messages it comes without its user."""
    shown: dict[str, Any] = {
        "roles": [str(role_id) for role_id in it.role_ids],
        "nick": it.nick,
        "avatar": None,
        "banner": None,
        "communication_disabled_until": _time_or_none(it.timed_out_until),
        "flags": 0,
        "joined_at": timestamp(it.joined_at),
        "pending": False,
        "premium_since": None,
        "mute": False,
        "deaf": False,
    }
    return {**shown, "user": user(it.user)} if with_user else shown


def _time_or_none(at: float | None) -> str | None:
    return None if at is None else timestamp(at)


def thread_member(it: Channel, user_id: int, joined_at: float) -> dict[str, Any]:
    """Return the membership of a thread."""
    return {
        "id": str(it.id),
        "user_id": str(user_id),
        "join_timestamp": timestamp(joined_at),
        "flags": 0,
    }


def channel(it: Channel) -> dict[str, Any]:
    """Return a channel object, with what Discord tells of its kind."""
    shown: dict[str, Any] = {
        "id": str(it.id),
        "type": int(it.type),
        "flags": (1 << 4) if it.requires_tag else 0,
    }
    if it.type not in SILENT:
        shown["last_message_id"] = _id_or_none(it.last_message_id)
    if it.recipient is not None:
        return {**shown, "recipients": [user(it.recipient)]}
    shown |= {"guild_id": str(it.guild_id), "name": it.name, "parent_id": _id_or_none(it.parent_id)}
    if it.type not in SILENT:
        shown["rate_limit_per_user"] = 0
    return shown | (_of_channel(it) if it.thread is None else _of_thread(it))


def _of_channel(it: Channel) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "position": it.position,
        "permission_overwrites": [
            {
                "id": str(overwrite.target_id),
                "type": 0 if overwrite.is_role else 1,
                "allow": str(overwrite.allow),
                "deny": str(overwrite.deny),
            }
            for overwrite in it.overwrites.values()
        ],
    }
    if it.type in SILENT:
        return shown
    shown["nsfw"] = False
    if it.type is not ChannelType.VOICE:
        shown["topic"] = it.topic
    if it.type in VOCAL:
        shown |= {"bitrate": 64_000, "user_limit": 0, "rtc_region": None}
    return shown | (_of_forum(it) if it.type in POSTS_ONLY else {})


def _of_forum(it: Channel) -> dict[str, Any]:
    tags = [
        {
            "id": str(tag.id),
            "name": tag.name,
            "moderated": tag.is_moderated,
            "emoji_id": None,
            "emoji_name": None,
        }
        for tag in it.tags
    ]
    shown = {"available_tags": tags, "default_reaction_emoji": None, "default_sort_order": None}
    # The posts of a media channel always stand in a gallery.
    return shown if it.type is ChannelType.MEDIA else {**shown, "default_forum_layout": 0}


def _of_thread(it: Channel) -> dict[str, Any]:
    state = it.thread
    assert state is not None  # noqa: S101 - said by the caller; narrows for mypy
    return {
        "owner_id": str(state.owner_id),
        "message_count": state.message_count,
        "total_message_sent": state.ever_sent,
        "member_count": len(state.member_ids),
        "applied_tags": [str(tag_id) for tag_id in state.tag_ids],
        "thread_metadata": {
            "archived": state.is_archived,
            "locked": state.is_locked,
            "invitable": state.is_invitable,
            "auto_archive_duration": state.auto_archive_min,
            "archive_timestamp": timestamp(state.archive_changed_at),
            "create_timestamp": timestamp(state.created_at),
        },
    }


def guild(it: Guild) -> dict[str, Any]:
    """Return a guild object, as REST has it."""
    return {
        "id": str(it.id),
        "name": it.name,
        "owner_id": str(it.owner_id),
        "icon": None,
        "description": None,
        "home_header": None,
        "splash": None,
        "discovery_splash": None,
        "features": ["COMMUNITY", "NEWS"],
        "banner": None,
        "application_id": None,
        "region": "deprecated",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": _id_or_none(it.system_channel_id),
        "system_channel_flags": 0,
        "widget_enabled": False,
        "widget_channel_id": None,
        "verification_level": 0,
        "roles": [role(one) for one in it.roles.values()],
        "default_message_notifications": 1,
        "mfa_level": 0,
        "explicit_content_filter": 0,
        "max_presences": None,
        "max_members": 500_000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "vanity_url_code": None,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "preferred_locale": it.locale,
        "rules_channel_id": None,
        "safety_alerts_channel_id": None,
        "public_updates_channel_id": _id_or_none(it.updates_channel_id),
        "premium_progress_bar_enabled": False,
        "nsfw": False,
        "nsfw_level": 0,
        "emojis": [],
        "stickers": [],
        "incidents_data": None,
    }


def my_guild(it: Guild, granted: int) -> dict[str, Any]:
    """Return a guild as the list of one's own guilds has it."""
    return {
        "id": str(it.id),
        "name": it.name,
        "icon": None,
        "banner": None,
        "owner": False,
        "permissions": str(granted),
        "features": ["COMMUNITY", "NEWS"],
    }


def guild_create(it: Guild, bot: Member, threads: list[Channel]) -> dict[str, Any]:
    """Return a guild as the gateway introduces it to a bot without privileged intents."""
    return {
        **guild(it),
        "joined_at": timestamp(bot.joined_at),
        "large": False,
        "unavailable": False,
        "member_count": len(it.members),
        "members": [member(bot)],
        "voice_states": [],
        "channels": [channel(one) for one in it.channels.values() if one.thread is None],
        "threads": [
            channel(one)
            | {"member": thread_member(one, bot.user.id, one.thread.member_ids[bot.user.id])}
            if one.thread is not None and bot.user.id in one.thread.member_ids
            else channel(one)
            for one in threads
        ],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def message(it: Message, users: dict[int, User]) -> dict[str, Any]:
    """Return a message object, as REST has it."""
    shown: dict[str, Any] = {
        "id": str(it.id),
        "channel_id": str(it.channel_id),
        "type": int(it.type),
        "content": it.content,
        "author": user(it.author),
        "timestamp": timestamp(it.created_at),
        "edited_timestamp": None if it.edited_at is None else timestamp(it.edited_at),
        "embeds": [] if it.flags & MessageFlag.SUPPRESS_EMBEDS else it.embeds,
        "components": it.components,
        "attachments": it.attachments,
        "flags": it.flags,
        "pinned": False,
        "tts": False,
        "mention_everyone": it.mention_everyone,
        "mentions": [user(users[user_id]) for user_id in it.mention_user_ids],
        "mention_roles": [str(role_id) for role_id in it.mention_role_ids],
    }
    optional: dict[str, Any] = {
        "nonce": it.nonce,
        "message_reference": it.reference,
        "interaction_metadata": it.interaction_metadata,
        "webhook_id": _id_or_none(it.webhook_id),
        "application_id": _id_or_none(it.webhook_id),
    }
    return shown | {key: value for key, value in optional.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A message as a room shows it; a snapshot.

    Attributes:
        author: the name.
        collapsed: URLs that several embeds share, of which Discord's client shows one.
        pinged_roles: of the roles in the text, those that were notified.
        sent_at: seconds since 1970.
    """

    id: int
    channel_id: int
    author_id: int
    author: str
    content: str
    embeds: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    is_edited: bool = False
    is_loading: bool = False
    collapsed: list[str] = field(default_factory=list)
    pinged_roles: list[int] = field(default_factory=list)
    pings_everyone: bool = False
    nonce: str | int | None = None
    flags: int = 0
    sent_at: float = 0.0


def shown(it: Message) -> Shown:
    """Return a snapshot of a message."""
    return Shown(
        id=it.id,
        channel_id=it.channel_id,
        author_id=it.author.id,
        author=it.author.name,
        content=it.content,
        embeds=[] if it.flags & MessageFlag.SUPPRESS_EMBEDS else list(it.embeds),
        components=list(it.components),
        attachments=list(it.attachments),
        is_edited=it.edited_at is not None,
        is_loading=it.is_loading,
        collapsed=embeds.collapsed(it.embeds),
        pinged_roles=list(it.mention_role_ids),
        pings_everyone=it.mention_everyone,
        nonce=it.nonce,
        flags=it.flags,
        sent_at=it.created_at,
    )


def _id_or_none(it: int | None) -> str | None:
    return None if it is None else str(it)
