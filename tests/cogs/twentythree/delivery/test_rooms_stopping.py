import asyncio
from typing import Any

import pytest

from cogs.twentythree.delivery import RoomOptions
from cogs.twentythree.errors import StorageError
from tests.fakes.notices import VIDEO
from tests.fakes.poster import Hang
from tests.fakes.rooms import OTHER, ROOM, World, at_work, comments, idle


async def test_a_graceful_stop_lets_what_is_under_way_end_and_begins_nothing(world: World) -> None:
    await world.attach(ROOM)
    await world.attach(OTHER)
    await world.say(*range(1, 12))
    world.poster.faults[ROOM].append(hang := Hang())
    async with world.running() as rooms:
        await world.poster.until(lambda: len(world.poster.texts(ROOM)) == 10)
        draining = asyncio.create_task(rooms.drain(10))
        await asyncio.sleep(0)
        rooms.wake([ROOM, OTHER])
        hang.release.set()
        await draining

        assert at_work() == []
        work = await world.store.outbox.work(ROOM)
        assert (len(work.unsettled), len(work.pending)) == (0, 1)


async def test_a_stop_that_comes_in_the_tail_of_a_rate_limit_is_bounded_and_safe(
    world: World,
) -> None:
    """The message is public, and discord.py sleeps before it says so."""
    await world.attach(ROOM)
    await world.say(1)
    world.poster.faults[ROOM].append(Hang())
    async with world.running() as rooms:
        await world.poster.until(lambda: len(world.poster.messages) == 1)
        await rooms.drain(0.01)
        assert at_work() == []
    async with world.running() as rooms:
        await idle(rooms)

    assert world.poster.texts(ROOM) == comments([1])


async def test_a_stop_with_nothing_under_way_is_at_once(world: World) -> None:
    async with world.running() as rooms:
        await rooms.drain(10)
        rooms.wake([ROOM])

        assert at_work() == []


async def test_trouble_with_the_store_is_logged_and_the_room_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await world.attach(ROOM)
    await world.say(1)
    settle, failures = world.store.outbox.settle, [StorageError("the disk is full")]

    async def failing(*arguments: Any, **named: Any) -> bool:
        if failures:
            raise failures.pop()
        return await settle(*arguments, **named)

    monkeypatch.setattr(world.store.outbox, "settle", failing)
    async with world.running() as rooms:
        await idle(rooms)

    assert world.poster.texts(ROOM) == comments([1])
    assert await world.store.outbox.rooms_with_work() == frozenset()
    assert "the disk is full" in caplog.text


async def test_work_that_nobody_told_of_is_found(world: World) -> None:
    await world.attach(ROOM)
    async with world.running(RoomOptions(sweep_s=0.01)):
        await world.say(1)
        await world.poster.until(lambda: len(world.poster.messages) == 1)


async def test_work_that_nobody_told_of_is_found_however_much_is_called_for(world: World) -> None:
    await world.attach(ROOM)
    await world.attach(OTHER)
    world.poster.edit_hangs = asyncio.Event()
    async with world.running(RoomOptions(sweep_s=0.5)) as rooms:
        rooms.wake(await world.say(1))
        await world.poster.until(lambda: len(world.poster.texts(OTHER)) == 1)
        await idle(rooms)
        # A message of this room is to be edited all the time, and each post calls for that.
        rooms.wake(await world.revise(1, text="otherwise"))
        rooms_told = frozenset({ROOM})
        async with asyncio.timeout(60):
            number = 2
            while len(world.poster.texts(OTHER)) == 1:
                await world.say(number)
                rooms.wake(rooms_told)
                await world.poster.until(lambda: len(world.poster.texts(ROOM)) == number)  # noqa: B023
                number += 1


async def test_the_store_failing_a_sweep_does_not_end_the_work(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.attach(ROOM)
    async with world.running(RoomOptions(sweep_s=0.01)):
        tried = asyncio.Event()

        async def failing() -> Any:
            tried.set()
            raise StorageError("gone")

        with monkeypatch.context() as patch:
            patch.setattr(world.store.outbox, "rooms_with_work", failing)
            patch.setattr(world.store.upkeep, "counts", failing)
            await tried.wait()
        await world.say(1)
        await world.poster.until(lambda: len(world.poster.messages) == 1)


async def test_what_is_detached_while_it_waits_is_not_said(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.attach(ROOM)
    await world.say(1)
    start = world.store.outbox.start_batch

    async def detaching(*arguments: Any, **named: Any) -> Any:
        await world.store.attachments.detach(ROOM, VIDEO.object_id)
        return await start(*arguments, **named)

    monkeypatch.setattr(world.store.outbox, "start_batch", detaching)
    async with world.running() as rooms:
        await idle(rooms)

    assert world.poster.attempts == []
