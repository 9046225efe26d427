"""The calendars of servers: what is to be in them, and what is known of what is there."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, Row, and_, exists, func, or_, select, true

from ..domain.calendar import (
    CalendarFields,
    CalendarObstacle,
    CoveredEvent,
    KeptScheduled,
    ScheduledKey,
    ScheduledStage,
    ScheduledStatus,
)
from ..domain.model import GuildId, ObjectId
from .engine import Part, reads, writes
from .mapping import object_of, state_of
from .object_rows import SERVER_IS_BARRED
from .records import CalendarCounts, CalendarWork
from .sql import change, remove, upsert
from .tables import (
    attachments,
    barred_servers,
    followed,
    follows,
    objects,
    scheduled_events,
    servers,
)

_SAID: Final[TypeAdapter[CalendarFields]] = TypeAdapter(CalendarFields)
# What a follow has found, and is in its room: that nobody has taken out.
_COVERED = (
    select(follows.c.guild_id, *objects.c)
    .select_from(follows)
    .join(followed, followed.c.follow_id == follows.c.id)
    .join(
        attachments,
        and_(
            attachments.c.object_id == followed.c.object_id,
            attachments.c.guild_id == follows.c.guild_id,
            or_(
                attachments.c.room_id == follows.c.room_id,
                attachments.c.forum_id == follows.c.room_id,
            ),
        ),
    )
    .join(objects, objects.c.object_id == attachments.c.object_id)
    .where(
        follows.c.has_calendar,
        attachments.c.announces_live,
        objects.c.live_state.is_not(None),
        ~SERVER_IS_BARRED,
    )
    .order_by(objects.c.object_id)
)
_IS_SERVED = ~exists().where(barred_servers.c.guild_id == scheduled_events.c.guild_id)


class Calendars(Part):
    """The part of the store behind the scheduled events of servers."""

    @reads
    def work(
        self, connection: Connection, guild_id: GuildId | None = None
    ) -> dict[GuildId, CalendarWork]:
        """Return what is to be in the calendar of each server (of one), and what is kept of it.

        Servers that get nothing now are left out, and so are those without any of it.
        """
        covered: dict[GuildId, dict[ObjectId, CoveredEvent]] = defaultdict(dict)
        # Several follows may cover the same event.
        for row in connection.execute(_COVERED.where(_is_of(follows.c.guild_id, guild_id))):
            if (event := _covered_of(row)) is not None:
                covered[GuildId(row.guild_id)][event.info.object_id] = event
        kept: dict[GuildId, list[KeptScheduled]] = defaultdict(list)
        rows = select(scheduled_events).where(
            _IS_SERVED, _is_of(scheduled_events.c.guild_id, guild_id)
        )
        for row in connection.execute(rows.order_by(*scheduled_events.primary_key)):
            kept[GuildId(row.guild_id)].append(_kept_of(row))
        obstacles = _obstacles(connection, guild_id)
        return {
            one: CalendarWork(
                covered=tuple(covered[one].values()),
                kept=tuple(kept[one]),
                obstacle=obstacles.get(one),
            )
            for one in sorted(covered.keys() | kept.keys() | obstacles.keys())
        }

    @writes
    def keep(self, connection: Connection, guild_id: GuildId, kept: KeptScheduled) -> None:
        """Store how far a scheduled event has come; of one to be made, before it is asked for."""
        upsert(
            connection,
            scheduled_events,
            [
                {
                    "guild_id": guild_id,
                    **kept.key._asdict(),
                    "stage": kept.stage.value,
                    "scheduled_id": kept.scheduled_id,
                    "status": int(kept.status),
                    "said": _SAID.dump_json(kept.said).decode(),
                }
            ],
        )

    @writes
    def forget(self, connection: Connection, guild_id: GuildId, key: ScheduledKey) -> None:
        """Store nothing of a scheduled event any more."""
        this = [scheduled_events.c[name] == value for name, value in key._asdict().items()]
        remove(connection, scheduled_events, scheduled_events.c.guild_id == guild_id, *this)

    @writes
    def meet(
        self,
        connection: Connection,
        guild_id: GuildId,
        obstacle: CalendarObstacle | None,
        now: datetime,
    ) -> bool:
        """Store what is in a calendar's way, ``None``: nothing; say whether that is new."""
        before = _obstacles(connection, guild_id).get(guild_id)
        if before is obstacle:
            return False
        values = {
            "calendar_obstacle": None if obstacle is None else obstacle.value,
            "calendar_obstacle_at": None if obstacle is None else now,
        }
        upsert(connection, servers, [{"guild_id": guild_id, **values}])
        return True

    @reads
    def counts(self, connection: Connection, guild_id: GuildId) -> CalendarCounts:
        """Return how the calendar of a server stands."""
        mine = scheduled_events.c.guild_id == guild_id
        is_made = scheduled_events.c.stage.in_([ScheduledStage.MADE, ScheduledStage.EDITING])
        is_open = scheduled_events.c.status.in_(
            [int(one) for one in ScheduledStatus if not one.is_final]
        )
        made = connection.scalar(
            select(func.count()).select_from(scheduled_events).where(mine, is_made, is_open)
        )
        row = connection.execute(
            select(servers.c.calendar_obstacle, servers.c.calendar_obstacle_at).where(
                servers.c.guild_id == guild_id, servers.c.calendar_obstacle.is_not(None)
            )
        ).one_or_none()
        if row is None:
            return CalendarCounts(made=made or 0)
        return CalendarCounts(
            made=made or 0,
            obstacle=CalendarObstacle(row.calendar_obstacle),
            since=row.calendar_obstacle_at,
        )

    @reads
    def people(self, connection: Connection, guild_id: GuildId) -> list[int]:
        """Return who has asked for a calendar in a server, the last one first."""
        query = (
            select(follows.c.followed_by)
            .where(follows.c.guild_id == guild_id, follows.c.has_calendar)
            .order_by(follows.c.id.desc())
        )
        return list(dict.fromkeys(connection.scalars(query)))

    @writes
    def note_gone(self, connection: Connection, object_id: ObjectId, now: datetime) -> None:
        """Remember that the workspace has a live event no more; a look at it takes that back."""
        is_new = objects.c.gone_at.is_(None)
        change(connection, objects, objects.c.object_id == object_id, is_new, gone_at=now)


def _is_of(column: ColumnElement[Any], guild_id: GuildId | None) -> ColumnElement[bool]:
    return true() if guild_id is None else column == guild_id


def _covered_of(row: Row[Any]) -> CoveredEvent | None:
    state = state_of(row)
    if state is None:
        return None
    return CoveredEvent(info=object_of(row), state=state, is_gone=row.gone_at is not None)


def _kept_of(row: Row[Any]) -> KeptScheduled:
    return KeptScheduled(
        key=ScheduledKey(ObjectId(row.object_id), row.broadcast),
        stage=ScheduledStage(row.stage),
        said=_SAID.validate_json(row.said),
        status=ScheduledStatus(row.status),
        scheduled_id=row.scheduled_id,
    )


def _obstacles(connection: Connection, guild_id: GuildId | None) -> dict[GuildId, CalendarObstacle]:
    rows = connection.execute(
        select(servers.c.guild_id, servers.c.calendar_obstacle).where(
            servers.c.calendar_obstacle.is_not(None), _is_of(servers.c.guild_id, guild_id)
        )
    )
    return {GuildId(row.guild_id): CalendarObstacle(row.calendar_obstacle) for row in rows}
