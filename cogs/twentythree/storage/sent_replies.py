"""Replies that were sent from rooms: known among the comments, and shown under their questions.

All of it happens in somebody else's transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, or_, select, text

from ..domain import acting, ingest
from ..domain.acting import Effect, is_made_by
from ..domain.deeds import Action
from ..domain.ingest import Remembered, Trust
from ..domain.model import (
    Comment,
    CommentId,
    CommentNotice,
    GuildId,
    NewNotice,
    ObjectId,
    RoomId,
    SentReply,
)
from .mapping import actor_of, intent_of
from .object_rows import remember, remembered, rows_of_object
from .outbox_rows import revise_comments
from .sql import (
    REPLY,
    DeedStage,
    change,
    chunks,
)
from .tables import (
    comments,
    trail,
)

# What was replied to each question, and from which server.
Replies: TypeAlias = Mapping[CommentId, Sequence[tuple[GuildId, SentReply]]]

_IS_SENT = trail.c.effect == Effect.DONE
_IS_GONE = exists().where(
    comments.c.object_id == trail.c.object_id,
    comments.c.comment_id == trail.c.made_id,
    comments.c.is_gone,
)


def recognised(
    connection: Connection,
    object_id: ObjectId,
    found: Iterable[Comment],
    memory: Mapping[CommentId, Remembered],
) -> dict[CommentId, Row[Any]]:
    """Return which of the comments are our replies, each with its row of the trail.

    One that was never seen, or that realtime alone has told of, is known by what it says; which
    comment that is, is noted.
    """
    comments_found = ingest.in_order(found)
    ids = [one.comment_id for one in comments_found]
    ours, expected = _made_or_awaited(connection, object_id, ids)
    vouched = {one for one, held in memory.items() if held.trust is not Trust.NEW}
    for comment in comments_found:
        if comment.comment_id in vouched or comment.comment_id in ours:
            continue
        for row in [one for one in expected if is_made_by(comment, intent_of(one))]:
            expected.remove(row)
            if _named(connection, row, comment.comment_id):
                ours[comment.comment_id] = row
                break
    return ours


def _made_or_awaited(
    connection: Connection, object_id: ObjectId, ids: Sequence[CommentId]
) -> tuple[dict[CommentId, Row[Any]], list[Row[Any]]]:
    """Return which of these are our replies, and the rows of those that are still to be met.

    In one look: meanwhile the workspace may tell which comment a reply has become.
    """
    # Words that are forgotten are nobody's.
    is_awaited = and_(trail.c.made_id.is_(None), trail.c.text != "")
    ours, expected = dict[CommentId, Row[Any]](), dict[int, Row[Any]]()
    for some in chunks(ids):
        for row in _rows(connection, object_id, or_(trail.c.made_id.in_(some), is_awaited)):
            if row.made_id is None:
                expected[row.id] = row
            else:
                ours[CommentId(row.made_id)] = row
    return ours, list(expected.values())


def _named(connection: Connection, row: Row[Any], comment_id: CommentId) -> bool:
    """Note which comment a reply has become; return whether it is not known as another by now."""
    is_free = or_(trail.c.made_id.is_(None), trail.c.made_id == comment_id)
    return change(connection, trail, trail.c.id == row.id, is_free, made_id=comment_id) > 0


def show(
    connection: Connection,
    object_id: ObjectId,
    ours: Mapping[CommentId, Row[Any]],
    said: Mapping[CommentId, Comment],
) -> frozenset[RoomId]:
    """Show replies under their questions as they are now; return the rooms with a message to edit.

    What is not settled yet waits for that. ``said``: the comments that are otherwise than before.
    """
    sent: dict[CommentId, list[tuple[GuildId, SentReply]]] = {}
    for comment_id in sorted(ours.keys() & said.keys()):
        row, comment = ours[comment_id], said[comment_id]
        if row.stage == DeedStage.DONE:
            reply = replace(_as_sent(row, comment_id), name=comment.author, text=comment.text)
            sent.setdefault(row.comment_id, []).append((row.guild_id, reply))
    return _put_under(connection, object_id, sent)


def show_settled(connection: Connection, object_id: ObjectId, intent_id: int) -> frozenset[RoomId]:
    """Show a reply that was just settled under its question, and have it be no news anywhere.

    Nothing happens where the action was no reply, before it is known which comment that is, or
    where it is gone already.
    """
    this = (trail.c.id == intent_id, trail.c.made_id.is_not(None))
    row = next(iter(_rows(connection, object_id, *this)), None)
    if row is None:
        return frozenset()
    made_id = CommentId(row.made_id)
    known = remembered(connection, object_id, [made_id]).get(made_id)
    if known is None:
        remember(connection, object_id, [Remembered(comment_id=made_id, is_promoted=False)])
    elif known.is_gone:
        return frozenset()
    sent = {CommentId(row.comment_id): [(GuildId(row.guild_id), _as_sent(row, made_id))]}
    return _put_under(connection, object_id, sent)


def show_kept(connection: Connection, object_id: ObjectId) -> frozenset[RoomId]:
    """Show what was replied while rooms could not show it; return the rooms with an edit."""
    which = (_IS_SENT, trail.c.made_id.is_not(None), ~_IS_GONE, trail.c.text != "")
    questions = {CommentId(row.comment_id) for row in _rows(connection, object_id, *which)}
    return _put_under(connection, object_id, of_questions(connection, object_id, list(questions)))


def retract(
    connection: Connection, object_id: ObjectId, gone: Collection[CommentId]
) -> frozenset[RoomId]:
    """Take replies that are gone from under their questions; return the rooms with an edit."""
    questions = {CommentId(row.comment_id) for row in _made(connection, object_id, gone).values()}
    if not questions:
        return frozenset()
    held = [row.id for row in rows_of_object(connection, object_id)]
    return revise_comments(
        connection,
        held,
        list(questions),
        lambda _, notice: acting.without_replies(notice, gone),
    )


def disown(
    connection: Connection, object_id: ObjectId, forged: Sequence[CommentId]
) -> frozenset[RoomId]:
    """Take back that comments are our replies, which realtime alone has told; see :func:`retract`.

    Those that are meant may still come.
    """
    rooms = retract(connection, object_id, forged)
    for ids in chunks(forged):
        which = (trail.c.object_id == object_id, trail.c.made_id.in_(ids))
        change(connection, trail, *which, trail.c.deed == Action.REPLY, made_id=None)
    return rooms


def of_questions(
    connection: Connection, object_id: ObjectId, questions: Sequence[CommentId]
) -> Replies:
    """Return the replies to questions as they were sent, as far as they are there and kept."""
    found: dict[CommentId, list[tuple[GuildId, SentReply]]] = {}
    for ids in chunks(questions):
        which = (_IS_SENT, trail.c.comment_id.in_(ids), trail.c.made_id.is_not(None), ~_IS_GONE)
        for row in _rows(connection, object_id, *which, trail.c.text != ""):
            reply = GuildId(row.guild_id), _as_sent(row, CommentId(row.made_id))
            found.setdefault(CommentId(row.comment_id), []).append(reply)
    return found


def for_server(notice: CommentNotice, replies: Replies, guild_id: GuildId) -> CommentNotice:
    """Return a notice as it shows these replies; who sent them is told in their server alone."""
    sent = (
        reply if of == guild_id else replace(reply, actor=None)
        for of, reply in replies.get(notice.comment.comment_id, ())
    )
    return acting.with_replies(notice, sent)


def with_replies(
    connection: Connection,
    object_id: ObjectId,
    new: Sequence[NewNotice],
    guilds: Mapping[int, GuildId],
) -> list[NewNotice]:
    """Have new notices of comments show what was replied already.

    ``guilds``: the servers of the attachments that they are for.
    """
    replies = of_questions(connection, object_id, _comments_of(new))
    return [_with_replies(one, replies, guilds) if replies else one for one in new]


def _with_replies(new: NewNotice, replies: Replies, guilds: Mapping[int, GuildId]) -> NewNotice:
    if not isinstance(new.notice, CommentNotice) or new.attachment_id is None:
        return new
    return replace(new, notice=for_server(new.notice, replies, guilds[new.attachment_id]))


def without_ours(
    connection: Connection, object_id: ObjectId, new: Sequence[NewNotice]
) -> list[NewNotice]:
    """Return those of new notices of comments that are of no reply of ours."""
    ours = _made(connection, object_id, _comments_of(new))
    return [one for one in new if ours.keys().isdisjoint(_comments_of([one]))]


def _comments_of(new: Iterable[NewNotice]) -> list[CommentId]:
    about = (one.notice.comment for one in new if isinstance(one.notice, CommentNotice))
    return list(dict.fromkeys(comment.comment_id for comment in about))


def _put_under(connection: Connection, object_id: ObjectId, sent: Replies) -> frozenset[RoomId]:
    if not sent:
        return frozenset()
    # Where nobody agreed to show what is not public, no more is said under what stands there.
    rows = [row for row in rows_of_object(connection, object_id) if row.barred_at is None]
    guilds = {row.id: GuildId(row.guild_id) for row in rows}

    def answered(row: Row[Any], notice: CommentNotice) -> CommentNotice:
        return for_server(notice, sent, guilds[row.attachment_id])

    return revise_comments(connection, list(guilds), list(sent), answered)


def _as_sent(row: Row[Any], made_id: CommentId) -> SentReply:
    return SentReply(comment_id=made_id, name=row.name, text=row.text, actor=actor_of(row))


def _made(
    connection: Connection, object_id: ObjectId, ids: Collection[CommentId]
) -> dict[CommentId, Row[Any]]:
    """Return the rows of the trail by which these comments are our replies."""
    found: dict[CommentId, Row[Any]] = {}
    for some in chunks(list(ids)):
        rows = _rows(connection, object_id, trail.c.made_id.in_(some))
        found |= {CommentId(row.made_id): row for row in rows}
    return found


def _rows(
    connection: Connection, object_id: ObjectId, *which: ColumnElement[bool]
) -> Sequence[Row[Any]]:
    """Return the rows of replies to an object's comments that were sent, or may have been."""
    may_be_there = or_(trail.c.stage == DeedStage.BEGUN, _IS_SENT)
    query = select(trail).where(text(REPLY), trail.c.object_id == object_id, may_be_there, *which)
    return connection.execute(query.order_by(trail.c.id)).all()
