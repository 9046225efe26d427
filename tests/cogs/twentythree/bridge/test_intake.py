"""The buffer between realtime and the store, where the store fails for a while."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from prometheus_client import CollectorRegistry

from cogs.twentythree.bridge.book import Service
from cogs.twentythree.bridge.intake import Intake
from cogs.twentythree.errors import StorageError
from cogs.twentythree.metrics import Metrics
from cogs.twentythree.relay.model import Comment, ObjectId
from cogs.twentythree.storage import Ingested, Store

VIDEO = ObjectId(7)


class LockedStore:
    """Refuses the first transaction; ``stored`` are the comments of the others."""

    def __init__(self) -> None:
        self.stored: list[int] = []
        self.refused = asyncio.Event()
        self.may_refuse = asyncio.Event()
        self.has_two = asyncio.Event()

    async def ingest_comments(
        self, object_id: ObjectId, comments: Sequence[Comment], **_: Any
    ) -> Ingested:
        if not self.refused.is_set():
            self.refused.set()
            await self.may_refuse.wait()
            raise StorageError("The database is locked.")
        self.stored += [comment.comment_id for comment in comments]
        if len(self.stored) > 1:
            self.has_two.set()
        return Ingested()


def row(comment_id: int) -> dict[str, Any]:
    return {
        "comment_id": comment_id,
        "object_id": VIDEO,
        "comment_type": "comment",
        "promoted_p": False,
        "content_text": "Hello",
    }


async def test_what_the_store_refused_goes_again_before_what_came_after_it() -> None:
    store = LockedStore()
    intake = Intake(
        cast("Store", store),
        Metrics(CollectorRegistry()),
        hint=lambda _: None,
        wake=lambda _: None,
        noted=lambda _: None,
        now=lambda: datetime.now(UTC),
        hold_s=1.0,
    )
    intake.deliver(VIDEO, Service.COMMENTS, row(1))
    running = asyncio.create_task(intake.run())
    await store.refused.wait()
    intake.deliver(VIDEO, Service.COMMENTS, row(2))
    store.may_refuse.set()
    with pytest.raises(StorageError):
        await running

    running = asyncio.create_task(intake.run())
    async with asyncio.timeout(5):
        await store.has_two.wait()
    running.cancel()
    await asyncio.wait([running])
    assert store.stored == [1, 2]
