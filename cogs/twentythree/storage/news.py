"""What comments, their changes and their going do to the memory and the outbox.

All of it happens in somebody else's transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Text, and_, bindparam, cast, func, select

from ..domain import admission, ingest
from ..domain.batching import Batch
from ..domain.ingest import Remembered, Trust
from ..domain.model import (
    Attachment,
    Comment,
    CommentId,
    CommentKind,
    CommentNotice,
    NewNotice,
    Notice,
    ObjectId,
    QueuedNotice,
    RoomId,
    Source,
    Standing,
)
from ..domain.reading import is_much
from . import sent_replies
from .kept_settings import count_hidden
from .mapping import attachment_of, attachments_of, manners
from .object_rows import remember, remembered, rows_of_object
from .outbox_rows import (
    enqueue,
    listeners,
    revise_attachment,
    revise_comments,
    revise_quoting,
    start_lone,
    with_notices,
)
from .questions import forget_questions, note_questions
from .records import Drafting, Ingested
from .sql import NoticeStage, Prepared, change, chunks, remove
from .tables import (
    attachments,
    comments,
    notices,
)

_told = (
    select(notices.c.room_id, notices.c.attachment_id, notices.c.comment_id)
    .join(attachments, notices.c.attachment_id == attachments.c.id)
    .join(
        comments,
        and_(
            comments.c.object_id == attachments.c.object_id,
            comments.c.comment_id == notices.c.comment_id,
        ),
    )
    .where(comments.c.trust == Trust.NEW)
)
_TOLD_ELSEWHERE = Prepared(
    _told.where(
        notices.c.room_id.in_(bindparam("rooms", expanding=True)),
        notices.c.event_key.in_(bindparam("keys", expanding=True)),
    ),
    *_told.selected_columns,
)


@dataclass(slots=True, kw_only=True)
class News:
    """What a reading amounts to."""

    changed: dict[CommentId, Remembered] = field(default_factory=dict)
    # Comments that were known, but otherwise, or not for sure.
    corrected: dict[CommentId, Comment] = field(default_factory=dict)
    notices: list[NewNotice] = field(default_factory=list)
    events: int = 0
    changes: int = 0
    doubtful: set[CommentId] = field(default_factory=set)
    forged: set[CommentId] = field(default_factory=set)
    # The rooms that leave something out, once for each comment.
    hidden: list[RoomId] = field(default_factory=list)
    # What may be a question, or may have been one.
    asked: dict[CommentId, Comment] = field(default_factory=dict)
    # Replies that were sent from rooms, with their rows of the trail; and those of them that were
    # known as something else, since realtime had told of their IDs before they were given.
    ours: dict[CommentId, Row[Any]] = field(default_factory=dict)
    mistaken: set[CommentId] = field(default_factory=set)
    # What is not taken in, for too much would be taken out of rooms at once.
    put_off: frozenset[CommentId] = frozenset()


def take_comments(
    connection: Connection,
    object_id: ObjectId,
    found: Collection[Comment],
    *,
    source: Source,
    now: datetime,
    draft: Drafting | None = None,
    believed: AbstractSet[CommentId] | None = None,
) -> Ingested:
    """Remember comments, queue what the rooms have not heard yet, correct what they have.

    What was sent from a room is no news: it is shown under what it answers. Where ``draft`` is
    given, what is alone in its room becomes a batch in the same go. ``believed``: see
    ``Memory.ingest``.
    """
    rooms = listeners(connection, object_id)
    if not rooms:
        return Ingested()
    held = attachments_of(rooms)
    news = _decided(connection, rooms, held, found, source=source, now=now, believed=believed)
    remember(connection, object_id, news.changed.values())
    started: dict[RoomId, Batch] = {}
    if draft is not None and not news.corrected:
        started = start_lone(connection, news.notices, manners(rooms, held), draft, now)
    queued = enqueue(connection, news.notices, now, bound=started)
    if news.hidden:
        count_hidden(connection, news.hidden, rooms, now)
    to_edit: frozenset[RoomId] = frozenset()
    is_heard = source is Source.REALTIME
    if not is_heard and len(queued) < len(news.notices):
        to_edit = _displace(connection, rooms, news.notices)
        queued += enqueue(connection, news.notices if to_edit else [], now, bound=started)
    if news.corrected:
        # After it: one reading may hold a comment twice, before and after its promotion.
        to_edit |= _correct(
            connection, rooms, held, news.corrected, is_confirmed=not is_heard, forged=news.forged
        )
    if news.ours:
        to_edit |= _show_ours(connection, object_id, held, news, found)
    if any(row.has_actions or row.has_board for row in rooms):
        to_edit |= note_questions(connection, object_id, news.asked.values(), now)
    return ingested(news, queued, to_edit, with_notices(connection, started, queued), source)


def _show_ours(
    connection: Connection,
    object_id: ObjectId,
    held: Mapping[int, Attachment],
    news: News,
    found: Iterable[Comment],
) -> frozenset[RoomId]:
    """Show replies of ours under what they answer, and nowhere else; return what to edit."""
    edited = revise_comments(connection, list(held), list(news.mistaken), _emptied)
    said = {one.comment_id: one for one in found if one.comment_id in news.changed}
    return edited | sent_replies.show(connection, object_id, news.ours, said)


def ingested(
    news: News,
    queued: Collection[QueuedNotice],
    to_edit: frozenset[RoomId],
    started: tuple[Batch, ...],
    source: Source,
) -> Ingested:
    """Tell what came of news once they are written."""
    changed = (one for one in news.changed.values() if one.trust is Trust.CHANGED)
    to_post = frozenset(one.room_id for one in queued)
    return Ingested(
        new_events=news.events,
        changes=news.changes,
        rooms=to_edit | to_post,
        edits=to_edit - to_post,
        unconfirmed=frozenset(news.changed) if source is Source.REALTIME else frozenset(),
        known=frozenset(one.comment_id for one in changed),
        doubtful=frozenset(news.doubtful),
        forged=frozenset(news.forged),
        put_off=news.put_off,
        started=started,
    )


def _decided(
    connection: Connection,
    rooms: Sequence[Row[Any]],
    held: Mapping[int, Attachment],
    found: Collection[Comment],
    *,
    source: Source,
    now: datetime,
    believed: AbstractSet[CommentId] | None,
) -> News:
    object_id, has_replies = ObjectId(rooms[0].object_id), rooms[0].has_replies
    memory = remembered(connection, object_id, [one.comment_id for one in found])
    news = News()
    if believed is not None:
        news.put_off = _too_much(connection, object_id, found, memory) - believed
        found = [one for one in found if one.comment_id not in news.put_off]
    if source is Source.REALTIME:
        # Of what is known the last word counts alone: those before it may have waited for a reading
        # that knew more.
        last = {one.comment_id: one for one in found}
        new = [one for one in found if one.comment_id not in memory]
        found = [*new, *(one for key, one in last.items() if key in memory)]
    if has_replies:
        news.ours = sent_replies.recognised(connection, object_id, found, memory)
    for comment in ingest.in_order(found):
        to = () if comment.comment_id in news.ours else rooms
        decide(news, comment, memory, to, held, source=source, now=now)
    for comment_id in news.ours:
        # Whatever kind the workspace makes of it, nobody has asked it.
        news.asked.pop(comment_id, None)
        if news.corrected.pop(comment_id, None) is not None:
            news.mistaken.add(comment_id)
    if has_replies:
        guilds = {one.attachment_id: one.guild_id for one in held.values()}
        news.notices = sent_replies.with_replies(connection, object_id, news.notices, guilds)
    return news


def _too_much(
    connection: Connection,
    object_id: ObjectId,
    found: Iterable[Comment],
    memory: Mapping[CommentId, Remembered],
) -> frozenset[CommentId]:
    """Return what one answer would take out of rooms, if it is too much to be believed."""
    taken_back = {
        one.comment_id
        for one in found
        if one.comment_id in memory and ingest.takes_back(one, memory[one.comment_id])
    }
    if not is_much(len(taken_back), 0):
        return frozenset()
    count = func.count(notices.c.comment_id.distinct())
    shown = connection.scalar(
        select(count)
        .join(attachments, notices.c.attachment_id == attachments.c.id)
        .where(attachments.c.object_id == object_id, notices.c.payload != "")
    )
    return frozenset(taken_back) if is_much(len(taken_back), shown or 0) else frozenset()


def decide(
    news: News,
    comment: Comment,
    memory: dict[CommentId, Remembered],
    rooms: Sequence[Row[Any]],
    held: Mapping[int, Attachment],
    *,
    source: Source,
    now: datetime,
) -> None:
    """Add to ``news`` what a comment amounts to for the rooms, given what is remembered.

    ``held``: what is attached to the rooms, by their rows' IDs.
    """
    before = memory.get(comment.comment_id)
    is_rumour = before is not None and before.trust is Trust.NEW and source is not Source.REALTIME
    to = _concerned(comment, None if is_rumour else before, rooms, held)
    # The floor is each attachment's own, so it has had its say already.
    decision = ingest.decide(comment, before, to, source=source, now=now)
    if decision.is_doubtful:
        news.doubtful.add(comment.comment_id)
    if decision.remember is None:
        return
    # The same comment may be found twice in one reading.
    memory[comment.comment_id] = news.changed[comment.comment_id] = decision.remember
    if before is not None or comment.kind is CommentKind.QUESTION:
        news.asked[comment.comment_id] = comment
    if before is not None:
        news.corrected[comment.comment_id] = comment
        news.changes += before.fingerprint != decision.remember.fingerprint or before.is_gone
        if is_rumour and not ingest.is_same_comment(comment, before):
            news.forged.add(comment.comment_id)
    is_promotion = comment.is_promoted and not (before and before.is_promoted)
    news.events += bool(to) and (before is None or is_promotion)
    news.notices += decision.notices
    news.hidden += decision.hidden


def _concerned(
    comment: Comment,
    before: Remembered | None,
    rooms: Sequence[Row[Any]],
    held: Mapping[int, Attachment],
) -> list[Attachment]:
    """Return the attachments for which the comment is not just older than they are."""
    return [
        held[row.id]
        for row in rooms
        if before is not None or row.floor is None or comment.comment_id >= row.floor
    ]


def _correct(
    connection: Connection,
    rooms: Sequence[Row[Any]],
    held: Mapping[int, Attachment],
    corrected: Mapping[CommentId, Comment],
    *,
    is_confirmed: bool,
    forged: Collection[CommentId],
) -> frozenset[RoomId]:
    """Bring the notices of comments up to date; return the rooms with a message to edit.

    What waits and is not for its room any more is withdrawn. ``forged``: those of which realtime
    had said something else.
    """
    object_id, has_replies = ObjectId(rooms[0].object_id), rooms[0].has_replies
    sent = sent_replies.of_questions(connection, object_id, list(corrected)) if has_replies else {}

    def now_true(row: Row[Any], notice: CommentNotice) -> Notice | None:
        comment, attachment = corrected[row.comment_id], held[row.attachment_id]
        waits = row.stage == NoticeStage.PENDING
        is_taken = admission.accepts(attachment.rules.comments, comment)
        if waits and (not is_taken or admission.is_hidden(attachment.settings, comment)):
            return None
        new = ingest.updated(
            notice,
            comment,
            attachment.rules_in_force,
            attachment.settings,
            is_confirmed=is_confirmed,
            is_forged=row.comment_id in forged,
        )
        if notice.standing is Standing.SHOWN:
            return new
        return sent_replies.for_server(new, sent, attachment.guild_id)

    edited = revise_comments(connection, list(held), list(corrected), now_true)
    return edited | (_requote(connection, rooms, corrected) if is_confirmed else frozenset())


def _requote(
    connection: Connection, rooms: Sequence[Row[Any]], quoted: Mapping[CommentId, Comment | None]
) -> frozenset[RoomId]:
    """Take out of answers what they may not quote any more; ``None``: it is gone."""
    held = {row.id: attachment_of(row).rules.comments for row in rooms}

    def now_true(row: Row[Any], notice: CommentNotice) -> Notice:
        return admission.requoted(notice, quoted[row.quoted_id], held[row.attachment_id])

    return revise_quoting(connection, list(held), quoted, now_true)


def offer_actions(connection: Connection, attachment: Attachment) -> frozenset[RoomId]:
    """Let what a room shows be acted on, or not any more, as its rules have it.

    Returns the rooms with a message to edit.
    """
    has_actions = attachment.rules_in_force.has_actions
    return revise_attachment(
        connection,
        attachment.attachment_id,
        lambda _, notice: ingest.offering(notice, has_actions=has_actions),
    )


def take_away(
    connection: Connection, object_id: ObjectId, gone: Collection[CommentId]
) -> frozenset[RoomId]:
    """Have comments leave no text behind; return the rooms with a message to edit."""
    rooms = rows_of_object(connection, object_id)
    for ids in chunks(list(gone)):
        which = (comments.c.object_id == object_id, comments.c.comment_id.in_(ids))
        change(connection, comments, *which, is_gone=True, trust=Trust.CONFIRMED)
    emptied = revise_comments(connection, [row.id for row in rooms], list(gone), _emptied)
    emptied |= _requote(connection, rooms, dict.fromkeys(gone))
    emptied |= sent_replies.retract(connection, object_id, gone)
    return emptied | forget_questions(connection, object_id, gone)


def disown(
    connection: Connection, object_id: ObjectId, denied: Collection[CommentId]
) -> tuple[frozenset[CommentId], frozenset[RoomId]]:
    """Have what realtime alone has told of leave no trace, so that a real one may come.

    Returns those of the comments that were such, and the rooms with a message to edit.
    """
    forged: list[CommentId] = []
    rooms = frozenset[RoomId]()
    held = [row.id for row in rows_of_object(connection, object_id)]
    for ids in chunks(list(denied)):
        which = (
            comments.c.object_id == object_id,
            comments.c.comment_id.in_(ids),
            comments.c.trust == Trust.NEW,
        )
        found = connection.scalars(select(comments.c.comment_id).where(*which)).all()
        rooms |= _free(connection, held, found) | sent_replies.disown(connection, object_id, found)
        remove(connection, comments, *which)
        forged += found
    rooms |= forget_questions(connection, object_id, forged)
    return frozenset(forged), rooms


def _displace(
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
    own = {row.id for row in rooms}
    freed = frozenset[RoomId]()
    for row in _told_elsewhere(connection, list(new)):
        if row.attachment_id not in own:
            _free(connection, [row.attachment_id], [row.comment_id])
            freed |= {RoomId(row.room_id)}
    return freed


def _told_elsewhere(connection: Connection, new: Sequence[NewNotice]) -> Sequence[Row[Any]]:
    """Read which notices that realtime alone has told of have the keys of new ones."""
    rooms = list({one.room_id for one in new})
    found: list[Row[Any]] = []
    for keys in chunks(list({one.event_key for one in new})):
        found += _TOLD_ELSEWHERE.rows(connection, {"rooms": rooms, "keys": list(keys)})
    return found


def _free(
    connection: Connection, attachment_ids: Sequence[int], ids: Sequence[CommentId]
) -> frozenset[RoomId]:
    """Empty the notices of comments, and make them those of nobody."""
    rooms = revise_comments(connection, attachment_ids, ids, _emptied)
    freed = notices.c.event_key + "@" + cast(notices.c.id, Text)
    which = (notices.c.attachment_id.in_(attachment_ids), notices.c.comment_id.in_(ids))
    change(connection, notices, *which, event_key=freed, comment_id=None, attachment_id=None)
    return rooms


def _emptied(row: Row[Any], notice: CommentNotice) -> Notice | None:
    return None if row.stage == NoticeStage.PENDING else ingest.removed(notice)
