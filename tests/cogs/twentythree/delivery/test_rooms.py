import asyncio
import logging
from datetime import timedelta
from typing import Any

import pytest

from cogs.twentythree.delivery import RoomOptions
from cogs.twentythree.delivery.outcomes import GiveUp, Removed
from cogs.twentythree.domain.batching import Draft
from cogs.twentythree.domain.model import RoomId
from cogs.twentythree.storage import RoomWork
from tests.fakes.poster import Hang, Lost
from tests.fakes.rooms import AGAIN, NO_ACCESS, OTHER, ROOM, World, at_work, comments, idle


async def test_a_lone_comment_is_posted_alone_and_recorded(world: World) -> None:
    await world.attach(ROOM)
    async with world.running() as rooms:
        world.now += timedelta(seconds=2)
        rooms.wake(await world.say(1))
        await idle(rooms)
        await world.measured("twentythree_outbox_pending", 0)

    (message,) = world.poster.messages
    assert world.poster.texts(ROOM) == ["Comment 1"]
    assert len(message.embeds) == 1
    assert world.count("delivered") == 1
    assert await world.store.outbox.rooms_with_work() == frozenset()
    assert world.registry.get_sample_value("twentythree_publish_to_post_seconds_count") == 1


async def test_a_burst_shares_messages_and_keeps_its_order(world: World) -> None:
    await world.attach(ROOM)
    await world.say(*range(1, 61))
    async with world.running() as rooms:
        await idle(rooms)

    assert world.poster.texts(ROOM) == comments(range(1, 61))
    assert len(world.poster.messages) == 6


async def test_the_time_to_the_post_is_taken_from_the_first_sight(world: World) -> None:
    await world.attach(ROOM)
    await world.say(1)
    world.now += timedelta(seconds=7)
    async with world.running() as rooms:
        await idle(rooms)

    name = "twentythree_publish_to_post_seconds_sum"
    assert world.registry.get_sample_value(name) == 7


@pytest.mark.parametrize("fault", [AGAIN, Lost(AGAIN)], ids=["not there", "there, reply lost"])
async def test_what_failed_goes_out_again_as_it_was_and_once(world: World, fault: Any) -> None:
    await world.attach(ROOM)
    await world.say(1, 2, 3)
    world.poster.faults[ROOM].extend([fault, AGAIN])
    async with world.running() as rooms:
        await idle(rooms)

    assert world.poster.texts(ROOM) == comments([1, 2, 3])
    assert len(world.poster.attempts) == 3
    assert len(set(world.poster.attempts)) == 1
    assert world.poster.searches == []
    assert (world.count("retried"), world.count("resent")) == (6, 6)


async def test_comments_that_come_meanwhile_wait_behind_what_failed(world: World) -> None:
    await world.attach(ROOM)
    await world.say(1)
    world.poster.faults[ROOM].extend([AGAIN, AGAIN])
    async with world.running() as rooms:
        await world.poster.until(lambda: len(world.poster.attempts) == 1)
        rooms.wake(await world.say(2))
        await idle(rooms)

    assert world.poster.texts(ROOM) == comments([1, 2])


async def cut_off(world: World, *numbers: int) -> None:
    """Leave a batch that is posted and not settled, as a crash does."""
    await world.attach(ROOM)
    await world.say(*numbers)
    world.poster.faults[ROOM].append(Hang())
    async with world.running():
        await world.poster.until(lambda: len(world.poster.messages) == 1)


async def test_after_a_crash_within_the_nonces_life_the_nonce_decides(world: World) -> None:
    await cut_off(world, 1, 2)
    world.now += timedelta(seconds=100)
    async with world.running() as rooms:
        await idle(rooms)

    assert world.poster.texts(ROOM) == comments([1, 2])
    assert len(world.poster.attempts) == 2
    assert world.poster.searches == []
    assert world.count("resent") == 2


async def test_after_the_nonces_life_the_rooms_history_decides(world: World) -> None:
    await cut_off(world, 1, 2)
    created = world.now
    world.now += timedelta(seconds=121)
    async with world.running() as rooms:
        rooms.wake(await world.say(3))
        await idle(rooms)

    assert world.poster.texts(ROOM) == comments([1, 2, 3])
    assert world.poster.searches == [(ROOM, created)]


async def test_what_the_history_does_not_hold_is_posted(world: World) -> None:
    await cut_off(world, 1, 2)
    world.poster.messages.clear()
    world.now += timedelta(days=1)
    async with world.running() as rooms:
        await idle(rooms)

    assert world.poster.texts(ROOM) == comments([1, 2])
    assert len(world.poster.searches) == 1


async def test_a_batch_that_was_stored_and_may_have_been_sent_is_looked_for(world: World) -> None:
    await world.attach(ROOM)
    await world.say(1)
    work = await world.store.outbox.work(ROOM)
    await world.store.outbox.start_batch(
        ROOM, work.pending, draft=Draft(nonce="n", body='{"embeds":[]}'), now=world.now
    )
    world.now += timedelta(days=1)
    async with world.running() as rooms:
        await idle(rooms)

    assert [nonce for _, nonce, _ in world.poster.attempts] == ["n"]
    assert world.poster.texts(ROOM) == comments([1])
    assert len(world.poster.searches) == 1


async def test_a_message_deleted_before_its_resend_is_not_posted_again(world: World) -> None:
    await world.attach(ROOM)
    await world.say(1)
    world.poster.faults[ROOM].extend([AGAIN, Removed()])
    async with world.running() as rooms:
        await idle(rooms)

    assert world.poster.messages == []
    assert await world.store.outbox.rooms_with_work() == frozenset()


