"""The things that the stand-in's world is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType
from typing import Any, Final


class ChannelType(IntEnum):
    """The kinds of channels that there are here, with Discord's numbers."""

    TEXT = 0
    DM = 1
    VOICE = 2
    CATEGORY = 4
    ANNOUNCEMENT = 5
    ANNOUNCEMENT_THREAD = 10
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12
    STAGE = 13
    DIRECTORY = 14
    FORUM = 15
    MEDIA = 16


# Their rooms are the posts in them.
POSTS_ONLY: Final = frozenset({ChannelType.FORUM, ChannelType.MEDIA})
VOCAL: Final = frozenset({ChannelType.VOICE, ChannelType.STAGE})
# They only hold other things together.
SILENT: Final = frozenset({ChannelType.CATEGORY, ChannelType.DIRECTORY})
# What threads may be in what; the usual kind first.
THREADS: Final[Mapping[ChannelType, Sequence[ChannelType]]] = MappingProxyType(
    {
        ChannelType.TEXT: (ChannelType.PUBLIC_THREAD, ChannelType.PRIVATE_THREAD),
        ChannelType.ANNOUNCEMENT: (ChannelType.ANNOUNCEMENT_THREAD,),
        ChannelType.FORUM: (ChannelType.PUBLIC_THREAD,),
        ChannelType.MEDIA: (ChannelType.PUBLIC_THREAD,),
    }
)


class MessageFlag(IntEnum):
    """The flags of messages that mean something here."""

    CROSSPOSTED = 1 << 0
    SUPPRESS_EMBEDS = 1 << 2
    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    COMPONENTS_V2 = 1 << 15


class MessageType(IntEnum):
    """The kinds of messages that there are here."""

    DEFAULT = 0
    THREAD_CREATED = 18
    REPLY = 19
    CHAT_INPUT_COMMAND = 20
    THREAD_STARTER = 21


@dataclass(slots=True, kw_only=True, eq=False)
class User:
    """A person or a bot."""

    id: int
    name: str
    is_bot: bool = False
    takes_dms: bool = True
    locale: str = "en-US"


@dataclass(slots=True, kw_only=True, eq=False)
class Role:
    """A role; the one whose ID is the guild's is @everyone."""

    id: int
    name: str
    permissions: int
    position: int = 1
    is_mentionable: bool = False
    is_managed: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class Member:
    """A user in a guild; ``timed_out_until``: until when they may only look, or ``None``."""

    user: User
    joined_at: float
    role_ids: list[int] = field(default_factory=list)
    nick: str | None = None
    timed_out_until: float | None = None


@dataclass(slots=True, kw_only=True)
class Overwrite:
    """What a channel grants or denies to a role or a member."""

    target_id: int
    is_role: bool
    allow: int = 0
    deny: int = 0


@dataclass(slots=True, kw_only=True)
class Tag:
    """A tag of a forum."""

    id: int
    name: str
    is_moderated: bool = False


@dataclass(slots=True, kw_only=True)
class ThreadState:
    """What only threads have."""

    owner_id: int
    created_at: float
    is_archived: bool = False
    is_locked: bool = False
    is_invitable: bool = True
    auto_archive_min: int = 1440
    archive_changed_at: float = 0.0
    member_ids: dict[int, float] = field(default_factory=dict)
    tag_ids: list[int] = field(default_factory=list)
    message_count: int = 0
    ever_sent: int = 0


@dataclass(slots=True, kw_only=True, eq=False)
class Message:
    """A message, with the parts that Discord made of the sender's body."""

    id: int
    channel_id: int
    guild_id: int | None
    author: User
    created_at: float
    type: int = MessageType.DEFAULT
    content: str = ""
    embeds: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    flags: int = 0
    nonce: str | int | None = None
    edited_at: float | None = None
    old_edits: list[float] = field(default_factory=list)
    mention_everyone: bool = False
    mention_user_ids: list[int] = field(default_factory=list)
    mention_role_ids: list[int] = field(default_factory=list)
    reference: dict[str, Any] | None = None
    webhook_id: int | None = None
    interaction_metadata: dict[str, Any] | None = None
    seen_by: int | None = None

    @property
    def is_ephemeral(self) -> bool:
        """Whether only one person sees it (``seen_by``)."""
        return bool(self.flags & MessageFlag.EPHEMERAL)

    @property
    def is_loading(self) -> bool:
        """Whether people see "thinking …"."""
        return bool(self.flags & MessageFlag.LOADING)


@dataclass(slots=True, kw_only=True, eq=False)
class Channel:
    """A channel, a thread, a forum or a private conversation."""

    id: int
    type: ChannelType
    name: str
    guild_id: int | None = None
    parent_id: int | None = None
    position: int = 0
    topic: str | None = None
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    last_message_id: int | None = None
    recipient: User | None = None
    tags: list[Tag] = field(default_factory=list)
    requires_tag: bool = False
    thread: ThreadState | None = None


class ScheduledStatus(IntEnum):
    """How far a scheduled event is, with Discord's numbers."""

    SCHEDULED = 1
    ACTIVE = 2
    COMPLETED = 3
    CANCELED = 4


@dataclass(slots=True, kw_only=True, eq=False)
class Scheduled:
    """A scheduled event of a server that is held elsewhere; times in seconds since 1970."""

    id: int
    guild_id: int
    creator: User
    name: str
    start: float
    end: float
    location: str
    description: str | None = None
    image: str | None = None
    status: ScheduledStatus = ScheduledStatus.SCHEDULED

    @property
    def is_over(self) -> bool:
        """Whether nothing of it can be changed any more."""
        return self.status in (ScheduledStatus.COMPLETED, ScheduledStatus.CANCELED)


@dataclass(slots=True, kw_only=True, eq=False)
class Guild:
    """A server."""

    id: int
    name: str
    owner_id: int
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    scheduled: dict[int, Scheduled] = field(default_factory=dict)
    system_channel_id: int | None = None
    updates_channel_id: int | None = None
    locale: str = "en-US"
    is_available: bool = True
    # Who or what may use a command, by the command, or by the application for all of its.
    let_in: dict[int, dict[int, bool]] = field(default_factory=dict)
    bot_added_by: int | None = None

    @property
    def everyone(self) -> Role:
        """The role that all members have."""
        return self.roles[self.id]
