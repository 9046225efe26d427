"""What becomes of notices whose comment has changed or gone, in somebody else's transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Text, and_, cast, func, or_, select

from ..domain import ingest
from ..domain.ingest import Trust
from ..domain.model import Comment, CommentId, CommentNotice, NewNotice, Notice, ObjectId, RoomId
from .mapping import attachment_of, notice_of
from .memory import attachment_rows, put
from .records import Tracked
from .sql import change, chunks, remove
from .tables import NoticeStage, attachments, comments, notices


def correct(
    connection: Connection,
    rooms: Sequence[Row[Any]],
    corrected: Mapping[CommentId, Comment],
    *,
    is_confirmed: bool,
    forged: Collection[CommentId],
) -> frozenset[RoomId]:
    """Bring the notices of comments up to date; return the rooms with a message to edit.

    What waits and is not for its room any more is withdrawn. ``forged``: those of which realtime
    had said something else.
    """
    rules = {row.id: attachment_of(row).rules for row in rooms}

    def now_true(row: Row[Any], notice: CommentNotice) -> Notice | None:
        comment, its_rules = corrected[row.comment_id], rules[row.attachment_id]
        waits = row.stage == NoticeStage.PENDING
        if waits and not ingest.accepts(its_rules.comments, comment):
            return None
        return ingest.updated(
            notice,
            comment,
            its_rules,
            is_confirmed=is_confirmed,
            is_forged=row.comment_id in forged,
        )

    return _revise(connection, list(rules), list(corrected), now_true)


def take_away(
    connection: Connection, object_id: ObjectId, gone: Collection[CommentId]
) -> frozenset[RoomId]:
    """Have comments leave no text behind; return the rooms with a message to edit."""
    rooms = attachment_rows(connection, attachments.c.object_id == object_id)
    for ids in chunks(list(gone)):
        which = (comments.c.object_id == object_id, comments.c.comment_id.in_(ids))
        change(connection, comments, *which, is_gone=True, trust=Trust.CONFIRMED)

    return _revise(connection, [row.id for row in rooms], list(gone), _emptied)


def disown(
    connection: Connection, object_id: ObjectId, denied: Collection[CommentId]
) -> tuple[frozenset[CommentId], frozenset[RoomId]]:
    """Have what realtime alone has told of leave no trace, so that a real one may come.

    Returns those of the comments that were such, and the rooms with a message to edit.
    """
    forged: list[CommentId] = []
    rooms = frozenset[RoomId]()
    held = [row.id for row in attachment_rows(connection, attachments.c.object_id == object_id)]
    for ids in chunks(list(denied)):
        which = (
            comments.c.object_id == object_id,
            comments.c.comment_id.in_(ids),
            comments.c.trust == Trust.NEW,
        )
        found = connection.scalars(select(comments.c.comment_id).where(*which)).all()
        rooms |= _free(connection, held, found)
        remove(connection, comments, *which)
        forged += found
    return frozenset(forged), rooms


def displace(
    connection: Connection, rooms: Sequence[Row[Any]], new: Iterable[NewNotice]
) -> frozenset[RoomId]:
    """Take comments out of rooms that realtime told of on another object than they are on.

    Args:
        connection: within whose transaction.
        rooms: the attachments of the object that they are on.
        new: their notices.

    Returns:
        The rooms where they may come in now.
    """
    of_rooms = {one.room_id for one in new}
    keys = {one.event_key for one in new}
    own = [row.id for row in rooms]
    freed = frozenset[RoomId]()
    for some in chunks(list(keys)):
        found = connection.execute(
            select(notices.c.room_id, notices.c.attachment_id, notices.c.comment_id)
            .join(attachments, notices.c.attachment_id == attachments.c.id)
            .join(
                comments,
                and_(
                    comments.c.object_id == attachments.c.object_id,
                    comments.c.comment_id == notices.c.comment_id,
                ),
            )
            .where(
                notices.c.room_id.in_(of_rooms),
                notices.c.event_key.in_(some),
                notices.c.attachment_id.not_in(own),
                comments.c.trust == Trust.NEW,
            )
        )
        for row in found.all():
            _free(connection, [row.attachment_id], [row.comment_id])
            freed |= {RoomId(row.room_id)}
    return freed


def _free(
    connection: Connection, attachment_ids: Sequence[int], ids: Sequence[CommentId]
) -> frozenset[RoomId]:
    """Empty the notices of comments, and make them those of nobody."""
    rooms = _revise(connection, attachment_ids, ids, _emptied)
    freed = notices.c.event_key + "@" + cast(notices.c.id, Text)
    which = (notices.c.attachment_id.in_(attachment_ids), notices.c.comment_id.in_(ids))
    change(connection, notices, *which, event_key=freed, comment_id=None, attachment_id=None)
    return rooms


def _emptied(row: Row[Any], notice: CommentNotice) -> Notice | None:
    return None if row.stage == NoticeStage.PENDING else ingest.removed(notice)


def tracked(
    connection: Connection, object_ids: Collection[ObjectId], since: CommentId | None
) -> list[Tracked]:
    """Return the comments that rooms show, from ``since`` on, and all promoted ones.

    Not those that realtime alone has told of: no reading has ever found them.
    """
    found: list[Tracked] = []
    query = (
        select(notices.c.comment_id, attachments.c.object_id, comments.c.is_promoted)
        .join(attachments, notices.c.attachment_id == attachments.c.id)
        .join(
            comments,
            and_(
                comments.c.object_id == attachments.c.object_id,
                comments.c.comment_id == notices.c.comment_id,
            ),
        )
        .where(notices.c.payload != "", ~comments.c.is_gone, comments.c.trust != Trust.NEW)
        .distinct()
    )
    if since is not None:
        query = query.where(or_(notices.c.comment_id >= since, comments.c.is_promoted))
    for ids in chunks(list(object_ids)):
        rows = connection.execute(query.where(attachments.c.object_id.in_(ids)))
        found += [
            Tracked(
                object_id=ObjectId(row.object_id),
                comment_id=CommentId(row.comment_id),
                is_promoted=row.is_promoted,
            )
            for row in rows
        ]
    return found


def newest_tracked(
    connection: Connection, object_ids: Collection[ObjectId], before: datetime
) -> CommentId | None:
    """Return the newest comment that rooms have been about to show since before a time."""
    newest: list[CommentId] = []
    query = (
        select(func.max(notices.c.comment_id))
        .join(attachments, notices.c.attachment_id == attachments.c.id)
        .where(notices.c.payload != "", notices.c.queued_at < before)
    )
    for ids in chunks(list(object_ids)):
        found = connection.scalar(query.where(attachments.c.object_id.in_(ids)))
        newest += [] if found is None else [CommentId(found)]
    return max(newest, default=None)


def _revise(
    connection: Connection,
    attachment_ids: Sequence[int],
    ids: Sequence[CommentId],
    by: Callable[[Row[Any], CommentNotice], Notice | None],
) -> frozenset[RoomId]:
    rooms = set()
    for some in chunks(ids):
        found = connection.execute(
            select(notices).where(
                notices.c.attachment_id.in_(attachment_ids),
                notices.c.comment_id.in_(some),
                # Too old to be edited; only its key is kept.
                notices.c.payload != "",
            )
        )
        for row in found.all():
            old = notice_of(row.payload)
            if isinstance(old, CommentNotice) and put(connection, row, by(row, old)):
                rooms.add(RoomId(row.room_id))
    return frozenset(rooms)
