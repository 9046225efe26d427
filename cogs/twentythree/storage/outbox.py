"""The outbox: what waits in each room, and what is known of the messages that carried it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from ..relay.model import Batch, Notice, QueuedNotice, RoomId
from .engine import Part, whole
from .records import BatchPart, RoomWork
from .rows import batch_of, notice_of, queued_of
from .sql import change
from .tables import NoticeStage, attachments, batches, notices

DELIVERED = "delivered"
SPLIT = "split"

_UNSETTLED = batches.c.settled_at.is_(None)
# A message that never was, or is no more, cannot show too little.
_STALE = and_(
    batches.c.fate == DELIVERED,
    batches.c.id.in_(select(notices.c.batch_id).where(notices.c.is_stale)),
)
_PENDING = notices.c.stage == NoticeStage.PENDING


class Outbox(Part):
    """The part of the store that the room workers use."""

    @whole
    async def rooms_with_work(self) -> frozenset[RoomId]:
        """Return the rooms that have anything to send, settle or edit, paused ones included."""
        pending = select(notices.c.room_id).where(_PENDING)
        open_batches = select(batches.c.room_id).where(or_(_UNSETTLED, _STALE))
        async with self._database.read() as connection:
            found = await connection.execute(union(pending, open_batches))
            return frozenset(RoomId(room_id) for (room_id,) in found)

    @whole
    async def work(self, room_id: RoomId, limit: int = 200) -> RoomWork:
        """Return what is to be done in a room; at most ``limit`` pending notices."""
        query = (
            select(notices)
            .where(_PENDING, notices.c.room_id == room_id)
            .order_by(notices.c.rank, notices.c.id)
            .limit(limit)
        )
        async with self._database.read() as connection:
            pending = (await connection.execute(query)).all()
            max_age_s = await connection.scalar(
                select(func.min(attachments.c.max_age_s)).where(attachments.c.room_id == room_id)
            )
            return RoomWork(
                unsettled=await _batches(connection, room_id, _UNSETTLED),
                pending=tuple(queued_of(row) for row in pending),
                stale=await _batches(connection, room_id, _STALE),
                max_age_s=max_age_s,
            )

    @whole
    async def start_batch(
        self,
        room_id: RoomId,
        queued: Sequence[QueuedNotice],
        *,
        nonce: str,
        body: str,
        now: datetime,
    ) -> Batch | None:
        """Bind pending notices into a batch, in this order, before the first attempt to send.

        A notice whose payload has changed since it was read makes the batch stale from the
        start: it is posted as ``body``, and edited then.

        Returns:
            The batch, or ``None`` where one of the notices is not pending any more (detached
            in the meantime): nothing has changed then, read the work again.
        """
        async with self._database.write() as connection:
            stored = await _stored(connection, queued, _PENDING)
            if len(stored) < len(queued):
                return None
            batch_id = await _insert(connection, room_id, nonce=nonce, body=body, created_at=now)
            for position, notice in enumerate(queued):
                await change(
                    connection,
                    notices,
                    notices.c.id == notice.notice_id,
                    stage=NoticeStage.BATCHED,
                    batch_id=batch_id,
                    position=position,
                    is_stale=stored[notice.notice_id] != notice.notice,
                )
            (batch,) = await _batches(connection, room_id, batches.c.id == batch_id)
            return batch

    @whole
    async def split(self, batch: Batch, parts: Sequence[BatchPart]) -> None:
        """Put several batches, each to be sent, in place of one that is not taken as it is.

        They go in the order of their notices, as if they had been stored when the one was.
        """
        async with self._database.write() as connection:
            for part in parts:
                batch_id = await _insert(
                    connection,
                    batch.room_id,
                    nonce=part.nonce,
                    body=part.body,
                    created_at=batch.created_at,
                )
                ids = [notice.notice_id for notice in part.notices]
                await change(connection, notices, notices.c.id.in_(ids), batch_id=batch_id)
            this = batches.c.id == batch.batch_id
            await change(connection, batches, this, fate=SPLIT, settled_at=batch.created_at)

    @whole
    async def record_attempt(self, batch_id: int) -> None:
        """Count an attempt to send the batch, before it is made."""
        async with self._database.write() as connection:
            attempts = batches.c.attempts + 1
            await change(connection, batches, batches.c.id == batch_id, attempts=attempts)

    @whole
    async def settle(self, batch_id: int, *, message_id: int, shown: str, now: datetime) -> None:
        """Record that the batch became the message ``message_id`` and shows ``shown``.

        Notices that changed since the batch was started stay stale.
        """
        await self._end_batch(
            batch_id, fate=DELIVERED, message_id=message_id, shown=shown, settled_at=now
        )

    @whole
    async def give_up(self, batch_id: int, *, reason: str, now: datetime) -> None:
        """Record that the batch will never be sent, or that its message is gone for good."""
        await self._end_batch(batch_id, fate=reason, settled_at=now)

    @whole
    async def mark_shown(self, batch: Batch, *, shown: str) -> None:
        """Record that the message has been edited to show ``batch.notices`` as given.

        A notice that has changed since ``batch`` was read stays stale.
        """
        async with self._database.write() as connection:
            stored = await _stored(connection, batch.notices)
            now_shown = [
                notice.notice_id
                for notice in batch.notices
                if stored.get(notice.notice_id) == notice.notice
            ]
            await change(connection, batches, batches.c.id == batch.batch_id, shown=shown)
            await change(connection, notices, notices.c.id.in_(now_shown), is_stale=False)

    @whole
    async def oldest_pending(self, room_id: RoomId | None = None) -> datetime | None:
        """Return since when the oldest unconfirmed notice (of the room) has been waiting."""
        query = select(func.min(notices.c.queued_at)).where(notices.c.stage != NoticeStage.DONE)
        if room_id is not None:
            query = query.where(notices.c.room_id == room_id)
        async with self._database.read() as connection:
            oldest: datetime | None = await connection.scalar(query)
            return oldest

    async def _end_batch(self, batch_id: int, **values: object) -> None:
        async with self._database.write() as connection:
            await change(connection, batches, batches.c.id == batch_id, **values)
            await change(
                connection, notices, notices.c.batch_id == batch_id, stage=NoticeStage.DONE
            )


async def _insert(connection: AsyncConnection, room_id: RoomId, **values: object) -> int:
    inserted = await connection.execute(
        batches.insert().values(room_id=room_id, attempts=0, **values).returning(batches.c.id)
    )
    batch_id: int = inserted.scalar_one()
    return batch_id


async def _stored(
    connection: AsyncConnection, queued: Sequence[QueuedNotice], *conditions: ColumnElement[bool]
) -> dict[int, Notice]:
    """Return what is stored now in place of the notices given, by ID."""
    # Payloads are compared as values: their spelling may differ between versions.
    found = await connection.execute(
        select(notices.c.id, notices.c.payload)
        .where(notices.c.id.in_([notice.notice_id for notice in queued]), *conditions)
        .with_for_update()
    )
    return {row.id: notice_of(row.payload) for row in found}


async def _batches(
    connection: AsyncConnection, room_id: RoomId, which: ColumnElement[bool]
) -> tuple[Batch, ...]:
    found = await connection.execute(select(batches).where(batches.c.room_id == room_id, which))
    rows = found.all()
    if not rows:
        return ()
    carried = await connection.execute(
        select(notices)
        .where(notices.c.batch_id.in_([row.id for row in rows]))
        .order_by(notices.c.batch_id, notices.c.position)
    )
    queued: dict[int, list[QueuedNotice]] = {row.id: [] for row in rows}
    first: dict[int, int] = {}
    stale = set()
    for row in carried:
        first.setdefault(row.batch_id, row.position)
        queued[row.batch_id].append(queued_of(row))
        if row.is_stale:
            stale.add(row.batch_id)
    # The parts of one batch were stored at the same moment, and keep their places.
    rows = sorted(rows, key=lambda row: (row.created_at, first.get(row.id, 0), row.id))
    return tuple(batch_of(row, queued[row.id], is_stale=row.id in stale) for row in rows)
