"""One notice in place of many that have waited too long to be news."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, select

from ..domain import batching
from ..domain.batching import CHAT_RANK, DIGEST_RANK
from ..domain.model import Attachment, DigestNotice, NewNotice, RoomId
from .engine import Part, writes
from .mapping import attachment_of, notice_of, payload_of
from .object_rows import attachment_rows
from .outbox_rows import enqueue
from .row_words import NoticeStage
from .sql import change, chunks, remove
from .tables import (
    attachments,
    notices,
)

_AT_ONCE = 500
_PENDING = notices.c.stage == NoticeStage.PENDING
_OLDEST_CHAT = (
    select(notices.c.id, notices.c.attachment_id, notices.c.queued_at)
    .where(_PENDING, notices.c.room_id == bindparam("room"), notices.c.rank == CHAT_RANK)
    .order_by(notices.c.id)
    .limit(_AT_ONCE)
)


class Digests(Part):
    """The part of the store that keeps a backlog from being said long after it mattered."""

    @writes
    def make(self, connection: Connection, room_id: RoomId, now: datetime) -> int:
        """Put one digest per attachment in place of what waited longer than its rules allow.

        Returns how many comments went into digests. Promoted comments, live cards and a single
        comment are left alone. The comments are not said, so a later promotion is news. So many
        are looked at, from the oldest, as one transaction should take: until it returns 0 there
        may be more, which go into the same digest as long as it waits.
        """
        oldest = connection.execute(_OLDEST_CHAT, {"room": room_id}).all()
        rows = attachment_rows(
            connection, attachments.c.room_id == room_id, attachments.c.max_age_s > 0
        )
        return sum(_digest(connection, attachment_of(row), oldest, now) for row in rows)


def _digest(
    connection: Connection, attachment: Attachment, oldest: Sequence[Any], now: datetime
) -> int:
    limit = now - timedelta(seconds=attachment.rules.max_age_s)
    is_of_it = [row for row in oldest if row.attachment_id == attachment.attachment_id]
    stale = [row for row in is_of_it if row.queued_at < limit]
    if not stale:
        return 0
    held = _waiting_digest(connection, attachment)
    before = None if held is None else notice_of(held.payload)
    waiting = before if isinstance(before, DigestNotice) else None
    digest = batching.digest(attachment.object, [row.queued_at for row in stale], waiting)
    if digest is None:
        return 0
    for chunk in chunks(stale):
        remove(connection, notices, notices.c.id.in_([row.id for row in chunk]))
    if held is None:
        _queue(connection, attachment, digest, stale[0].id, now)
    else:
        change(connection, notices, notices.c.id == held.id, payload=payload_of(digest))
    return len(stale)


def _waiting_digest(connection: Connection, attachment: Attachment) -> Any | None:
    query = select(notices.c.id, notices.c.payload).where(
        _PENDING,
        notices.c.room_id == attachment.room_id,
        notices.c.rank == DIGEST_RANK,
        notices.c.attachment_id == attachment.attachment_id,
    )
    return connection.execute(query).first()


def _queue(
    connection: Connection, attachment: Attachment, digest: DigestNotice, first: int, now: datetime
) -> None:
    new = NewNotice(
        attachment_id=attachment.attachment_id,
        room_id=attachment.room_id,
        event_key=f"digest:{attachment.object.object_id}:{first}",
        notice=digest,
    )
    enqueue(connection, [new], now)
