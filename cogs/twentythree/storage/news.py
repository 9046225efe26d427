"""What comments do to the memory and the outbox, in somebody else's transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, assert_never

from sqlalchemy import Connection, Row

from ..domain import ingest
from ..domain.ingest import Remembered, Trust
from ..domain.model import (
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
    ProgrammeNotice,
    RoomId,
    Source,
    VideoNotice,
)
from .changes import correct, displace
from .lone import listeners, start_lone, with_notices
from .mapping import attachment_of
from .memory import enqueue, remember, remembered
from .records import Drafting, Ingested


@dataclass(slots=True, kw_only=True)
class _News:
    """What a reading amounts to."""

    changed: dict[CommentId, Remembered] = field(default_factory=dict)
    # Comments that were known, but otherwise, or not for sure.
    corrected: dict[CommentId, Comment] = field(default_factory=dict)
    notices: list[NewNotice] = field(default_factory=list)
    events: int = 0
    changes: int = 0
    doubtful: set[CommentId] = field(default_factory=set)
    forged: set[CommentId] = field(default_factory=set)


def take_comments(
    connection: Connection,
    object_id: ObjectId,
    found: Collection[Comment],
    *,
    source: Source,
    now: datetime,
    draft: Drafting | None = None,
) -> Ingested:
    """Remember comments, queue what the rooms have not heard yet, correct what they have.

    Where ``draft`` is given, what is alone in its room becomes a batch in the same go.
    """
    rooms = listeners(connection, object_id)
    if not rooms:
        return Ingested()
    memory = remembered(connection, object_id, [one.comment_id for one in found])
    news = _News()
    for comment in ingest.in_order(found):
        _decide(news, comment, memory, rooms, source=source, now=now)
    remember(connection, object_id, news.changed.values())
    started: dict[RoomId, Batch] = {}
    if draft is not None and not news.corrected:
        started = start_lone(connection, news.notices, rooms, draft, now)
    queued = enqueue(connection, news.notices, now, bound=started)
    to_edit: frozenset[RoomId] = frozenset()
    is_heard = source is Source.REALTIME
    if not is_heard and len(queued) < len(news.notices):
        to_edit = displace(connection, rooms, news.notices)
        if to_edit:
            queued += enqueue(connection, news.notices, now, bound=started)
    if news.corrected:
        # After it: one reading may hold a comment twice, before and after its promotion.
        to_edit |= correct(
            connection, rooms, news.corrected, is_confirmed=not is_heard, forged=news.forged
        )
    changed = (one for one in news.changed.values() if one.trust is Trust.CHANGED)
    return Ingested(
        new_notices=len(queued),
        new_events=news.events,
        changes=news.changes,
        rooms=to_edit.union(one.room_id for one in queued),
        unconfirmed=frozenset(news.changed) if is_heard else frozenset(),
        known=frozenset(one.comment_id for one in changed),
        doubtful=frozenset(news.doubtful),
        forged=frozenset(news.forged),
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
    is_rumour = before is not None and before.trust is Trust.NEW and source is not Source.REALTIME
    to = _concerned(comment, None if is_rumour else before, rooms)
    # The floor is each attachment's own, so it has had its say already.
    decision = ingest.decide(comment, before, to, source=source, now=now)
    if decision.is_doubtful:
        news.doubtful.add(comment.comment_id)
    if decision.remember is None:
        return
    # The same comment may be found twice in one reading.
    memory[comment.comment_id] = news.changed[comment.comment_id] = decision.remember
    if before is not None:
        news.corrected[comment.comment_id] = comment
        news.changes += before.fingerprint != decision.remember.fingerprint or before.is_gone
        if is_rumour and not ingest.is_same_comment(comment, before):
            news.forged.add(comment.comment_id)
    is_promotion = comment.is_promoted and not (before and before.is_promoted)
    news.events += bool(to) and (before is None or is_promotion)
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


def under(rules: AttachmentRules, notice: Notice) -> Notice | None:
    """Return what is left of a notice under these rules; ``None``: nothing."""
    match notice:
        case CommentNotice():
            return notice if ingest.accepts(rules.comments, notice.comment) else None
        case LiveNotice():
            is_asked = rules.announces_live and (
                not notice.is_end or rules.at_end is AtEnd.ANNOUNCE
            )
            # What began before it was asked for calls nobody, whatever is asked for since.
            role = None if notice.mention_role_id is None else rules.mention_role_id
            return replace(notice, mention_role_id=role) if is_asked else None
        case DigestNotice():
            return None if rules.comments is CommentPolicy.NONE else notice
        case VideoNotice() | ProgrammeNotice():
            return notice
        case _:
            assert_never(notice)
