"""A comment that is alone in its room goes out as it was handed over, and safely so."""

import asyncio
from datetime import timedelta

import pytest

from cogs.twentythree.domain.model import RoomId
from cogs.twentythree.storage import RoomWork
from tests.fakes.notices import VIDEO, WEBINAR
from tests.fakes.poster import Hang
from tests.fakes.rooms import AGAIN, NO_ACCESS, OTHER, ROOM, World, comments, idle


async def test_it_goes_out_before_the_store_is_looked_at_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.attach(ROOM)
    look = world.store.outbox.work

    async def looked_at(room_id: RoomId, limit: int = 200) -> RoomWork:
        assert world.poster.messages
        return await look(room_id, limit)

    monkeypatch.setattr(world.store.outbox, "work", looked_at)
    async with world.running() as rooms:
        assert (await world.hear(rooms, 1)).started
        await idle(rooms)

    assert world.poster.texts(ROOM) == comments([1])
    assert (world.count("delivered"), world.count("resent")) == (1, 0)
    assert await world.store.outbox.rooms_with_work() == frozenset()


async def test_where_nothing_else_is_to_be_done_the_store_is_not_looked_at_at_all(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.attach(ROOM)
    looks: list[RoomId] = []

    async def looked_at(room_id: RoomId, limit: int = 200) -> RoomWork:
        looks.append(room_id)
        return await look(room_id, limit)

    look = world.store.outbox.work
    async with world.running() as rooms:
        monkeypatch.setattr(world.store.outbox, "work", looked_at)
        for number in (1, 2, 3):
            assert (await world.hear(rooms, number)).started
            await idle(rooms)

    assert world.poster.texts(ROOM) == comments([1, 2, 3])
    assert looks == []


async def test_what_comes_meanwhile_follows_it(world: World) -> None:
    await world.attach(ROOM)
    world.poster.faults[ROOM].append(hang := Hang())
    async with world.running() as rooms:
        await world.hear(rooms, 1)
        await world.poster.until(lambda: len(world.poster.messages) == 1)
        assert not (await world.hear(rooms, 2)).started
        hang.release.set()
        await idle(rooms)

    assert world.poster.texts(ROOM) == comments([1, 2])


async def test_what_failed_goes_again_with_the_same_nonce(world: World) -> None:
    await world.attach(ROOM)
    world.poster.faults[ROOM].extend([AGAIN, AGAIN])
    async with world.running() as rooms:
        await world.hear(rooms, 1)
        await idle(rooms)

    assert world.poster.texts(ROOM) == comments([1])
    assert len(world.poster.attempts) == 3
    assert len(set(world.poster.attempts)) == 1
    assert world.count("resent") == 2


async def test_of_what_came_before_the_rooms_ran_the_store_has_the_last_word(
    world: World,
) -> None:
    await world.attach(ROOM)
    await world.attach(OTHER)
    rooms = world.rooms()
    await world.hear(rooms, 1)
    await world.store.attachments.detach(OTHER, VIDEO.object_id)
    running = asyncio.create_task(rooms.run())
    await world.poster.until(lambda: len(world.poster.messages) == 1)
    await idle(rooms)
    running.cancel()
    await asyncio.wait([running])

    assert world.poster.texts(ROOM) == comments([1])
    assert world.poster.texts(OTHER) == []


async def test_a_process_that_ended_before_it_was_sent_sends_it_at_its_next_start(
    world: World,
) -> None:
    await world.attach(ROOM)
    async with world.running() as rooms:
        await rooms.drain(5)
        (batch,) = (await world.hear(rooms, 1)).started
        await asyncio.sleep(0)
        assert world.poster.attempts == []
    world.now += timedelta(minutes=10)
    async with world.running() as rooms:
        await idle(rooms)

    assert world.poster.texts(ROOM) == comments([1])
    assert [nonce for _, nonce, _ in world.poster.attempts] == [batch.nonce]
    assert (len(world.poster.searches), world.count("resent")) == (1, 1)


async def test_a_worker_that_rests_is_woken_for_it_and_sends_it_once(world: World) -> None:
    await world.attach(ROOM)
    await world.attach(ROOM, WEBINAR)
    async with world.running() as rooms:
        await world.see(rooms, is_broadcasting=True, viewers_now=1)
        await idle(rooms)
        await world.see(rooms, is_broadcasting=True, viewers_now=2)
        await world.poster.until(lambda: world.poster.messages[0].edits == 1)
        # The next edit is not due yet: the worker rests.
        await world.see(rooms, is_broadcasting=True, viewers_now=3)
        assert (await world.hear(rooms, 1)).started
        await world.poster.until(lambda: len(world.poster.messages) == 2)
        await rooms.drain(5)

    assert world.poster.texts(ROOM)[1:] == comments([1])
    assert (world.count("resent"), world.count("delivered")) == (0, 2)


async def test_a_room_that_takes_no_messages_is_paused_by_it(world: World) -> None:
    await world.attach(ROOM)
    world.poster.always[ROOM] = NO_ACCESS
    async with world.running() as rooms:
        await world.hear(rooms, 1)
        await world.poster.until(lambda: len(world.poster.attempts) >= 2)
        assert not (await world.hear(rooms, 2)).started
        world.poster.always.clear()
        await idle(rooms)

    assert world.poster.texts(ROOM) == comments([1, 2])
