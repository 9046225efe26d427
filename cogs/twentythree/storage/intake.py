"""The way in: what the workspace tells becomes memory and outbox rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from ..relay.model import Comment, CommentId, ObjectId, ObjectInfo, RoomId, Source
from ..relay.reading import Ground
from .cards import refresh
from .engine import Part, whole
from .memory import locked_object, raise_watermark
from .news import take_comments
from .records import Ingested
from .rows import object_of
from .tables import objects


class Intake(Part):
    """The part of the store that the bridge feeds."""

    @whole
    async def ingest_comments(
        self, object_id: ObjectId, comments: Sequence[Comment], *, source: Source, now: datetime
    ) -> Ingested:
        """Take comments in any order, known ones too; an object not attached has no news."""
        async with self._database.write() as connection:
            row = await locked_object(connection, object_id)
            if row is None:
                return Ingested()
            return await take_comments(connection, object_of(row), comments, source=source, now=now)

    @whole
    async def refresh_object(self, info: ObjectInfo) -> frozenset[RoomId]:
        """Take a new title, link or picture; return the rooms with a card to be edited for it."""
        async with self._database.write() as connection:
            return await refresh(connection, info)

    @whole
    async def ground(self, object_id: ObjectId) -> Ground | None:
        """Return down to where the object's comments must be read; ``None``: not attached."""
        query = select(objects.c.watermark).where(objects.c.object_id == object_id)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
            return None if row is None else Ground(watermark=row.watermark)

    @whole
    async def raise_watermark(self, object_id: ObjectId, to: CommentId) -> None:
        """Record that every comment up to ``to`` has been read; never goes down."""
        async with self._database.write() as connection:
            await raise_watermark(connection, object_id, to)
