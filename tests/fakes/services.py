"""What the cog is given instead of real services: opened, run and closed under the test's eyes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import discord

from cogs.twentythree import wiring
from cogs.twentythree.delivery import RoomSupervisor
from cogs.twentythree.domain.model import RoomId
from cogs.twentythree.domain.troubles import Fault, Kind
from cogs.twentythree.errors import StorageError
from cogs.twentythree.metrics import Metrics
from cogs.twentythree.settings import Settings
from cogs.twentythree.storage import Store
from tests.fakes.bridge import FakeBridge


class FakeRooms(RoomSupervisor):
    """Notes which servers are looked at again, and the drain.

    ``crashes`` runs end with an error before one lasts; ``wrong`` is what it says is wrong.
    """

    def __init__(self) -> None:  # super() would want a client and a store
        self.rechecked: list[int] = []
        self.drained = 0
        self.drain_error: Exception | None = None
        self.crashes = 0
        self.crash: Exception = RuntimeError("broken")
        self.runs = 0
        self.is_running = asyncio.Event()
        self.wrong: dict[Kind, Fault] = {}

    def recheck(self, guild_id: int) -> None:
        self.rechecked.append(guild_id)

    async def drain(self, timeout_s: float) -> None:
        self.drained += 1
        if self.drain_error is not None:
            raise self.drain_error

    async def run(self) -> None:
        self.runs += 1
        if self.runs <= self.crashes:
            raise self.crash
        self.is_running.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.is_running.clear()

    def faults(self, rooms: Collection[RoomId] | None = None) -> dict[Kind, Fault]:
        return dict(self.wrong)


class FakeStore:
    """Remembers digests."""

    broken = None

    def __init__(self) -> None:
        self.digests: dict[str, str] = {}
        self.upkeep = self.outages = self

    async def command_digests(self) -> dict[str, str]:
        return self.digests

    async def set_command_digest(self, scope: str, digest: str) -> None:
        self.digests[scope] = digest

    async def counts(self) -> None:
        raise StorageError("Nothing is counted here.")

    async def look(self, patience_s: float) -> None:
        pass

    async def watch(self) -> None:
        await asyncio.Event().wait()

    async def told(self) -> set[Any]:
        return set()


class FakeWiring:
    """Stands in for the module ``wiring``."""

    Services = wiring.Services

    def __init__(self) -> None:
        self.bridge = FakeBridge()
        self.rooms = FakeRooms()
        self.store = FakeStore()
        self.opened = 0
        self.closed = 0
        self.refuses: Exception | None = None

    @asynccontextmanager
    async def services(
        self, _: discord.Client, __: Settings, *, are_to_work: bool
    ) -> AsyncGenerator[wiring.Services]:
        if self.refuses is not None:
            raise self.refuses
        self.opened += 1
        try:
            yield wiring.Services(
                api=cast("Any", SimpleNamespace(trouble=None, site=None)),
                bridge=self.bridge,
                rooms=self.rooms,
                store=cast("Store", self.store),
                metrics=cast("Metrics", None),
            )
        finally:
            self.closed += 1
