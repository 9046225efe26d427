"""The rooms on a real store, with a Discord that is told how to answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import discord
from prometheus_client import CollectorRegistry

from cogs.twentythree.delivery import RoomOptions, Rooms, draft_lone
from cogs.twentythree.delivery.budget import InvalidBudget
from cogs.twentythree.delivery.gate import Gate
from cogs.twentythree.delivery.outcomes import PauseRoom, RetryLater
from cogs.twentythree.delivery.pace import RequestPace
from cogs.twentythree.domain.model import (
    Attachment,
    AttachmentRules,
    CommentPolicy,
    GuildId,
    LiveObservation,
    ObjectInfo,
    RoomId,
    Source,
)
from cogs.twentythree.metrics import Metrics
from cogs.twentythree.storage import Baseline, Ingested, NewAttachment, Store
from tests.fakes.notices import SEEN_AT, VIDEO, WEBINAR, comment_notice
from tests.fakes.poster import FakePoster

ROOM, OTHER = RoomId(501), RoomId(502)
AGAIN = RetryLater(reason="status 503")
NO_ACCESS = PauseRoom(reason="The bot may not post here.")
QUICK = RoomOptions(
    retry_first_s=0.001,
    retry_longest_s=0.001,
    pause_first_s=0.001,
    pause_longest_s=0.001,
    measure_s=0.0,
)


class NoClient:
    """A client whose cache is empty."""

    def get_channel(self, channel_id: int) -> None:
        return None


class Told:
    """Stands in for the teller; a test of its own covers it."""

    def __init__(self) -> None:
        self.told: list[tuple[RoomId, str]] = []
        self.stuck: list[tuple[RoomId, int]] = []

    async def tell(self, room_id: RoomId, reason: str, paused: Sequence[Attachment]) -> None:
        self.told.append((room_id, reason))

    async def tell_of_stuck(
        self, room_id: RoomId, message_id: int, held: Sequence[Attachment]
    ) -> None:
        self.stuck.append((room_id, message_id))


class ToldMetrics(Metrics):
    """Tell when the store was counted."""

    def __init__(self, registry: CollectorRegistry, counted: asyncio.Event) -> None:
        super().__init__(registry)
        self._counted = counted

    def rooms_paused(self, count: int) -> None:
        super().rooms_paused(count)
        self._counted.set()


def open_gate(client: discord.Client, limit: int = 1000) -> Gate:
    """Return a gate that is never in the way; ``limit`` is of refusals in ten minutes."""
    return Gate(client, RequestPace(1000), InvalidBudget(clock=lambda: 0.0, limit=limit))


@dataclass
class World:
    store: Store
    poster: FakePoster = field(default_factory=FakePoster)
    now: datetime = SEEN_AT
    told: Told = field(default_factory=Told)
    guild_id: GuildId = GuildId(9)  # noqa: RUF009 - an int
    attached_by: int = 77
    client: discord.Client | None = None  # where there is one, it is used instead of the fakes
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    counted: asyncio.Event = field(default_factory=asyncio.Event)

    def rooms(self, options: RoomOptions = QUICK) -> Rooms:
        self.registry = CollectorRegistry()
        client: Any = self.client or NoClient()
        rooms = Rooms(
            client,
            self.store,
            ToldMetrics(self.registry, self.counted),
            now=lambda: self.now,
            options=options,
            chance=lambda: 1.0,
        )
        if self.client is None:
            rooms._poster, rooms._teller = self.poster, self.told  # type: ignore[assignment]
        return rooms

    @asynccontextmanager
    async def running(self, options: RoomOptions = QUICK) -> AsyncGenerator[Rooms]:
        rooms, started = self.rooms(options), asyncio.Event()
        start_workers = rooms._start_workers

        def start(group: asyncio.TaskGroup) -> None:
            start_workers(group)
            started.set()

        rooms._start_workers = start  # type: ignore[method-assign]
        task = asyncio.create_task(rooms.run())
        try:
            await started.wait()
            yield rooms
        finally:
            task.cancel()
            await asyncio.wait([task])
        assert task.cancelled()

    async def attach(self, room_id: RoomId, about: ObjectInfo = VIDEO, **rules: Any) -> None:
        new = NewAttachment(
            guild_id=self.guild_id,
            room_id=room_id,
            object=about,
            rules=AttachmentRules(comments=CommentPolicy.ALL, **rules),
            attached_by=self.attached_by,
        )
        live = LiveObservation(object_id=about.object_id, is_broadcasting=False)
        baseline = Baseline(live=live if about is WEBINAR else None)
        await self.store.attachments.attach(new, baseline, now=self.now)

    async def say(self, *numbers: int, **values: Any) -> frozenset[RoomId]:
        comments = [comment_notice(number, **values).comment for number in numbers]
        ingested = await self.store.memory.ingest(
            VIDEO.object_id, comments, source=Source.REALTIME, now=self.now
        )
        return ingested.rooms

    async def revise(self, *numbers: int, **values: Any) -> frozenset[RoomId]:
        comments = [comment_notice(number, **values).comment for number in numbers]
        ingested = await self.store.memory.ingest(
            VIDEO.object_id, comments, source=Source.RECONCILE, now=self.now
        )
        return ingested.rooms

    async def hear(self, rooms: Rooms, number: int) -> Ingested:
        """Take in one comment as the bridge does, and wake the rooms."""
        ingested = await self.store.memory.ingest(
            VIDEO.object_id,
            [comment_notice(number).comment],
            source=Source.REALTIME,
            now=self.now,
            draft=draft_lone,
        )
        rooms.wake(ingested.rooms, ingested.started)
        return ingested

    async def see(self, rooms: Rooms, **values: Any) -> None:
        self.now += timedelta(minutes=2)
        seen = LiveObservation(object_id=WEBINAR.object_id, **values)
        ingested = await self.store.broadcasts.ingest(seen, now=self.now)
        rooms.wake(ingested.rooms)

    async def measured(self, name: str, value: float) -> None:
        """Wait until a gauge has the value; the store is counted a little later."""
        async with asyncio.timeout(10):
            while self.registry.get_sample_value(name) != value:
                self.counted.clear()
                await self.counted.wait()

    def count(self, outcome: str) -> float:
        name = "twentythree_notices_total"
        return self.registry.get_sample_value(name, {"outcome": outcome}) or 0.0


async def idle(rooms: Rooms) -> None:
    """Wait until no room has a worker any more."""
    async with asyncio.timeout(10):
        while rooms._wanted or rooms._wanted_editors or rooms._tasks:
            if rooms._tasks:
                await asyncio.wait(rooms._tasks.values())
            else:
                await asyncio.sleep(0)


def comments(numbers: Sequence[int]) -> list[str]:
    return [f"Comment {number}" for number in numbers]
