"""Rows of questions, and of who has taken them, in somebody else's transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
)

from ..domain.board import MOST_ON_BOARD, QuestionsSeen
from ..domain.deeds import Actor
from ..domain.model import (
    Comment,
    CommentId,
    CommentKind,
    CommentStatus,
    GuildId,
    ObjectId,
)
from ..domain.shown import QuestionCounts, ViewerQuestion
from .object_rows import remembered
from .sql import Prepared, chunks, insert_missing, remove, upsert
from .tables import attachments, boards, questions, takings

IS_OPEN = questions.c.status == CommentStatus.OPEN.value
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_ASKED_AT = Prepared(
    select(questions.c.comment_id, questions.c.asked_at).where(
        questions.c.object_id == bindparam("of"), questions.c.comment_id.in_(_IDS)
    ),
    questions.c.comment_id,
    questions.c.asked_at,
)
_FREE = Prepared(
    delete(takings).where(takings.c.object_id == bindparam("of"), takings.c.comment_id.in_(_IDS))
)
OLDEST = (questions.c.asked_at, questions.c.comment_id)


def _count(which: ColumnElement[bool], name: str) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((which, 1), else_=0)), 0).label(name)


def _oldest(*which: ColumnElement[bool]) -> Prepared:
    of_it = questions.c.object_id == bindparam("of")
    query = select(questions).where(of_it, IS_OPEN, *which).order_by(*OLDEST)
    return Prepared(query.limit(bindparam("most")), *questions.c)


_counts = (
    _count(IS_OPEN, "open"),
    _count(IS_OPEN & questions.c.is_promoted, "promoted"),
    _count(questions.c.status == CommentStatus.ANSWERED.value, "answered"),
)
_COUNTS = Prepared(select(*_counts).where(questions.c.object_id == bindparam("of")), *_counts)
_OLDEST_OPEN, _OLDEST_PROMOTED = _oldest(), _oldest(questions.c.is_promoted)
_TAKEN = Prepared(select(takings).where(takings.c.object_id == bindparam("of")), *takings.c)


def question_of(row: Row[Any], taken_by: Actor | None = None) -> ViewerQuestion:
    """Read an open question."""
    return ViewerQuestion(
        comment_id=CommentId(row.comment_id),
        author=row.author,
        text=row.text,
        asked_at=row.asked_at,
        is_promoted=row.is_promoted,
        taken_by=taken_by,
    )


def counts_of(connection: Connection, object_id: ObjectId) -> QuestionCounts:
    """Count the questions of an object."""
    (row,) = _COUNTS.rows(connection, {"of": object_id})
    return QuestionCounts(open=row.open, promoted=row.promoted, answered=row.answered)


def open_rows(
    connection: Connection,
    object_id: ObjectId,
    *which: ColumnElement[bool],
    limit: int,
    offset: int = 0,
) -> Sequence[Row[Any]]:
    """Read open questions, oldest first."""
    query = select(questions).where(questions.c.object_id == object_id, IS_OPEN, *which)
    return connection.execute(query.order_by(*OLDEST).limit(limit).offset(offset)).all()


def seen_of(connection: Connection, object_id: ObjectId) -> QuestionsSeen:
    """Return what boards show of an object's questions."""
    oldest = _OLDEST_OPEN.rows(connection, {"of": object_id, "most": MOST_ON_BOARD})
    promoted = _OLDEST_PROMOTED.rows(connection, {"of": object_id, "most": 1})
    return QuestionsSeen(
        counts=counts_of(connection, object_id),
        oldest=tuple(question_of(row) for row in oldest),
        speaker=question_of(promoted[0]) if promoted else None,
    )


def taken_in(
    connection: Connection, object_id: ObjectId, guild_ids: Collection[GuildId]
) -> dict[GuildId, dict[CommentId, Actor]]:
    """Return who looks after which of an object's questions, in each of these servers."""
    found: dict[GuildId, dict[CommentId, Actor]] = {one: {} for one in guild_ids}
    for row in _TAKEN.rows(connection, {"of": object_id}):
        if (guild_id := GuildId(row.guild_id)) in found:
            actor = Actor(user_id=row.user_id, name=row.user_name)
            found[guild_id][CommentId(row.comment_id)] = actor
    return found


def start_keeping(connection: Connection, object_id: ObjectId) -> None:
    """Drop what is left of an earlier time, unless the questions are being kept already.

    Nobody has noted since what became of it.
    """
    if connection.scalar(select(is_kept(literal(object_id)))):
        return
    remove(connection, questions, questions.c.object_id == object_id)


def prune_unkept(connection: Connection) -> None:
    """Drop the questions that nobody asks for, and who looked after them."""
    remove(connection, questions, ~is_kept(questions.c.object_id))
    is_there = exists().where(
        questions.c.object_id == takings.c.object_id,
        questions.c.comment_id == takings.c.comment_id,
    )
    remove(connection, takings, ~is_there)


def is_kept(object_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Tell whether somebody asks for the questions of an object."""
    return or_(
        exists().where(boards.c.object_id == object_id),
        exists().where(attachments.c.object_id == object_id, attachments.c.has_actions),
    )


def keep(
    connection: Connection, object_id: ObjectId, found: Iterable[Comment], now: datetime
) -> None:
    """Write questions as they are now; when they were asked stays, unless it is told."""
    asked = list(found)
    first: dict[int, datetime] = {}
    for some in chunks(asked):
        these = {"of": object_id, "ids": [one.comment_id for one in some]}
        first |= {row.comment_id: row.asked_at for row in _ASKED_AT.rows(connection, these)}
    upsert(connection, questions, [_row(one, first.get(one.comment_id, now)) for one in asked])


def fill(
    connection: Connection, object_id: ObjectId, found: Iterable[Comment], now: datetime
) -> None:
    """Write questions that were read and are not there yet; what is there is newer.

    So is what the memory says of one that has gone since it was read.
    """
    asked = {one.comment_id: one for one in found if one.kind is CommentKind.QUESTION}
    known = remembered(connection, object_id, list(asked))
    there = [one for key, one in asked.items() if key not in known or not known[key].is_gone]
    rows = [_row(one, now) for one in there]
    insert_missing(connection, questions, rows, questions.c.comment_id)


def _row(asked: Comment, first: datetime) -> dict[str, Any]:
    return {
        "object_id": asked.object_id,
        "comment_id": asked.comment_id,
        "author": asked.author,
        "text": asked.text,
        "asked_at": asked.created_at or first,
        "is_promoted": asked.is_promoted,
        "status": asked.status.value,
    }


def drop(connection: Connection, object_id: ObjectId, ids: Sequence[CommentId]) -> bool:
    """Drop what is not to be seen among the questions any more; return whether any was there."""
    count = 0
    for some in chunks(ids):
        which = (questions.c.object_id == object_id, questions.c.comment_id.in_(some))
        count += remove(connection, questions, *which)
    if count:
        free(connection, object_id, ids)
    return count > 0


def free(connection: Connection, object_id: ObjectId, ids: Sequence[CommentId]) -> None:
    """Have nobody look after these any more, in any server."""
    for some in chunks(ids):
        _FREE.rows(connection, {"of": object_id, "ids": list(some)})
