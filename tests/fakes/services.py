"""What the cog is given instead of real services: opened, run and closed under the test's eyes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import discord

from cogs.twentythree import wiring
from cogs.twentythree.delivery import Presence, RoomSupervisor
from cogs.twentythree.domain.model import GuildId, RoomId
from cogs.twentythree.domain.troubles import Fault, Kind
from cogs.twentythree.languages import Language
from cogs.twentythree.metrics import Metrics
from cogs.twentythree.settings import Settings
from cogs.twentythree.storage.lead import Lead, StandingBy
from tests.fakes.bridge import NOW, StagedBridge
from tests.fakes.bridge_house import House
from tests.fakes.staged_acting import FakeActing, as_acting
from tests.fakes.stores import open_store


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
        self.told: list[str] = []
        self.greeted: list[GuildId] = []
        self._was_greeted = asyncio.Event()
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

    async def tell_one(self, guild_id: GuildId, people: Sequence[int], text: str) -> bool:
        self.told.append(text)
        return True

    async def greet(self, guild_id: GuildId) -> None:
        self.greeted.append(guild_id)
        self._was_greeted.set()

    async def until_greeted(self, *guild_ids: int) -> None:
        """Wait until these servers were greeted, in this order, and no others before them."""
        async with asyncio.timeout(5):
            while len(self.greeted) < len(guild_ids):
                self._was_greeted.clear()
                await self._was_greeted.wait()
        assert self.greeted == list(guild_ids)

    async def language(self, guild_id: GuildId, room_id: RoomId | None = None) -> Language:
        return Language.ENGLISH

    def faults(self, rooms: Collection[RoomId] | None = None) -> dict[Kind, Fault]:
        return dict(self.wrong)


class FakeWiring:
    """Stands in for the module ``wiring``; all but the rooms is real, or a house's."""

    Services = wiring.Services

    def __init__(self, house: House) -> None:
        self.house = house
        self.bridge = StagedBridge(house)
        self.rooms = FakeRooms()
        self.acting = FakeActing(house.store)
        self.opened = 0
        self.closed = 0
        self.refuses: Exception | None = None
        # Whoever stands by waits for this.
        self.may_lead = asyncio.Event()

    @asynccontextmanager
    async def services(
        self, client: discord.Client, _: Settings, lead: Lead | None, *, stands_by: bool
    ) -> AsyncGenerator[wiring.Services]:
        if self.refuses is not None:
            raise self.refuses
        if lead is not None and stands_by:
            lead.standing_by = StandingBy(since=NOW, why="process 7 leads")
            await self.may_lead.wait()
            lead.standing_by = None
        if lead is not None:
            lead.begin_alone()
        self.opened += 1
        try:
            yield wiring.Services(
                api=cast("Any", self.house.workspace),
                bridge=cast("Any", self.bridge),
                lead=lead or Lead(),
                presence=Presence(client),
                rooms=self.rooms,
                store=self.house.store,
                metrics=cast("Metrics", None),
                acting=as_acting(self.acting),
            )
        finally:
            self.closed += 1


@asynccontextmanager
async def a_wiring(folder: Path) -> AsyncGenerator[FakeWiring]:
    """Open the store in the folder, and close it."""
    store = await open_store(folder / "bot.db")
    try:
        yield FakeWiring(House(store))
    finally:
        await store.close()
