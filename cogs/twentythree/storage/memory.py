"""Reading and writing in somebody else's transaction: objects, memory, outbox rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ..relay import batching, codec
from ..relay.ingest import Remembered
from ..relay.model import (
    Attachment,
    CommentId,
    CommentNotice,
    LiveNotice,
    NewNotice,
    Notice,
    ObjectId,
    RoomId,
)
from .rows import attachment_of, notice_of
from .sql import change, chunks, insert_missing, remove, upsert
from .tables import NoticeStage, attachments, comments, notices, objects


async def locked_object(connection: AsyncConnection, object_id: ObjectId) -> Row[Any] | None:
    """Read an object that nobody else may change until the end of the transaction."""
    query = select(objects).where(objects.c.object_id == object_id).with_for_update()
    return (await connection.execute(query)).one_or_none()


async def attachment_rows(
    connection: AsyncConnection, *which: ColumnElement[bool]
) -> Sequence[Row[Any]]:
    """Read attachments with their objects, by ID."""
    query = (
        select(attachments, *(column for column in objects.c if column.name != "object_id"))
        .join(objects)
        .where(*which)
        .order_by(attachments.c.id)
    )
    return (await connection.execute(query)).all()


async def find_attachment(
    connection: AsyncConnection, room_id: RoomId, object_id: ObjectId
) -> Attachment | None:
    """Return the attachment of an object to a room, or ``None``."""
    rows = await attachment_rows(
        connection, attachments.c.room_id == room_id, attachments.c.object_id == object_id
    )
    return attachment_of(rows[0]) if rows else None


async def forget_object(connection: AsyncConnection, object_id: ObjectId) -> None:
    """Delete an object that is attached nowhere, with the memory of its comments."""
    await remove(connection, comments, comments.c.object_id == object_id)
    await remove(connection, objects, objects.c.object_id == object_id)


async def raise_watermark(
    connection: AsyncConnection, object_ids: Collection[ObjectId], to: CommentId | None
) -> None:
    """Set the watermark of objects, unless it is as high already."""
    if to is None:
        return
    is_lower = or_(objects.c.watermark.is_(None), objects.c.watermark < to)
    await change(connection, objects, objects.c.object_id.in_(object_ids), is_lower, watermark=to)


async def enqueue(
    connection: AsyncConnection, new: Sequence[NewNotice], now: datetime
) -> list[RoomId]:
    """Put notices into the outbox; return the room of each that was not said there before."""
    rows = [
        {
            "room_id": notice.room_id,
            "attachment_id": notice.attachment_id,
            "event_key": notice.event_key,
            "comment_id": comment_id_of(notice.notice),
            "payload": codec.dump(notice.notice),
            "queued_at": now,
            "is_live": isinstance(notice.notice, LiveNotice),
            "rank": batching.rank(notice.notice),
            "stage": NoticeStage.PENDING,
            "is_stale": False,
        }
        for notice in new
    ]
    inserted = await insert_missing(connection, notices, rows, notices.c.room_id)
    return [RoomId(row.room_id) for row in inserted]


async def revise(
    connection: AsyncConnection,
    *which: ColumnElement[bool],
    by: Callable[[Row[Any], Notice], Notice | None],
) -> None:
    """Put what ``by`` makes of them in place of notices that wait; ``None`` withdraws one."""
    waiting = await connection.execute(
        select(notices).where(notices.c.stage == NoticeStage.PENDING, *which)
    )
    for row in waiting.all():
        await put(connection, row, by(row, notice_of(row.payload)))


async def put(connection: AsyncConnection, row: Row[Any], new: Notice | None) -> bool:
    """Put a notice in the place of that in ``row``; return whether there is a message to edit.

    One that waits is replaced, or withdrawn where ``new`` is ``None``. One that is out, or on its
    way, becomes stale.
    """
    this = notices.c.id == row.id
    is_out = bool(row.stage != NoticeStage.PENDING)
    if new is None:
        await remove(connection, notices, this)
        return False
    if new == notice_of(row.payload):
        return False
    values = {"is_stale": True} if is_out else {"rank": batching.rank(new)}
    await change(connection, notices, this, payload=codec.dump(new), **values)
    return is_out


def comment_id_of(notice: Notice) -> CommentId | None:
    """Return the comment that a notice is about, or ``None``."""
    return notice.comment.comment_id if isinstance(notice, CommentNotice) else None


async def remember(
    connection: AsyncConnection, object_id: ObjectId, seen: Collection[Remembered]
) -> None:
    """Write comments into the memory. No comment twice in ``seen``."""
    rows = [
        {
            "object_id": object_id,
            "comment_id": one.comment_id,
            "is_promoted": one.is_promoted,
            "fingerprint": one.fingerprint,
            "is_gone": one.is_gone,
        }
        for one in seen
    ]
    await upsert(connection, comments, rows)


async def remembered(
    connection: AsyncConnection, object_id: ObjectId, ids: Sequence[CommentId]
) -> dict[CommentId, Remembered]:
    """Return what the memory holds of the comments with these IDs."""
    found: dict[CommentId, Remembered] = {}
    for chunk in chunks(ids):
        rows = await connection.execute(
            select(comments).where(
                comments.c.object_id == object_id, comments.c.comment_id.in_(chunk)
            )
        )
        for row in rows:
            comment_id = CommentId(row.comment_id)
            found[comment_id] = Remembered(
                comment_id=comment_id,
                is_promoted=row.is_promoted,
                fingerprint=row.fingerprint,
                is_gone=row.is_gone,
            )
    return found
