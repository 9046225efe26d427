"""Reading and writing in somebody else's transaction: objects, memory, outbox rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, or_, select, tuple_

from ..domain import batching, ingest
from ..domain.ingest import Remembered, Trust
from ..domain.model import (
    Attachment,
    Batch,
    CommentId,
    CommentNotice,
    LiveNotice,
    NewNotice,
    Notice,
    ObjectId,
    ProgrammeNotice,
    QueuedNotice,
    RoomId,
)
from .mapping import attachment_of, notice_of, payload_of
from .sql import change, chunks, insert_missing, remove, upsert
from .tables import (
    TAKEN_DOWN,
    NoticeStage,
    attachments,
    barred_servers,
    batches,
    channels,
    comments,
    notices,
    objects,
    samples,
)

_ROWS_AT_ONCE = 500
_LOCKED_OBJECT = select(objects).where(objects.c.object_id == bindparam("of")).with_for_update()
_REMEMBERED = select(comments).where(
    comments.c.object_id == bindparam("of"),
    comments.c.comment_id.in_(bindparam("ids", expanding=True)),
)
# Attachments with their objects, and with what bars their servers.
WITH_OBJECTS = (
    select(
        attachments,
        *(column for column in objects.c if column.name != "object_id"),
        barred_servers.c.bar.label("server_bar"),
        barred_servers.c.since.label("server_barred_since"),
    )
    .join(objects)
    .outerjoin(barred_servers, barred_servers.c.guild_id == attachments.c.guild_id)
    .order_by(attachments.c.id)
)


def locked_object(connection: Connection, object_id: ObjectId) -> Row[Any] | None:
    """Read an object that nobody else may change until the end of the transaction."""
    return connection.execute(_LOCKED_OBJECT, {"of": object_id}).one_or_none()


def lock_object(connection: Connection, object_id: ObjectId) -> None:
    """Keep everybody else from changing an object until the end of the transaction."""
    if connection.dialect.name != "sqlite":  # whose writers are alone already
        locked_object(connection, object_id)


def attachment_rows(connection: Connection, *which: ColumnElement[bool]) -> Sequence[Row[Any]]:
    """Read attachments with their objects, by ID."""
    return connection.execute(WITH_OBJECTS.where(*which)).all()


def find_attachment(
    connection: Connection, room_id: RoomId, object_id: ObjectId
) -> Attachment | None:
    """Return the attachment of an object to a room, or ``None``."""
    rows = attachment_rows(
        connection, attachments.c.room_id == room_id, attachments.c.object_id == object_id
    )
    return attachment_of(rows[0]) if rows else None


def forget_object(connection: Connection, object_id: ObjectId) -> None:
    """Delete an object that is attached nowhere, with all that is known of it."""
    remove(connection, channels, channels.c.object_id == object_id)
    remove(connection, samples, samples.c.object_id == object_id)
    remove(connection, comments, comments.c.object_id == object_id)
    remove(connection, objects, objects.c.object_id == object_id)


def raise_watermark(
    connection: Connection, object_ids: Collection[ObjectId], to: CommentId | None
) -> None:
    """Set the watermark of objects, unless it is as high already."""
    if to is None:
        return
    is_lower = or_(objects.c.watermark.is_(None), objects.c.watermark < to)
    change(connection, objects, objects.c.object_id.in_(object_ids), is_lower, watermark=to)


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
    return {
        "room_id": new.room_id,
        "attachment_id": new.attachment_id,
        "event_key": new.event_key,
        "comment_id": comment_id_of(new.notice),
        "payload": payload_of(new.notice),
        "queued_at": now,
        # What is edited for as long as it is there.
        "is_live": isinstance(new.notice, LiveNotice | ProgrammeNotice),
        "rank": batching.rank(new.notice),
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
            select(notices)
            .where(
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
    """Put a notice in the place of that in ``row``; return whether its room has work.

    One that waits is replaced, or withdrawn where ``new`` is ``None``. One that is out, or on its
    way, becomes stale. One whose message was taken down waits again once it may be shown.
    """
    this = notices.c.id == row.id
    is_out = bool(row.stage != NoticeStage.PENDING)
    if new is None:
        remove(connection, notices, this)
        return False
    if new == notice_of(row.payload):
        return False
    if is_out and not ingest.is_over(new) and _is_taken_down(connection, row.batch_id):
        again = {"stage": NoticeStage.PENDING, "batch_id": None, "is_stale": False}
        rank = batching.rank(new)
        change(connection, notices, this, payload=payload_of(new), rank=rank, **again)
        return True
    values = {"is_stale": True} if is_out else {"rank": batching.rank(new)}
    change(connection, notices, this, payload=payload_of(new), **values)
    return is_out


def _is_taken_down(connection: Connection, batch_id: int | None) -> bool:
    query = select(batches.c.fate).where(batches.c.id == batch_id)
    return connection.scalar(query) == TAKEN_DOWN


def comment_id_of(notice: Notice) -> CommentId | None:
    """Return the comment that a notice is about, or ``None``."""
    return notice.comment.comment_id if isinstance(notice, CommentNotice) else None


def remember(connection: Connection, object_id: ObjectId, seen: Collection[Remembered]) -> None:
    """Write comments into the memory. No comment twice in ``seen``."""
    rows = [
        {
            "object_id": object_id,
            "comment_id": one.comment_id,
            "is_promoted": one.is_promoted,
            "fingerprint": one.fingerprint,
            "is_gone": one.is_gone,
            "trust": one.trust,
        }
        for one in seen
    ]
    upsert(connection, comments, rows)


def remembered(
    connection: Connection, object_id: ObjectId, ids: Sequence[CommentId]
) -> dict[CommentId, Remembered]:
    """Return what the memory holds of the comments with these IDs."""
    found: dict[CommentId, Remembered] = {}
    for chunk in chunks(ids):
        for row in connection.execute(_REMEMBERED, {"of": object_id, "ids": list(chunk)}):
            comment_id = CommentId(row.comment_id)
            found[comment_id] = Remembered(
                comment_id=comment_id,
                is_promoted=row.is_promoted,
                fingerprint=row.fingerprint,
                is_gone=row.is_gone,
                trust=Trust(row.trust),
            )
    return found
