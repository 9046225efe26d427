import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from cogs.twentythree.domain.model import ObjectId
from cogs.twentythree.intake.turns import Turns
from tests.fakes.budget import NoLimit

ONE, TWO, THREE = ObjectId(1), ObjectId(2), ObjectId(3)
NEVER = 3600.0


class Reads:
    """Takes turns, records them, and lets the test decide when they end and come again."""

    def __init__(
        self, turns: Turns[ObjectId], *, hold: bool = False, interval: float = NEVER
    ) -> None:
        self.turns = turns
        self.interval = interval
        self.began: asyncio.Queue[ObjectId] = asyncio.Queue()
        self.release = asyncio.Semaphore(0 if hold else 1_000_000)
        self.running = 0
        self.most = 0

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            while True:
                tasks.create_task(self.take(await self.turns.next()))

    async def take(self, object_id: ObjectId) -> None:
        self.running += 1
        self.most = max(self.most, self.running)
        self.began.put_nowait(object_id)
        await self.release.acquire()
        self.running -= 1
        self.turns.done(object_id, self.interval)

    async def next(self) -> ObjectId:
        async with asyncio.timeout(60):
            return await self.began.get()


def make(**options: Any) -> Turns[ObjectId]:
    given: dict[str, Any] = {"budget": NoLimit(), "spacing_s": 0.0} | options
    return Turns(**given)


@asynccontextmanager
async def running(reads: Reads) -> AsyncGenerator[None]:
    task = asyncio.create_task(reads.run())
    yield
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_what_is_asked_for_is_read_at_once() -> None:
    reads = Reads(turns := make())
    async with running(reads):
        turns.ask([ONE, TWO])

        assert {await reads.next(), await reads.next()} == {ONE, TWO}


async def test_many_asks_during_a_reading_become_one_more() -> None:
    reads = Reads(turns := make(), hold=True)
    async with running(reads):
        turns.ask([ONE])
        await reads.next()
        for _ in range(50):
            turns.ask([ONE])
        reads.release.release()
        await reads.next()
        reads.release.release()
        await settled()

        assert reads.began.empty()


async def test_no_more_readings_run_at_once_than_allowed() -> None:
    reads = Reads(turns := make(concurrency=2), hold=True)
    async with running(reads):
        turns.ask([ONE, TWO, THREE])
        await reads.next()
        await reads.next()
        await settled()
        assert reads.began.empty()
        reads.release.release()

        assert await reads.next() == THREE
        assert reads.most == 2


async def test_an_object_is_read_again_on_its_timer() -> None:
    reads = Reads(turns := make(), interval=0.001)
    async with running(reads):
        turns.ask([ONE])

        assert [await reads.next() for _ in range(3)] == [ONE] * 3


async def test_a_shorter_interval_takes_effect_when_replanned() -> None:
    reads = Reads(turns := make())
    async with running(reads):
        turns.ask([ONE])
        await reads.next()
        await settled()
        reads.interval = 0.001
        assert turns.waiting() == (ONE,)
        turns.within(ONE, reads.interval)

        assert await reads.next() == ONE


async def test_a_forgotten_object_is_not_read_again() -> None:
    reads = Reads(turns := make(), hold=True, interval=0.0)
    async with running(reads):
        turns.ask([ONE])
        await reads.next()
        turns.forget(ONE)
        reads.release.release()
        await settled()

        assert reads.began.empty()


async def test_two_readings_of_one_object_keep_their_distance() -> None:
    now = 0.0
    reads = Reads(turns := make(clock=lambda: now, spacing_s=5.0))
    async with running(reads):
        turns.ask([ONE])
        await reads.next()
        await settled()
        turns.ask([ONE])
        await settled()
        assert reads.began.empty()
        now = 5.0
        turns.ask([TWO])

        assert {await reads.next(), await reads.next()} == {ONE, TWO}


async def test_without_room_in_the_budget_only_what_is_urgent_is_read() -> None:
    budget = NoLimit()
    budget.waits[False] = NEVER
    reads = Reads(turns := make(budget=budget))
    async with running(reads):
        turns.ask([ONE, TWO], is_urgent=False)
        turns.ask([THREE])
        assert await reads.next() == THREE
        await settled()
        assert reads.began.empty()
        # What was not is, once somebody asks.
        turns.ask([TWO])
        assert await reads.next() == TWO


async def test_what_waits_for_the_budget_is_read_when_there_is_room() -> None:
    budget = NoLimit()
    budget.waits = {True: 0.01, False: 0.01}
    reads = Reads(turns := make(budget=budget, is_urgent=True))
    async with running(reads):
        turns.ask([ONE])
        await settled()
        assert reads.began.empty()
        budget.waits = {True: 0.0, False: NEVER}

        assert await reads.next() == ONE


async def test_who_is_asked_for_again_and_again_keeps_its_place() -> None:
    turns = make()
    turns.ask([ONE], is_urgent=False)
    turns.ask([ONE])
    turns.ask([TWO])
    turns.ask([ONE])

    assert [await turns.next(), await turns.next()] == [ONE, TWO]


async def test_a_turn_whose_work_was_cut_off_is_taken_again_by_the_work_that_follows() -> None:
    turns = make(concurrency=1)
    turns.ask([ONE, TWO])
    first = await turns.next()

    turns.reclaim()

    async with asyncio.timeout(60):
        taken = [await turns.next()]
        turns.done(taken[0], NEVER)
        taken.append(await turns.next())
    assert first in taken
    assert sorted(taken) == [ONE, TWO]
