"""What news of a live event do to its state and its cards, in somebody else's transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ..relay import cards, codec, live
from ..relay.live import LiveChange
from ..relay.model import Attachment, LiveNotice, LiveObservation, LiveState, ObjectInfo, RoomId
from .memory import attachment_rows, enqueue, locked_object
from .records import Ingested
from .rows import attachment_of, notice_of, object_of, object_values, state_of
from .samples import series_of
from .sql import change, remove
from .tables import NoticeStage, attachments, notices, objects


async def take_live(
    connection: AsyncConnection,
    row: Row[Any],
    seen: LiveObservation,
    *,
    now: datetime,
    same_broadcast: timedelta,
) -> Ingested:
    """Advance the live event in ``row``, queue its new cards and update those there are.

    The first observation ever is remembered in silence.
    """
    info = object_of(row)
    before = state_of(row)
    if before is None:
        await keep_state(connection, info, live.first_state(seen, now))
        return Ingested()
    found = await attachment_rows(connection, attachments.c.object_id == info.object_id)
    rooms = [attachment_of(one) for one in found]
    queued: list[RoomId] = []
    changed: set[RoomId] = set()
    events = 0
    for state, happened in live.steps(before, seen, now, same_broadcast=same_broadcast):
        await keep_state(connection, info, state)
        queued += await enqueue(connection, cards.cards(info, state, happened, rooms), now)
        changed |= await show(connection, info, state)
        if happened is LiveChange.SETTLED:
            changed |= await settle(connection, info, state, rooms)
        events += state.phase is not before.phase
        before = state
    return Ingested(
        new_notices=len(queued), new_events=events, rooms=frozenset(changed.union(queued))
    )


async def keep_state(connection: AsyncConnection, of: ObjectInfo, state: LiveState) -> None:
    """Write the state of a live event."""
    await change(
        connection,
        objects,
        objects.c.object_id == of.object_id,
        live_state=codec.dump_state(state),
    )


async def show(connection: AsyncConnection, of: ObjectInfo, state: LiveState) -> frozenset[RoomId]:
    """Update the cards that show this state; return the rooms where one has changed."""
    return await _revised(connection, of, state, by=lambda old, _: cards.showing(old, of, state))


async def settle(
    connection: AsyncConnection,
    of: ObjectInfo,
    state: LiveState,
    rooms: Sequence[Attachment],
) -> frozenset[RoomId]:
    """Do what is to be done once a broadcast is over for good; return the rooms concerned."""
    rules = {one.attachment_id: one.rules for one in rooms}
    series = await series_of(connection, of.object_id, state)
    return await _revised(
        connection, of, state, by=lambda old, owner: cards.settled(old, rules[owner], series)
    )


async def _revised(
    connection: AsyncConnection,
    of: ObjectInfo,
    state: LiveState,
    *,
    by: Callable[[LiveNotice, int], LiveNotice],
) -> frozenset[RoomId]:
    """Put what ``by`` makes of them in place of a broadcast's cards.

    A card that waits is replaced in place, or dropped if nobody is to see it; one that is out, or
    on its way, becomes stale.
    """
    found = await connection.execute(
        select(notices)
        .join(attachments)
        .where(
            attachments.c.object_id == of.object_id,
            notices.c.event_key.in_(cards.card_keys(of.object_id, state)),
        )
    )
    rooms = set()
    for row in found.all():
        old, is_waiting = notice_of(row.payload), row.stage == NoticeStage.PENDING
        new = by(old, row.attachment_id) if isinstance(old, LiveNotice) else old
        if new == old:
            continue
        this = notices.c.id == row.id
        if is_waiting and isinstance(new, LiveNotice) and new.is_withdrawn:
            await remove(connection, notices, this)
            continue
        await change(connection, notices, this, payload=codec.dump(new), is_stale=not is_waiting)
        rooms.add(RoomId(row.room_id))
    return frozenset(rooms)


async def refresh(connection: AsyncConnection, info: ObjectInfo) -> frozenset[RoomId]:
    """Take a new title, link or picture of an object.

    The cards of a live event follow; returned are the rooms where one has changed.
    """
    row = await locked_object(connection, info.object_id)
    if row is None or object_of(row) == info:
        return frozenset()
    which = objects.c.object_id == info.object_id
    await change(connection, objects, which, **object_values(info))
    state = state_of(row)
    return frozenset() if state is None else await show(connection, info, state)
