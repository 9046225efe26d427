"""What the cog is given instead of real services: opened, run and closed under the test's eyes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, cast

import discord

from cogs.twentythree import wiring
from cogs.twentythree.delivery import OutageTeller, RoomSupervisor
from cogs.twentythree.domain.model import GuildId, ObjectId
from cogs.twentythree.domain.troubles import Fault, Kind
from cogs.twentythree.metrics import Metrics
from cogs.twentythree.settings import Settings
from cogs.twentythree.storage import Store
from tests.fakes.bridge import FakeBridge


class FakeRooms(RoomSupervisor):
    """Notes which servers are looked at again, and the drain."""

    def __init__(self) -> None:  # super() would want a client and a store
        self.rechecked: list[int] = []
        self.drained = 0
        self.drain_error: Exception | None = None

    def recheck(self, guild_id: int) -> None:
        self.rechecked.append(guild_id)

    async def drain(self, timeout_s: float) -> None:
        self.drained += 1
        if self.drain_error is not None:
            raise self.drain_error


class FakeOutageTeller(OutageTeller):
    """Tells nobody."""

    def __init__(self) -> None:  # super() would want somebody to tell
        pass

    async def run(self) -> None:
        await asyncio.Event().wait()


class FakeStore:
    """Remembers digests."""

    def __init__(self) -> None:
        self.digests: dict[str, str] = {}

    async def command_digests(self) -> dict[str, str]:
        return self.digests

    async def set_command_digest(self, scope: str, digest: str) -> None:
        self.digests[scope] = digest


class FakeWiring:
    """Stands in for the module `wiring`; `crashes` runs end with an error before one lasts."""

    Services = wiring.Services

    def __init__(self) -> None:
        self.bridge = FakeBridge()
        self.rooms = FakeRooms()
        self.store = FakeStore()
        self.opened = 0
        self.closed = 0
        self.crashes = 0
        self.crash: Exception = RuntimeError("broken")
        self.runs = 0
        self.is_running = asyncio.Event()
        self.refuses: Exception | None = None
        self.wrong: dict[Kind, Fault] = {}

    @asynccontextmanager
    async def services(
        self, _: discord.Client, __: Settings, *, are_to_work: bool
    ) -> AsyncGenerator[wiring.Services]:
        if self.refuses is not None:
            raise self.refuses
        self.opened += 1
        try:
            yield wiring.Services(
                api=cast("Any", None),
                bridge=self.bridge,
                rooms=self.rooms,
                store=cast("Store", self.store),
                metrics=cast("Metrics", None),
                servers=lambda: 0,
            )
        finally:
            self.closed += 1

    async def faults(
        self,
        _: wiring.Services,
        guild_id: GuildId | None = None,
        object_id: ObjectId | None = None,
        *,
        writes: bool = True,
    ) -> dict[Kind, Fault]:
        return dict(self.wrong)

    def outage_teller(self, _: wiring.Services, __: Any) -> OutageTeller:
        return FakeOutageTeller()

    async def run(self, _: wiring.Services) -> None:
        self.runs += 1
        if self.runs <= self.crashes:
            raise self.crash
        self.is_running.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.is_running.clear()
