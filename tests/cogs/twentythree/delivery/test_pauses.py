"""A room takes an edit and refuses a post at the same moment."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from cogs.twentythree.delivery.pauses import OutboxGauges, Pauses
from cogs.twentythree.domain.model import RoomId
from cogs.twentythree.metrics import Metrics
from cogs.twentythree.storage.attachments import Attachments
from tests.fakes.rooms import NO_ACCESS, ROOM, World

# Within these, what is begun meanwhile is handed to the thread of SQLite's writers.
_STEPS = 20


class SlowToResume:
    """Attachments of a store that lifts pauses late: PostgreSQL writes what comes later first."""

    def __init__(self, real: Attachments) -> None:
        self.find, self.pause, self._resume = real.find, real.pause, real.resume
        self.reached, self.may_go_on = asyncio.Event(), asyncio.Event()

    async def resume(self, room_id: RoomId) -> bool:
        self.reached.set()
        await self.may_go_on.wait()
        return await self._resume(room_id)


@pytest.fixture
async def slow(world: World) -> SlowToResume:
    await world.attach(ROOM)
    return SlowToResume(world.store.attachments)


@pytest.fixture
async def pauses(world: World, slow: SlowToResume) -> Pauses:
    store: Any = SimpleNamespace(attachments=slow)
    gauges = OutboxGauges(world.store, Metrics(CollectorRegistry()), 0.0)
    made = Pauses(world.edge(), store, gauges, now=lambda: world.now)
    await made.begin(ROOM, NO_ACCESS.reason, is_post=False)
    return made


async def is_paused(world: World) -> bool:
    (held,) = await world.store.attachments.find()
    return held.pause is not None


async def test_a_room_that_takes_an_edit_and_no_post_is_paused_until_it_takes_one(
    world: World, slow: SlowToResume, pauses: Pauses
) -> None:
    edited = asyncio.create_task(pauses.end(ROOM, is_post=False))
    await slow.reached.wait()
    refused = asyncio.create_task(pauses.begin(ROOM, NO_ACCESS.reason, is_post=True))
    for _ in range(_STEPS):
        await asyncio.sleep(0)
    slow.may_go_on.set()
    await asyncio.gather(edited, refused)
    assert await is_paused(world)

    await pauses.end(ROOM, is_post=True)
    assert not await is_paused(world)
