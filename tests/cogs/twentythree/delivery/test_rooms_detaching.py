"""What a room shows of an event once it hears no more of it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from cogs.twentythree.delivery import RoomOptions, RoomSupervisor
from cogs.twentythree.delivery.outcomes import Outcome
from cogs.twentythree.domain.cards import AtDetach
from tests.fakes.notices import WEBINAR
from tests.fakes.poster import Hang, Lost
from tests.fakes.rooms import AGAIN, NO_ACCESS, ROOM, World, idle

GONE = "**No longer followed here**"


async def detach(world: World, rooms: RoomSupervisor, cards: AtDetach = AtDetach.DELETE) -> int:
    gone = await world.store.attachments.detach(ROOM, WEBINAR.object_id, cards)
    rooms.wake([ROOM])
    assert gone is not None
    return gone.cards


@pytest.mark.parametrize("on", [False, True], ids=["planned", "on air"])
@pytest.mark.parametrize(
    ("cards", "left"), [(AtDetach.DELETE, []), (AtDetach.KEEP, [GONE])], ids=["delete", "keep"]
)
async def test_a_card_that_would_be_a_lie_some_day_is_deleted_or_says_so(
    world: World, cards: AtDetach, left: list[str], *, on: bool
) -> None:
    await world.attach(ROOM, WEBINAR, mention_role_id=5)
    async with world.running() as rooms:
        start = world.now + timedelta(hours=1)
        await world.see(rooms, is_broadcasting=on, scheduled_at=start)
        await idle(rooms)
        assert await detach(world, rooms, cards) == 1
        await idle(rooms)

    assert [text.partition(":")[0] for text in world.poster.texts(ROOM)] == left
    assert all("<@&" not in one.body for one in world.poster.messages)
    assert await world.store.outbox.rooms_with_work() == frozenset()


async def test_an_end_that_was_just_seen_is_still_told_and_stays(world: World) -> None:
    await world.attach(ROOM, WEBINAR)
    async with world.running() as rooms:
        await world.see(rooms, is_broadcasting=True)
        await idle(rooms)
    await world.see(world.rooms(), is_broadcasting=False)
    assert await detach(world, world.rooms()) == 0

    async with world.running() as rooms:
        await idle(rooms)

    (text,) = world.poster.texts(ROOM)
    assert text.startswith("**Ended**")


@pytest.mark.parametrize("fault", [AGAIN, NO_ACCESS], ids=["a failure", "a closed room"])
async def test_what_is_left_to_do_in_a_room_is_done_when_it_works(
    world: World, fault: Outcome
) -> None:
    await world.attach(ROOM, WEBINAR)
    async with world.running() as rooms:
        await world.see(rooms, is_broadcasting=True)
        await idle(rooms)
        world.poster.faults[ROOM].append(fault)
        await detach(world, rooms)
        await world.poster.until(lambda: not world.poster.faults[ROOM])
    await world.store.upkeep.prune(world.now + timedelta(days=1))

    async with world.running() as rooms, asyncio.timeout(60):
        await idle(rooms)

    assert world.poster.messages == []


async def test_a_card_that_is_on_its_way_is_deleted_once_it_is_there(world: World) -> None:
    await world.attach(ROOM, WEBINAR)
    world.poster.faults[ROOM].append(hang := Hang())
    async with world.running() as rooms:
        await world.see(rooms, is_broadcasting=True)
        await world.poster.until(lambda: len(world.poster.messages) == 1)
        await detach(world, rooms, AtDetach.KEEP)
        hang.release.set()
        await idle(rooms)

    assert world.poster.messages == []


@pytest.mark.parametrize("is_there", [True, False], ids=["it is", "it is not"])
async def test_a_card_that_may_be_there_is_looked_for_and_never_sent_again(
    world: World, *, is_there: bool
) -> None:
    await world.attach(ROOM, WEBINAR)
    world.poster.faults[ROOM].append(Lost(AGAIN) if is_there else AGAIN)
    async with world.running(RoomOptions(retry_first_s=3600, retry_longest_s=3600)) as rooms:
        await world.see(rooms, is_broadcasting=True)
        await world.poster.until(lambda: bool(world.poster.attempts))
    await detach(world, rooms)
    async with world.running() as rooms:
        await idle(rooms)

    posts = [nonce for _, nonce, _ in world.poster.attempts if not nonce.startswith("delete")]
    assert (len(posts), world.poster.messages) == (1, [])
    assert await world.store.outbox.rooms_with_work() == frozenset()
