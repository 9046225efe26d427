"""The way in: what the workspace tells becomes memory and outbox rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select

from ..relay.model import Comment, CommentId, LiveObservation, ObjectId, ObjectInfo, RoomId, Source
from ..relay.reading import Ground
from .cards import refresh, take_live
from .changes import followed, newest_followed, take_away
from .engine import Part, whole
from .memory import locked_object, raise_watermark
from .news import take_comments
from .records import Followed, Ingested
from .rows import object_of
from .sql import chunks
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
    async def take_away(self, object_id: ObjectId, gone: Collection[CommentId]) -> Ingested:
        """Take comments out of the rooms that the workspace has no more."""
        async with self._database.write() as connection:
            if await locked_object(connection, object_id) is None:
                return Ingested()
            rooms = await take_away(connection, object_id, gone)
            return Ingested(changes=len(gone), rooms=rooms)

    @whole
    async def followed(
        self, object_ids: Collection[ObjectId], since: CommentId | None = None
    ) -> list[Followed]:
        """Return the comments of these objects that rooms show and that can still be edited.

        With ``since``: those from this one on, and all promoted ones.
        """
        async with self._database.read() as connection:
            return await followed(connection, object_ids, since)

    @whole
    async def newest_followed(
        self, object_ids: Collection[ObjectId], before: datetime
    ) -> CommentId | None:
        """Return the newest of them that was queued before a time."""
        async with self._database.read() as connection:
            return await newest_followed(connection, object_ids, before)

    @whole
    async def ingest_live(
        self, seen: LiveObservation, *, source: Source, now: datetime
    ) -> Ingested:
        """Take an observation of a live event; an object not attached has no news."""
        del source  # a card looks the same whichever way its news came
        async with self._database.write() as connection:
            row = await locked_object(connection, seen.object_id)
            if row is None:
                return Ingested()
            return await take_live(connection, row, seen, now=now)

    @whole
    async def refresh_object(self, info: ObjectInfo) -> frozenset[RoomId]:
        """Take a new title, link or picture; return the rooms with a card to be edited for it."""
        async with self._database.write() as connection:
            return await refresh(connection, info)

    @whole
    async def ground(self, object_id: ObjectId) -> Ground | None:
        """Return down to where the object's comments must be read; ``None``: not attached."""
        found = await self._watermarks([object_id])
        return Ground(watermark=found[object_id]) if object_id in found else None

    @whole
    async def watermarks(
        self, object_ids: Collection[ObjectId]
    ) -> dict[ObjectId, CommentId | None]:
        """Return the watermarks of those of the objects that are attached."""
        return await self._watermarks(object_ids)

    @whole
    async def raise_watermark(self, object_ids: Collection[ObjectId], to: CommentId) -> None:
        """Record that every comment of the objects up to ``to`` was read; never goes down."""
        async with self._database.write() as connection:
            for ids in chunks(list(object_ids)):
                await raise_watermark(connection, ids, to)

    async def _watermarks(
        self, object_ids: Collection[ObjectId]
    ) -> dict[ObjectId, CommentId | None]:
        found: dict[ObjectId, CommentId | None] = {}
        async with self._database.read() as connection:
            for ids in chunks(list(object_ids)):
                query = select(objects.c.object_id, objects.c.watermark)
                rows = await connection.execute(query.where(objects.c.object_id.in_(ids)))
                found |= {ObjectId(row.object_id): row.watermark for row in rows}
        return found