async def test_a_room_without_permission_is_paused_told_once_and_goes_on(world: World) -> None:
    await world.attach(ROOM)
    await world.say(1)
    world.poster.always[ROOM] = NO_ACCESS
    async with world.running() as rooms:
        await world.poster.until(lambda: len(world.poster.attempts) >= 4)
        (attachment,) = await world.store.attachments.find(room_id=ROOM)
        assert attachment.pause is not None
        assert attachment.pause.reason == NO_ACCESS.reason
        await world.measured("twentythree_rooms_paused", 1)
        world.poster.always.clear()
        await idle(rooms)

        assert world.told.told == [(ROOM, NO_ACCESS.reason)]
        (attachment,) = await world.store.attachments.find(room_id=ROOM)
        assert attachment.pause is None
        await world.measured("twentythree_rooms_paused", 0)
    assert world.poster.texts(ROOM) == comments([1])
    assert world.count("paused") >= 3


async def test_a_pause_outlives_a_restart_and_is_not_told_again(world: World) -> None:
    await world.attach(ROOM)
    await world.say(1)
    world.poster.always[ROOM] = NO_ACCESS
    for attempts in (1, 2):
        async with world.running(RoomOptions()) as rooms:
            await world.poster.until(lambda: len(world.poster.attempts) == attempts)  # noqa: B023
            await rooms.drain(5)
    world.poster.always.clear()
    async with world.running() as rooms:
        await idle(rooms)

    assert len(world.told.told) == 1
    assert (await world.store.upkeep.counts()).paused_rooms == 0


async def test_a_blocked_room_harms_no_other(world: World) -> None:
    await world.attach(ROOM)
    await world.attach(OTHER)
    await world.say(1)
    world.poster.faults[ROOM].append(hang := Hang())
    async with world.running() as rooms:
        await world.poster.until(lambda: len(world.poster.messages) == 2)
        for number in (2, 3):
            rooms.wake(await world.say(number))
            await world.poster.until(lambda: len(world.poster.texts(OTHER)) == number)  # noqa: B023
        assert world.poster.texts(ROOM) == comments([1])
        hang.release.set()
        await idle(rooms)

    assert world.poster.texts(ROOM) == world.poster.texts(OTHER) == comments([1, 2, 3])


async def test_one_bad_text_does_not_take_the_others_with_it(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.attach(ROOM)
    await world.say(1, 2)
    await world.say(3, text="forbidden word")
    await world.say(4)
    world.poster.refuse = lambda body: GiveUp(reason="automod") if "forbidden" in body else None
    with caplog.at_level(logging.WARNING):
        async with world.running() as rooms:
            await idle(rooms)

    assert world.poster.texts(ROOM) == comments([1, 2, 4])
    assert (world.count("delivered"), world.count("given_up")) == (3, 1)
    assert await world.store.outbox.rooms_with_work() == frozenset()
    assert "comment:3" in caplog.text
    assert "forbidden" not in caplog.text


async def test_what_is_sent_apart_and_cut_off_goes_on_without_repeating(world: World) -> None:
    await world.attach(ROOM)
    await world.say(1, 2)
    await world.say(3, text="forbidden word")
    world.poster.refuse = lambda body: GiveUp(reason="automod") if "forbidden" in body else None
    world.poster.faults[ROOM].extend([Lost(AGAIN), AGAIN])
    async with world.running() as rooms:
        await idle(rooms)

    assert world.poster.texts(ROOM) == comments([1, 2])
    assert world.count("given_up") == 1


async def test_texts_that_are_all_refused_are_given_up(world: World) -> None:
    await world.attach(ROOM)
    await world.say(1, 2)
    world.poster.always[ROOM] = GiveUp(reason="automod")
    async with world.running() as rooms:
        await idle(rooms)

    assert world.count("given_up") == 2
    assert await world.store.outbox.rooms_with_work() == frozenset()


@pytest.mark.parametrize("is_handed_over", [False, True])
async def test_a_wake_that_comes_as_the_last_batch_is_settled_is_not_lost(
    world: World, monkeypatch: pytest.MonkeyPatch, *, is_handed_over: bool
) -> None:
    await world.attach(ROOM)
    await world.say(1)
    settle = world.store.outbox.settle

    async with world.running() as rooms:

        async def settling(*arguments: Any, **named: Any) -> bool:
            has_more = await settle(*arguments, **named)
            if len(world.poster.messages) == 1:
                assert not has_more
                if is_handed_over:
                    assert (await world.hear(rooms, 2)).started
                else:
                    rooms.wake(await world.say(2))
            return has_more

        monkeypatch.setattr(world.store.outbox, "settle", settling)
        await idle(rooms)

    assert world.poster.texts(ROOM) == comments([1, 2])
    assert world.count("resent") == 0


async def test_a_wake_that_comes_with_the_last_look_is_not_lost(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.attach(ROOM)
    look, looks = world.store.outbox.work, 0

    async with world.running() as rooms:

        async def looking(room_id: RoomId) -> RoomWork:
            nonlocal looks
            looks += 1
            seen = await look(room_id)
            if looks == 1:
                assert not seen.pending
                rooms.wake(await world.say(1))
            return seen

        monkeypatch.setattr(world.store.outbox, "work", looking)
        rooms.wake([ROOM])
        await idle(rooms)

    assert world.poster.texts(ROOM) == comments([1])


async def test_the_work_can_be_begun_again(world: World) -> None:
    await world.attach(ROOM)
    rooms = world.rooms()
    for number in (1, 2):
        await world.say(number)
        task = asyncio.create_task(rooms.run())
        await world.poster.until(lambda: len(world.poster.messages) == number)  # noqa: B023
        task.cancel()
        await asyncio.wait([task])

    assert world.poster.texts(ROOM) == comments([1, 2])
    assert at_work() == []
