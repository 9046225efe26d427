"""The way in: what the workspace tells becomes memory and outbox rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from ..relay.model import Comment, CommentId, ObjectId, ObjectInfo, RoomId, Source
from ..relay.reading import Ground
from .cards import refresh
from .engine import Part, reads, writes
from .memory import lock_object, raise_watermark
from .news import take_comments
from .records import Drafting, Ingested
from .tables import objects


class Intake(Part):
    """The part of the store that the bridge feeds."""

    @writes
    def ingest_comments(
        self,
        connection: Connection,
        object_id: ObjectId,
        comments: Sequence[Comment],
        *,
        source: Source,
        now: datetime,
        draft: Drafting | None = None,
    ) -> Ingested:
        """Take comments in any order, known ones too; an object not attached has no news.

        With ``draft``, a comment that is alone in a room becomes a batch at once: it is to be sent
        now, and its first attempt is counted.
        """
        lock_object(connection, object_id)
        return take_comments(connection, object_id, comments, source=source, now=now, draft=draft)

    @writes
    def refresh_object(self, connection: Connection, info: ObjectInfo) -> frozenset[RoomId]:
        """Take a new title, link or picture; return the rooms with a card to be edited for it."""
        return refresh(connection, info)

    @reads
    def ground(self, connection: Connection, object_id: ObjectId) -> Ground | None:
        """Return down to where the object's comments must be read; ``None``: not attached."""
        query = select(objects.c.watermark).where(objects.c.object_id == object_id)
        row = connection.execute(query).one_or_none()
        return None if row is None else Ground(watermark=row.watermark)

    @writes
    def raise_watermark(self, connection: Connection, object_id: ObjectId, to: CommentId) -> None:
        """Record that every comment up to ``to`` has been read; never goes down."""
        raise_watermark(connection, object_id, to)
