"""What comments do to the memory and the outbox, in somebody else's transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, assert_never

from sqlalchemy import Connection, Row, select

from ..relay import ingest, policy
from ..relay.ingest import Remembered
from ..relay.model import (
    AtEnd,
    Attachment,
    AttachmentRules,
    Batch,
    Comment,
    CommentId,
    CommentNotice,
    CommentPolicy,
    DigestNotice,
    LiveNotice,
    NewNotice,
    Notice,
    ObjectId,
    RoomId,
    Source,
    VideoNotice,
)
from .lone import listeners, start_lone, with_notices
from .memory import enqueue, remember, remembered, revise
from .records import Drafting, Ingested
from .rows import attachment_of
from .sql import chunks
from .tables import NoticeStage, notices


@dataclass(slots=True, kw_only=True)
class _News:
    """What a reading amounts to."""

    changed: dict[CommentId, Remembered] = field(default_factory=dict)
    # Comments that were known, but otherwise: promoted, or not promoted any more.
    corrected: dict[str, Comment] = field(default_factory=dict)
    notices: list[NewNotice] = field(default_factory=list)
    events: int = 0


def take_comments(
    connection: Connection,
    object_id: ObjectId,
    found: Collection[Comment],
    *,
    source: Source,
    now: datetime,
    draft: Drafting | None = None,
) -> Ingested:
    """Remember comments, and queue what the rooms have not heard yet, oldest first.

    Where ``draft`` is given, what is alone in its room becomes a batch in the same go.
    """
    rooms = listeners(connection, object_id)
    if not rooms:
        return Ingested()
    memory = remembered(connection, object_id, [one.comment_id for one in found])
    news = _News()
    for comment in sorted(found, key=lambda one: one.comment_id):
        _decide(news, comment, memory, rooms, source=source, now=now)
    remember(connection, object_id, news.changed.values())
    started: dict[RoomId, Batch] = {}
    if draft is not None and not news.corrected:
        started = start_lone(connection, news.notices, rooms, draft, now)
    queued = enqueue(connection, news.notices, now, batches=started)
    if news.corrected:
        # After it: one reading may hold a comment twice, before and after its promotion.
        _correct(connection, rooms, news.corrected)
    return Ingested(
        new_notices=len(queued),
        new_events=news.events,
        rooms=frozenset(one.room_id for one in queued),
        started=with_notices(connection, started, queued),
    )


def _decide(
    news: _News,
    comment: Comment,
    memory: dict[CommentId, Remembered],
    rooms: Sequence[Row[Any]],
    *,
    source: Source,
    now: datetime,
) -> None:
    before = memory.get(comment.comment_id)
    to = _concerned(comment, before, rooms)
    # The floor is each attachment's own, so it has had its say already.
    decision = ingest.decide(comment, before, to, source=source, now=now)
    if decision.remember is None:
        return
    # The same comment may be found twice in one reading.
    memory[comment.comment_id] = news.changed[comment.comment_id] = decision.remember
    if before is not None:
        news.corrected[ingest.event_key(comment.comment_id)] = comment
    news.events += bool(to) and (before is None or comment.is_promoted)
    news.notices += decision.notices


def _concerned(
    comment: Comment, before: Remembered | None, rooms: Sequence[Row[Any]]
) -> list[Attachment]:
    """Return the attachments for which the comment is not just older than they are."""
    return [
        attachment_of(row)
        for row in rooms
        if before is not None or row.floor is None or comment.comment_id >= row.floor
    ]


def _correct(
    connection: Connection, rooms: Sequence[Row[Any]], corrected: dict[str, Comment]
) -> None:
    """Bring what waits up to date; what the rules do not take any more is withdrawn."""
    rules = {row.id: attachment_of(row).rules for row in rooms}

    def now_true(row: Row[Any], notice: Notice) -> Notice | None:
        if isinstance(notice, CommentNotice):
            notice = replace(notice, comment=corrected[row.event_key])
        return under(rules[row.attachment_id], notice)

    for keys in chunks(list(corrected)):
        # By the unique key (room, event): an attachment may have very many.
        waiting = select(notices).where(
            notices.c.room_id.in_([row.room_id for row in rooms]),
            notices.c.event_key.in_(keys),
            notices.c.attachment_id.in_(list(rules)),
            notices.c.stage == NoticeStage.PENDING,
        )
        revise(connection, connection.execute(waiting).all(), by=now_true)


def under(rules: AttachmentRules, notice: Notice) -> Notice | None:
    """Return what is left of a notice under these rules; ``None``: nothing."""
    match notice:
        case CommentNotice():
            return notice if policy.accepts(rules.comments, notice.comment) else None
        case LiveNotice():
            is_asked = rules.announces_live and (
                not notice.is_end or rules.at_end is AtEnd.ANNOUNCE
            )
            role = rules.mention_role_id if notice.is_start else None
            return replace(notice, mention_role_id=role) if is_asked else None
        case DigestNotice():
            return None if rules.comments is CommentPolicy.NONE else notice
        case VideoNotice():
            return notice
        case _:
            assert_never(notice)
