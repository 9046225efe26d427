"""What the bridge takes from the slash commands and tells them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ..domain.acting import NewEntry
from ..domain.following import Category, Follow
from ..domain.model import GuildId, ObjectId, ObjectKind, RoomId
from ..domain.rules_asked import RulesAsked
from ..storage import CalendarCounts


class Mode(StrEnum):
    """How news arrive now."""

    IDLE = "idle"
    REALTIME = "realtime"
    POLLING = "polling"


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedAttachment:
    """What ``/video attach`` asks for.

    ``parent_id`` is the channel of a thread. ``is_agreed``: somebody agreed that the room shows
    the object though it is not public, ``is_agreed_for_all``: to everybody in the server.
    ``is_exposure_agreed``: and that everybody in the server reads there what viewers ask in
    private.
    """

    object_id: ObjectId
    guild_id: GuildId
    room_id: RoomId
    attached_by: int
    forum_id: RoomId | None = None
    rules: RulesAsked = field(default_factory=RulesAsked)
    backfill: int = 0
    parent_id: RoomId | None = None
    is_agreed: bool = False
    is_agreed_for_all: bool = False
    is_exposure_agreed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedFollow:
    """What ``/video follow`` asks for.

    ``category`` ``None`` is the whole workspace; ``is_forum``: each object gets a post in the room.
    ``is_exposure_agreed``: as of attachments.
    """

    kind: ObjectKind
    category: Category | None
    guild_id: GuildId
    room_id: RoomId
    followed_by: int
    is_forum: bool = False
    is_exposure_agreed: bool = False
    rules: RulesAsked = field(default_factory=RulesAsked)

    def keeps_calendar(self, before: Follow | None) -> bool:
        """Return whether what it covers is to be in the calendar; ``before``: as it is now."""
        asked = self.rules.has_calendar
        if asked is not None:
            return asked
        return before is not None and before.has_calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedSetup:
    """What ``/video setup`` asks for: attachments of one object, or follows.

    ``moderators_role_id`` ``None``: who may act stays as it is. ``entry`` goes on the trail.
    """

    entry: NewEntry
    attachments: tuple[WantedAttachment, ...] = ()
    follows: tuple[WantedFollow, ...] = ()
    moderators_role_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeStatus:
    """What the bridge does for one server.

    All of it is the server's own, but ``connected_since``: the connection is shared. ``lag_s``:
    age of the oldest notice not yet confirmed. ``clock_ahead_s``: how much the workspace's clock
    is ahead of this machine's. ``channels_wanted`` and ``channels_standing``: on how many channels
    the server's objects are, or are to be, listened to, and on how many the realtime service lets
    us listen now. ``calendar``: how the server's calendar stands. ``is_held_up``: something is
    paused, so that notices may wait for people.
    """

    mode: Mode
    connected_since: datetime | None
    last_event_at: datetime | None
    lag_s: float | None
    pending: int
    last_error: str | None
    clock_ahead_s: float = 0.0
    channels_wanted: int = 0
    channels_standing: int = 0
    is_held_up: bool = False
    calendar: CalendarCounts = field(default_factory=CalendarCounts)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectStatus:
    """The state of one object. ``channels``: which of its realtime services are listened to.

    ``verified_until``: until when its realtime messages are shown only once the workspace has
    confirmed them, since it did not know too many of them.
    """

    mode: Mode
    channels: tuple[str, ...]
    last_event_at: datetime | None
    last_read_at: datetime | None
    last_error: str | None
    verified_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelShape:
    """What ``/video diagnose`` heard: keys and types only, and how often."""

    sub_channel: str
    shape: str
    count: int
