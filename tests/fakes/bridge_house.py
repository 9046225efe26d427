"""A bridge between a fake workspace and a real store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from prometheus_client import CollectorRegistry

from cogs.twentythree.api import FoundObject, RealtimeAddress
from cogs.twentythree.domain.model import (
    Comment,
    CommentNotice,
    GuildId,
    LiveNotice,
    ObjectId,
    ObjectKind,
    RoomId,
    Source,
)
from cogs.twentythree.intake import Bridge, BridgeOptions, WantedAttachment
from cogs.twentythree.metrics import Metrics
from cogs.twentythree.realtime import RealtimeClient
from cogs.twentythree.storage import Store
from tests.fakes.asked import with_rules
from tests.fakes.intake import ClockSet, RoomsWoken, ports
from tests.fakes.realtime import FakeRealtime
from tests.fakes.stores import open_store
from tests.fakes.workspace import EVENTS, ROOT, FakeWorkspace

GUILD, ROOM, OTHER = GuildId(1), RoomId(10), RoomId(11)
VIDEO, WEBINAR = ObjectId(7), ObjectId(8)
URL = "https://rt.example.com/faye"
SERVED = RealtimeAddress(url=URL, comments_root=ROOT, events=EVENTS)
PROMOTED = f"{ROOT}/promoted_json"
ALL = f"{ROOT}/all_json"


class House:
    """A bridge between a fake workspace and a real store."""

    def __init__(self, store: Store, **options: Any) -> None:
        self.store = store
        self.workspace = FakeWorkspace()
        self.clients: list[FakeRealtime] = []
        self.made = asyncio.Event()
        self.connect: Callable[[str], RealtimeClient] = self._fake
        self.rooms = RoomsWoken()
        self.woken, self.told, self.work = self.rooms.woken, self.rooms.told, self.rooms.work
        self.workspace.heard = self.work.set
        self.registry = CollectorRegistry()
        self.clock = ClockSet()
        joined = ports(
            store,
            self.workspace,
            realtime=self._make,
            rooms=self.rooms,
            metrics=Metrics(self.registry),
            clock=self.clock,
        )
        self.bridge = Bridge(joined, BridgeOptions(**options))

    def _make(self, url: str) -> RealtimeClient:
        return self.connect(url)

    def _fake(self, url: str) -> RealtimeClient:
        self.clients.append(FakeRealtime(url))
        self.made.set()
        return cast("RealtimeClient", self.clients[-1])

    async def client(self) -> FakeRealtime:
        async with asyncio.timeout(60):
            await self.made.wait()
        return self.clients[-1]

    async def attach(
        self,
        object_id: ObjectId = VIDEO,
        room: RoomId = ROOM,
        *,
        found: FoundObject | None = None,
        **options: Any,
    ) -> Any:
        wanted = WantedAttachment(
            **with_rules({"guild_id": GUILD, **options}),
            object_id=object_id,
            room_id=room,
            attached_by=99,
        )
        return await self.bridge.attach(wanted, found)

    async def served(self, object_id: ObjectId = VIDEO, **options: Any) -> FakeRealtime:
        """Attach an object that realtime serves; return the client."""
        kind = ObjectKind.LIVE if object_id == WEBINAR else ObjectKind.VIDEO
        self.workspace.add(object_id, kind)
        self.workspace.addresses[object_id] = SERVED
        await self.attach(object_id, **options)
        return await self.client()

    async def said(self, room: RoomId = ROOM) -> list[str]:
        """Return what waits in a room's outbox, as short words."""
        words = []
        for queued in (await self.store.outbox.work(room)).pending:
            match queued.notice:
                case CommentNotice(comment=comment):
                    words.append(f"comment {comment.comment_id}")
                case LiveNotice(state=state):
                    words.append(f"live {state.phase}")
        return sorted(words)

    def advance(self, seconds: float) -> None:
        """Let the bridge's clock be ahead by so much more."""
        self.clock.ahead += timedelta(seconds=seconds)

    async def ingest(self, comment: Comment) -> None:
        """Take a comment in as from realtime."""
        await self.bridge.intake.ingest(comment.object_id, [comment], Source.REALTIME)

    async def until(self, is_so: Callable[[], bool | Awaitable[bool]]) -> None:
        """Wait for something that follows from a call of the workspace, or from work for rooms."""
        async with asyncio.timeout(60):
            # Cleared before the look, so that what happens during it is not missed.
            self.work.clear()
            while not await _told(is_so()):
                await self.work.wait()
                self.work.clear()

    async def until_looked_up(self, object_ids: Iterable[ObjectId]) -> None:
        """Wait until the channels of the objects are known, and their titles looked at."""
        known = [self.bridge.states.get(object_id) for object_id in object_ids]
        await self.until(
            lambda: all(one is not None and one.looked_up > 0 < one.refreshed for one in known)
        )

    async def until_called(self, name: str, count: int) -> None:
        """Wait until the workspace was asked something so often."""
        await self.until(lambda: self.workspace.calls.count(name) >= count)

    async def until_text(self, text: str, room: RoomId = ROOM) -> None:
        """Wait until a comment that waits in a room says this."""

        async def is_there() -> bool:
            return text in str((await self.store.outbox.work(room)).pending)

        await self.until(is_there)

    async def until_said(self, *words: str, room: RoomId = ROOM) -> None:
        async def is_said() -> bool:
            return await self.said(room) == sorted(words)

        await self.until(is_said)

    def forged(self) -> float | None:
        """Return how many comments turned out to be forged; ``None``: none."""
        return self.metric("twentythree_events_total", kind="forged", source="realtime")

    async def until_forged(self, count: int) -> None:
        await self.until(lambda: self.forged() == count)

    def metric(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(name, labels)


async def _told(answer: bool | Awaitable[bool]) -> bool:  # noqa: FBT001 - either kind of it
    return answer if isinstance(answer, bool) else await answer


@asynccontextmanager
async def house(path: Path, **options: Any) -> AsyncGenerator[House]:
    store = await open_store(path / "bridge.db")
    try:
        yield House(store, **options)
    finally:
        await store.close()


@asynccontextmanager
async def running(made: House) -> AsyncGenerator[None]:
    task = asyncio.create_task(made.bridge.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})
    assert task.cancelled()
