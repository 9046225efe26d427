"""A server's calendar: which scheduled events of Discord's are to be in it, and what they say.

For each broadcast to come of a live event that a follow covers there is one in a server, however
many rooms follow it. What follows from that, step by step: ``domain.calendar_steps``.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, IntEnum, StrEnum, auto
from typing import Any, NamedTuple

from ..languages import kept
from .cards import broadcast_of
from .live import is_surely_cancelled
from .model import LivePhase, LiveState, ObjectId, ObjectInfo

# https://discord.com/developers/docs/resources/guild-scheduled-event
MOST_SCHEDULED = 100
# The platform tells of no end; a broadcast that lasts longer prolongs its scheduled event.
LASTS = timedelta(hours=1)


class ScheduledStatus(IntEnum):
    """Discord's, with its numbers."""

    SCHEDULED = 1
    ACTIVE = 2
    COMPLETED = 3
    CANCELLED = 4

    @property
    def is_final(self) -> bool:
        """Whether nothing can be changed any more."""
        return self in (ScheduledStatus.COMPLETED, ScheduledStatus.CANCELLED)


class CalendarObstacle(StrEnum):
    """What keeps a server's scheduled events from being made; the words are stored."""

    FULL = "full"
    FORBIDDEN = "forbidden"


_SENTENCES = {
    CalendarObstacle.FULL: kept(
        "The server has 100 scheduled events, as many as Discord allows. What is planned beyond "
        "them gets one as soon as one of them is over or cancelled."
    ),
    CalendarObstacle.FORBIDDEN: kept(
        "The bot may not keep scheduled events in this server; grant it Create Events. It goes on "
        "by itself then."
    ),
}


class ScheduledKey(NamedTuple):
    """Which broadcast of which live event a scheduled event is for."""

    object_id: ObjectId
    broadcast: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarFields:
    """What a scheduled event says; an empty ``description`` is none."""

    name: str
    description: str
    location: str
    start: datetime
    end: datetime
    picture_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledEvent:
    """A scheduled event as Discord lists it; ``is_ours``: the bot has made it."""

    scheduled_id: int
    status: ScheduledStatus
    said: CalendarFields
    is_ours: bool = True


class ScheduledStage(StrEnum):
    """How far a scheduled event has come that is kept.

    Begun: it was, or may have been, asked for. Editing: so was that it says something else. Closed:
    people took it out of the calendar, or Discord does not take it; it is not made again.
    """

    BEGUN = "begun"
    MADE = "made"
    EDITING = "editing"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptScheduled:
    """A scheduled event as it is stored.

    ``said`` is what the bot last had it say: only where the platform says otherwise by now it is
    edited. ``status`` is what is known of Discord's. ``scheduled_id`` is ``None`` while begun.
    """

    key: ScheduledKey
    stage: ScheduledStage
    said: CalendarFields
    status: ScheduledStatus = ScheduledStatus.SCHEDULED
    scheduled_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CoveredEvent:
    """A live event that a follow with a calendar covers.

    ``is_gone``: the platform has it no more.
    """

    info: ObjectInfo
    state: LiveState
    is_gone: bool = False

    @property
    def key(self) -> ScheduledKey:
        """The broadcast that it is about now."""
        return ScheduledKey(self.info.object_id, broadcast_of(self.state))


class CalendarGoal(Enum):
    """What a scheduled event is to be."""

    PLANNED = auto()
    ON_AIR = auto()
    OVER = auto()
    CALLED_OFF = auto()
    HIDDEN = auto()
    UNDECIDED = auto()


_GOALS = {LivePhase.SOON: CalendarGoal.PLANNED, LivePhase.LIVE: CalendarGoal.ON_AIR}


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarAim:
    """What the calendar is to hold of one live event; ``said`` is ``None``: it cannot be said."""

    key: ScheduledKey
    goal: CalendarGoal
    said: CalendarFields | None = None


def goal_of(event: CoveredEvent) -> CalendarGoal:
    """Return what the scheduled event of a live event is to be.

    A calendar is seen by the whole server: what is not public is not in it, even where people
    agreed to show it in a room.
    """
    if not event.info.is_public:
        return CalendarGoal.HIDDEN
    if event.is_gone:
        return CalendarGoal.CALLED_OFF
    if event.state.phase is LivePhase.ENDED:
        return _goal_at_end(event.state)
    if event.state.phase is LivePhase.CANCELLED and not is_surely_cancelled(event.state):
        # Discord knows no way back.
        return CalendarGoal.UNDECIDED
    return _GOALS.get(event.state.phase, CalendarGoal.CALLED_OFF)


def _goal_at_end(state: LiveState) -> CalendarGoal:
    if not state.is_settled:
        # It may come back.
        return CalendarGoal.UNDECIDED
    # What nobody saw on air may never have begun.
    return CalendarGoal.CALLED_OFF if state.started_at is None else CalendarGoal.OVER


def sentence(obstacle: CalendarObstacle) -> str:
    """Return what keeps scheduled events from being made, and what to do."""
    return _SENTENCES[obstacle]


def mark_of(key: ScheduledKey) -> str:
    """Return the end of a location's address by which ours is known again."""
    return f"event-{key.object_id}-{key.broadcast}"


def payload(said: CalendarFields, names: Collection[str]) -> dict[str, Any]:
    """Return these fields as Discord's API has them, but for the picture."""
    values: dict[str, Any] = {
        "name": {"name": said.name},
        "description": {"description": said.description or None},
        "location": {"entity_metadata": {"location": said.location}},
        "start": {"scheduled_start_time": said.start.isoformat()},
        "end": {"scheduled_end_time": said.end.isoformat()},
    }
    return {key: it for name in names if name in values for key, it in values[name].items()}
