"""Counting, clearing up, and remembering what was registered with Discord."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, distinct, func, or_, select

from .engine import Part, reads, writes
from .records import Counts
from .sql import change, remove, upsert
from .tables import NoticeStage, attachments, batches, command_hashes, notices


class Upkeep(Part):
    """The part of the store that is used now and then."""

    @reads
    def counts(self, connection: Connection) -> Counts:
        """Count what waits, what is paused and what is attached."""
        pending = select(func.count()).where(notices.c.stage != NoticeStage.DONE)
        paused = select(func.count(distinct(attachments.c.room_id))).where(
            attachments.c.paused_at.is_not(None)
        )
        attached = select(func.count(attachments.c.id))
        query = select(
            pending.scalar_subquery(), paused.scalar_subquery(), attached.scalar_subquery()
        )
        row = connection.execute(query).one()
        return Counts(pending=row[0], paused_rooms=row[1], attachments=row[2])

    @writes
    def prune(self, connection: Connection, older_than: datetime) -> int:
        """Drop what was settled before ``older_than``; return how many notices that were.

        The bare key of a comment stays as long as its object is attached to the room, so
        that a late promotion is not said again. So do the cards of live events: they may
        still change.
        """
        old = select(batches.c.id).where(batches.c.settled_at < older_than)
        is_old = and_(notices.c.stage == NoticeStage.DONE, notices.c.batch_id.in_(old))
        is_old_key = and_(notices.c.payload == "", notices.c.queued_at < older_than)
        detached = notices.c.attachment_id.is_(None)
        dropped = remove(connection, notices, detached, or_(is_old, is_old_key))
        dropped += change(
            connection, notices, is_old, ~notices.c.is_live, payload="", batch_id=None
        )
        in_use = select(notices.c.batch_id).where(notices.c.batch_id.is_not(None))
        remove(
            connection,
            batches,
            batches.c.settled_at < older_than,
            batches.c.id.not_in(in_use),
        )
        return dropped

    @reads
    def command_digest(self, connection: Connection, scope: str) -> str | None:
        """Return the digest of the commands last registered in ``scope``."""
        query = select(command_hashes.c.digest).where(command_hashes.c.scope == scope)
        digest: str | None = connection.scalar(query)
        return digest

    @writes
    def set_command_digest(self, connection: Connection, scope: str, digest: str) -> None:
        """Remember the digest of the commands registered in ``scope``."""
        upsert(connection, command_hashes, [{"scope": scope, "digest": digest}])
