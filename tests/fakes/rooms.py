"""The rooms on a real store, with a Discord that is told how to answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import discord
from prometheus_client import CollectorRegistry

from cogs.twentythree.delivery import DiscordEdge, RoomOptions, RoomSupervisor, draft_lone
from cogs.twentythree.delivery.batches import RoomBatches
from cogs.twentythree.delivery.gate import Gate, InvalidBudget
from cogs.twentythree.delivery.outcomes import PauseRoom, RetryLater
from cogs.twentythree.delivery.pace import RequestPace
from cogs.twentythree.delivery.telling import Teller
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
from tests.fakes.poster import FakePoster, NoClient

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


class Told(Teller):
    """Stands in for the teller; a test of its own covers it."""

    def __init__(self) -> None:  # super() would want a client
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
    leapt_s: float = 0.0  # by so much the clock of the edits is ahead

    def edge(self, options: RoomOptions = QUICK) -> DiscordEdge:
        client: Any = self.client or NoClient()
        edge = DiscordEdge(client, options)
        if self.client is None:
            edge.poster, edge.teller = self.poster, self.told
        return edge

    def rooms(self, options: RoomOptions = QUICK) -> RoomSupervisor:
        self.registry = CollectorRegistry()
        return RoomSupervisor(
            self.edge(options),
            self.store,
            ToldMetrics(self.registry, self.counted),
            now=lambda: self.now,
            clock=lambda: time.monotonic() + self.leapt_s,
            chance=lambda: 1.0,
        )

    def batches(self, room_id: RoomId) -> RoomBatches:
        metrics = Metrics(CollectorRegistry())
        return RoomBatches(room_id, self.edge(), self.store, metrics, now=lambda: self.now)

    @asynccontextmanager
    async def running(self, options: RoomOptions = QUICK) -> AsyncGenerator[RoomSupervisor]:
        rooms = self.rooms(options)
        task = asyncio.create_task(rooms.run())
        try:
            # It tells nobody that it has begun.
            while not (task.done() or _named("measuring")):  # noqa: ASYNC110
                await asyncio.sleep(0)
            yield rooms
        finally:
            task.cancel()
            await asyncio.wait([task])
        assert task.cancelled(), task

    async def attach(
        self,
        room_id: RoomId,
        about: ObjectInfo = VIDEO,
        *,
        is_exposure_agreed: bool = True,
        **rules: Any,
    ) -> None:
        """Attach with all comments; unless it is agreed, it may wait as soon as rooms are seen."""
        new = NewAttachment(
            guild_id=self.guild_id,
            room_id=room_id,
            object=about,
            rules=AttachmentRules(comments=CommentPolicy.ALL, **rules),
            attached_by=self.attached_by,
            is_exposure_agreed=is_exposure_agreed,
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

    async def hear_of(self, about: ObjectInfo, *numbers: int) -> frozenset[RoomId]:
        """Take in comments on another object than the film."""
        said = [comment_notice(number).comment for number in numbers]
        found = [replace(one, object_id=about.object_id) for one in said]
        ingested = await self.store.memory.ingest(
            about.object_id, found, source=Source.REALTIME, now=self.now
        )
        return ingested.rooms

    async def revise(self, *numbers: int, **values: Any) -> frozenset[RoomId]:
        comments = [comment_notice(number, **values).comment for number in numbers]
        ingested = await self.store.memory.ingest(
            VIDEO.object_id, comments, source=Source.RECONCILE, now=self.now
        )
        return ingested.rooms

    async def hear(self, rooms: RoomSupervisor, number: int) -> Ingested:
        """Take in one comment as the bridge does, and wake the rooms."""
        ingested = await self.store.memory.ingest(
            VIDEO.object_id,
            [comment_notice(number).comment],
            source=Source.REALTIME,
            now=self.now,
            draft=draft_lone,
        )
        rooms.wake(ingested.rooms, ingested.started, ingested.edits)
        return ingested

    async def see(self, rooms: RoomSupervisor, **values: Any) -> None:
        self.now += timedelta(minutes=2)
        seen = LiveObservation(object_id=WEBINAR.object_id, **values)
        ingested = await self.store.broadcasts.ingest(seen, now=self.now)
        rooms.wake(ingested.rooms, (), ingested.edits)

    async def measured(self, name: str, value: float) -> None:
        """Wait until a gauge has the value; the store is counted a little later."""
        async with asyncio.timeout(60):
            while self.registry.get_sample_value(name) != value:
                self.counted.clear()
                await self.counted.wait()

    def count(self, outcome: str) -> float:
        name = "twentythree_notices_total"
        return self.registry.get_sample_value(name, {"outcome": outcome}) or 0.0


async def idle(rooms: RoomSupervisor) -> None:
    """Wait until no room has a worker any more, and none is called."""
    del rooms  # there are no others
    async with asyncio.timeout(60):
        is_quiet = False
        while not is_quiet:
            if working := at_work():
                await asyncio.wait(working)
            # So many turns a call takes to be answered.
            for _ in range(5):
                await asyncio.sleep(0)
            is_quiet = not at_work()


def at_work() -> list[asyncio.Task[Any]]:
    """Return the workers that there are."""
    return _named("room ")


def _named(beginning: str) -> list[asyncio.Task[Any]]:
    return [one for one in asyncio.all_tasks() if one.get_name().startswith(beginning)]


def comments(numbers: Sequence[int]) -> list[str]:
    return [f"Comment {number}" for number in numbers]
