import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from cogs.twentythree.domain.model import ObjectId
from cogs.twentythree.intake.reader import Reader
from tests.fakes.budget import NoLimit

ONE, TWO, THREE = ObjectId(1), ObjectId(2), ObjectId(3)
NEVER = 3600.0


class Reads:
    """Records readings and lets the test decide when they end."""

    def __init__(self, *, hold: bool = False) -> None:
        self.began: asyncio.Queue[ObjectId] = asyncio.Queue()
        self.release = asyncio.Semaphore(0 if hold else 1_000_000)
        self.running = 0
        self.most = 0

    async def read(self, object_id: ObjectId) -> None:
        self.running += 1
        self.most = max(self.most, self.running)
        self.began.put_nowait(object_id)
        await self.release.acquire()
        self.running -= 1

    async def next(self) -> ObjectId:
        async with asyncio.timeout(5):
            return await self.began.get()


def make(reads: Reads, *, interval: float = NEVER, concurrency: int = 4) -> Reader[ObjectId]:
    return Reader(
        reads.read,
        lambda _: interval,
        clock=asyncio.get_running_loop().time,
        budget=NoLimit(),
        concurrency=concurrency,
        spacing_s=0.0,
    )


@asynccontextmanager
async def running(reader: Reader[ObjectId]) -> AsyncGenerator[None]:
    task = asyncio.create_task(reader.run())
    yield
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_what_is_asked_for_is_read_at_once() -> None:
    reads = Reads()
    reader = make(reads)
    async with running(reader):
        reader.ask([ONE, TWO])

        assert {await reads.next(), await reads.next()} == {ONE, TWO}


async def test_many_asks_during_a_reading_become_one_more() -> None:
    reads = Reads(hold=True)
    reader = make(reads)
    async with running(reader):
        reader.ask([ONE])
        await reads.next()
        for _ in range(50):
            reader.ask([ONE])
        reads.release.release()
        await reads.next()
        reads.release.release()
        await settled()

        assert reads.began.empty()


async def test_no_more_readings_run_at_once_than_allowed() -> None:
    reads = Reads(hold=True)
    reader = make(reads, concurrency=2)
    async with running(reader):
        reader.ask([ONE, TWO, THREE])
        await reads.next()
        await reads.next()
        await settled()
        assert reads.began.empty()
        reads.release.release()

        assert await reads.next() == THREE
        assert reads.most == 2


async def test_an_object_is_read_again_on_its_timer() -> None:
    reads = Reads()
    reader = make(reads, interval=0.001)
    async with running(reader):
        reader.ask([ONE])

        assert [await reads.next() for _ in range(3)] == [ONE] * 3


async def test_a_shorter_interval_takes_effect_when_replanned() -> None:
    reads = Reads()
    interval = NEVER
    reader = Reader(
        reads.read,
        lambda _: interval,
        clock=asyncio.get_running_loop().time,
        budget=NoLimit(),
        spacing_s=0.0,
    )
    async with running(reader):
        reader.ask([ONE])
        await reads.next()
        await settled()
        interval = 0.001
        reader.replan()

        assert await reads.next() == ONE


async def test_a_forgotten_object_is_not_read_again() -> None:
    reads = Reads(hold=True)
    reader = make(reads, interval=0.0)
    async with running(reader):
        reader.ask([ONE])
        await reads.next()
        reader.forget(ONE)
        reads.release.release()
        await settled()

        assert reads.began.empty()


async def test_two_readings_of_one_object_keep_their_distance() -> None:
    reads = Reads()
    now = 0.0
    reader = Reader(reads.read, lambda _: NEVER, clock=lambda: now, budget=NoLimit(), spacing_s=5.0)
    async with running(reader):
        reader.ask([ONE])
        await reads.next()
        await settled()
        reader.ask([ONE])
        await settled()
        assert reads.began.empty()
        now = 5.0
        reader.ask([TWO])

        assert {await reads.next(), await reads.next()} == {ONE, TWO}


async def test_without_room_in_the_budget_only_what_is_urgent_is_read() -> None:
    reads, budget = Reads(), NoLimit()
    budget.waits[False] = NEVER
    reader = Reader(
        reads.read,
        lambda _: NEVER,
        clock=asyncio.get_running_loop().time,
        budget=budget,
        spacing_s=0.0,
    )
    async with running(reader):
        reader.ask([ONE, TWO], is_urgent=False)
        reader.ask([THREE])
        assert await reads.next() == THREE
        await settled()
        assert reads.began.empty()
        # What was not is, once somebody asks.
        reader.ask([TWO])
        assert await reads.next() == TWO


async def test_what_waits_for_the_budget_is_read_when_there_is_room() -> None:
    reads, budget = Reads(), NoLimit()
    budget.waits = {True: 0.01, False: 0.01}
    reader = Reader(
        reads.read,
        lambda _: NEVER,
        clock=asyncio.get_running_loop().time,
        budget=budget,
        is_urgent=True,
    )
    async with running(reader):
        reader.ask([ONE])
        await settled()
        assert reads.began.empty()
        budget.waits = {True: 0.0, False: NEVER}

        assert await reads.next() == ONE
