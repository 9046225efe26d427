"""Rows of the outbox: notices that come, wait and change, in somebody else's transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select, tuple_

from ..domain import batching, ingest
from ..domain.model import (
    Batch,
    CommentNotice,
    LiveNotice,
    NewNotice,
    Notice,
    ProgrammeNotice,
    QueuedNotice,
    RoomId,
)
from .mapping import notice_of, payload_of
from .sql import change, insert_missing, remove
from .tables import TAKEN_DOWN, NoticeStage, batches, notices

_ROWS_AT_ONCE = 500
# Notices with the fate of the message that carries them, as :func:`put` needs it.
_FATE = select(batches.c.fate).where(batches.c.id == notices.c.batch_id).scalar_subquery()
WITH_FATES = select(notices, _FATE.label("fate"))


def enqueue(
    connection: Connection,
    new: Sequence[NewNotice],
    now: datetime,
    *,
    bound: Mapping[RoomId, Batch] = MappingProxyType({}),
) -> list[QueuedNotice]:
    """Put notices into the outbox; return those that were not said in their room before.

    Those of the rooms in ``bound`` are bound into that batch.
    """
    rows = [_row_of(notice, now, bound.get(notice.room_id)) for notice in new]
    columns = (notices.c.id, notices.c.room_id, notices.c.event_key)
    by_key = {(one.room_id, one.event_key): one.notice for one in new}
    return [
        QueuedNotice(
            notice_id=row.id,
            room_id=RoomId(row.room_id),
            event_key=row.event_key,
            notice=by_key[row.room_id, row.event_key],
            queued_at=now,
        )
        for row in insert_missing(connection, notices, rows, *columns)
    ]


def _row_of(new: NewNotice, now: datetime, batch: Batch | None) -> dict[str, Any]:
    about = new.notice
    return {
        "room_id": new.room_id,
        "attachment_id": new.attachment_id,
        "event_key": new.event_key,
        "comment_id": about.comment.comment_id if isinstance(about, CommentNotice) else None,
        "payload": payload_of(about),
        "queued_at": now,
        # What is edited for as long as it is there.
        "is_live": isinstance(about, LiveNotice | ProgrammeNotice),
        "rank": batching.rank(about),
        "stage": NoticeStage.PENDING if batch is None else NoticeStage.BATCHED,
        "batch_id": None if batch is None else batch.batch_id,
        "position": 0,
        "is_stale": False,
    }


def waiting_rows(
    connection: Connection, room_ids: Collection[RoomId], *which: ColumnElement[bool]
) -> Iterator[Row[Any]]:
    """Read notices that wait in the rooms, some at a time: they may be very many."""
    place = tuple_(notices.c.rank, notices.c.id)
    for room_id in room_ids:
        last = (-1, -1)
        while rows := connection.execute(
            WITH_FATES.where(
                notices.c.stage == NoticeStage.PENDING,
                notices.c.room_id == room_id,
                place > last,
                *which,
            )
            .order_by(notices.c.rank, notices.c.id)
            .limit(_ROWS_AT_ONCE)
        ).all():
            yield from rows
            last = (rows[-1].rank, rows[-1].id)


def revise(
    connection: Connection,
    waiting: Iterable[Row[Any]],
    *,
    by: Callable[[Row[Any], Notice], Notice | None],
) -> None:
    """Put what ``by`` makes of them in place of notices that wait; ``None`` withdraws one."""
    for row in waiting:
        put(connection, row, by(row, notice_of(row.payload)))


def put(connection: Connection, row: Row[Any], new: Notice | None) -> bool:
    """Put a notice in the place of that in ``row``; return whether the room gets another now.

    ``row`` is one of ``WITH_FATES``. One that waits is replaced, or withdrawn where ``new`` is
    ``None``. One that is out, or on its way, becomes stale. One whose message was taken down waits
    again once it may be shown.
    """
    this = notices.c.id == row.id
    if new is None:
        remove(connection, notices, this)
        return False
    if new == notice_of(row.payload):
        return False
    values: dict[str, Any] = {"rank": batching.rank(new)}
    if row.fate == TAKEN_DOWN and not ingest.is_over(new):
        values |= {"stage": NoticeStage.PENDING, "batch_id": None, "is_stale": False}
    elif row.stage != NoticeStage.PENDING:
        values = {"is_stale": True}
    change(connection, notices, this, payload=payload_of(new), **values)
    return True
