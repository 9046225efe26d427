"""What news of a live event do to its state and its cards, in somebody else's transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from ..relay import codec, live
from ..relay.model import LiveNotice, LiveObservation, LiveState, Notice, ObjectInfo, RoomId
from .memory import attachment_rows, enqueue, locked_object
from .records import Ingested
from .rows import attachment_of, notice_of, object_of, object_values, state_of
from .sql import change
from .tables import NoticeStage, attachments, notices, objects


def take_live(
    connection: Connection, row: Row[Any], seen: LiveObservation, *, now: datetime
) -> Ingested:
    """Advance the live event in ``row``, queue its new cards and update those there are.

    The first observation ever is remembered in silence.
    """
    info = object_of(row)
    before = state_of(row)
    if before is None:
        keep_state(connection, info, live.first_state(seen, now))
        return Ingested()
    state, changes = live.advance(before, seen, now)
    keep_state(connection, info, state)
    rooms = attachment_rows(connection, attachments.c.object_id == info.object_id)
    cards = live.cards(info, state, changes, [attachment_of(room) for room in rooms])
    queued = enqueue(connection, cards, now)
    updated = show(connection, info, state)
    return Ingested(
        new_notices=len(queued),
        new_events=int(state.phase is not before.phase),
        rooms=updated.union(one.room_id for one in queued),
    )


def keep_state(connection: Connection, of: ObjectInfo, state: LiveState) -> None:
    """Write the state of a live event."""
    change(
        connection,
        objects,
        objects.c.object_id == of.object_id,
        live_state=codec.dump_state(state),
    )


def show(connection: Connection, of: ObjectInfo, state: LiveState) -> frozenset[RoomId]:
    """Update the cards that show this state; return the rooms where one has changed.

    A card that waits is replaced in place; one that is out, or on its way, becomes stale.
    """
    cards = connection.execute(
        select(notices)
        .join(attachments)
        .where(
            attachments.c.object_id == of.object_id,
            # Again, so that the unique key (room, event) serves.
            notices.c.room_id == attachments.c.room_id,
            notices.c.event_key.in_(live.card_keys(of.object_id, state)),
        )
    )
    rooms = set()
    for row in cards.all():
        old = notice_of(row.payload)
        new = _showing(old, of, state)
        if new != old:
            change(
                connection,
                notices,
                notices.c.id == row.id,
                payload=codec.dump(new),
                is_stale=row.stage != NoticeStage.PENDING,
            )
            rooms.add(RoomId(row.room_id))
    return frozenset(rooms)


def _showing(notice: Notice, of: ObjectInfo, state: LiveState) -> Notice:
    if not isinstance(notice, LiveNotice):
        return notice
    # When the event was looked at last is no news to anybody.
    state = replace(state, observed_at=notice.state.observed_at)
    return replace(notice, object=of, state=state)


def refresh(connection: Connection, info: ObjectInfo) -> frozenset[RoomId]:
    """Take a new title, link or picture of an object.

    The cards of a live event follow; returned are the rooms where one has changed.
    """
    row = locked_object(connection, info.object_id)
    if row is None or object_of(row) == info:
        return frozenset()
    which = objects.c.object_id == info.object_id
    change(connection, objects, which, **object_values(info))
    state = state_of(row)
    return frozenset() if state is None else show(connection, info, state)
