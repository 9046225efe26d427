"""What becomes of notices whose comment has changed or gone, in somebody else's transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select

from ..relay import policy, showing
from ..relay.model import Comment, CommentId, CommentNotice, Notice, ObjectId, RoomId
from .memory import attachment_rows, put
from .records import Tracked
from .rows import attachment_of, notice_of
from .sql import change, chunks
from .tables import NoticeStage, attachments, comments, notices


def correct(
    connection: Connection, rooms: Sequence[Row[Any]], corrected: Mapping[CommentId, Comment]
) -> frozenset[RoomId]:
    """Bring the notices of comments up to date; return the rooms with a message to edit.

    What waits and is not for its room any more is withdrawn.
    """
    rules = {row.id: attachment_of(row).rules for row in rooms}

    def now_true(row: Row[Any], notice: CommentNotice) -> Notice | None:
        comment, its_rules = corrected[row.comment_id], rules[row.attachment_id]
        waits = row.stage == NoticeStage.PENDING
        if waits and not policy.accepts(its_rules.comments, comment):
            return None
        return showing.updated(notice, comment, its_rules)

    return _revise(connection, list(rules), list(corrected), now_true)


def take_away(
    connection: Connection, object_id: ObjectId, gone: Collection[CommentId]
) -> frozenset[RoomId]:
    """Have comments leave no text behind; return the rooms with a message to edit."""
    rooms = attachment_rows(connection, attachments.c.object_id == object_id)
    for ids in chunks(list(gone)):
        which = (comments.c.object_id == object_id, comments.c.comment_id.in_(ids))
        change(connection, comments, *which, is_gone=True)

    def emptied(row: Row[Any], notice: CommentNotice) -> Notice | None:
        return None if row.stage == NoticeStage.PENDING else showing.removed(notice)

    return _revise(connection, [row.id for row in rooms], list(gone), emptied)


def tracked(
    connection: Connection, object_ids: Collection[ObjectId], since: CommentId | None
) -> list[Tracked]:
    """Return the comments that rooms show, from ``since`` on, and all promoted ones."""
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
        .where(notices.c.payload != "", ~comments.c.is_gone)
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
