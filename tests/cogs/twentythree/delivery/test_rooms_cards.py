from dataclasses import replace
from datetime import timedelta

from cogs.twentythree.delivery import RoomOptions
from cogs.twentythree.delivery.outcomes import GiveUp, Removed
from tests.fakes.notices import WEBINAR
from tests.fakes.poster import Hang
from tests.fakes.rooms import AGAIN, NO_ACCESS, ROOM, World, comments, idle


async def test_a_card_is_posted_once_and_edited(world: World) -> None:
    await world.attach(ROOM, WEBINAR, mention_role_id=5)
    async with world.running() as rooms:
        await world.see(rooms, is_broadcasting=True, viewers_now=1)
        await world.poster.until(lambda: len(world.poster.messages) == 1)
        await idle(rooms)
        world.now += timedelta(minutes=5)
        await world.see(rooms, is_broadcasting=False)
        await idle(rooms)

    (card,) = world.poster.messages
    assert "**Ended**" in card.embeds[0]["description"]
    assert card.edits == 1
    assert world.count("edited") == 1
    assert await world.store.outbox.rooms_with_work() == frozenset()


async def test_a_card_goes_before_comments_that_wait(world: World) -> None:
    await world.attach(ROOM)
    await world.attach(ROOM, WEBINAR)
    await world.say(1, 2)
    await world.see(world.rooms(), is_broadcasting=True)
    async with world.running() as rooms:
        await idle(rooms)

    card, *rest = world.poster.texts(ROOM)
    assert "Live" in card
    assert rest == comments([1, 2])


async def test_a_card_that_changed_while_it_was_posted_is_edited_after(world: World) -> None:
    await world.attach(ROOM, WEBINAR)
    world.poster.faults[ROOM].append(hang := Hang())
    async with world.running() as rooms:
        await world.see(rooms, is_broadcasting=True)
        await world.poster.until(lambda: len(world.poster.messages) == 1)
        await world.see(rooms, is_broadcasting=False)
        hang.release.set()
        await idle(rooms)

    (card,) = world.poster.messages
    assert "**Ended**" in card.embeds[0]["description"]


async def test_viewers_alone_do_not_hurry_an_edit_and_comments_do_not_wait_for_it(
    world: World,
) -> None:
    await world.attach(ROOM, WEBINAR)
    await world.attach(ROOM)
    async with world.running(RoomOptions(edit_interval_s=3600)) as rooms:
        await world.see(rooms, is_broadcasting=True, viewers_now=1)
        await idle(rooms)
        await world.see(rooms, is_broadcasting=True, viewers_now=2)
        await idle(rooms)
        await world.see(rooms, is_broadcasting=True, viewers_now=3)
        rooms.wake(await world.say(1))
        await world.poster.until(lambda: len(world.poster.messages) == 2)
        await world.see(rooms, is_broadcasting=False)
        await idle(rooms)

    card = world.poster.messages[0]
    assert card.edits == 2
    assert "3 at the peak" in card.embeds[0]["description"]


async def test_a_card_that_was_deleted_is_not_edited_again(world: World) -> None:
    await world.attach(ROOM, WEBINAR)
    async with world.running() as rooms:
        await world.see(rooms, is_broadcasting=True)
        await idle(rooms)
        world.poster.faults[ROOM].append(Removed())
        await world.see(rooms, is_broadcasting=True, viewers_now=9)
        await idle(rooms)
        await world.see(rooms, is_broadcasting=False)
        await idle(rooms)

    assert len(world.poster.attempts) == 2


async def test_an_edit_that_is_refused_does_not_end_the_edits_to_come(world: World) -> None:
    await world.attach(ROOM, WEBINAR)
    async with world.running() as rooms:
        await world.see(rooms, is_broadcasting=True)
        await idle(rooms)
        world.poster.faults[ROOM].append(GiveUp(reason="automod"))
        await world.see(rooms, is_broadcasting=True, viewers_now=9)
        await idle(rooms)
        await world.see(rooms, is_broadcasting=False)
        await idle(rooms)

    assert "**Ended**" in world.poster.texts(ROOM)[0]
    assert len(world.poster.attempts) == 3


async def test_a_room_that_is_closed_to_an_edit_is_paused(world: World) -> None:
    await world.attach(ROOM, WEBINAR)
    async with world.running() as rooms:
        await world.see(rooms, is_broadcasting=True)
        await idle(rooms)
        world.poster.faults[ROOM].append(NO_ACCESS)
        await world.see(rooms, is_broadcasting=False)
        await idle(rooms)

    assert world.told.told == [(ROOM, NO_ACCESS.reason)]
    assert "**Ended**" in world.poster.texts(ROOM)[0]


async def test_a_message_that_shows_all_there_is_needs_no_edit(world: World) -> None:
    await world.attach(ROOM, WEBINAR)
    async with world.running() as rooms:
        await world.see(rooms, is_broadcasting=True)
        await idle(rooms)
        for title in ("Another title", WEBINAR.title):
            await world.store.memory.refresh_object(replace(WEBINAR, title=title), world.now)
        rooms.wake([ROOM])
        await idle(rooms)

    assert len(world.poster.attempts) == 1
    assert await world.store.outbox.rooms_with_work() == frozenset()


async def test_an_edit_that_fails_is_tried_again_and_holds_up_no_comment(world: World) -> None:
    await world.attach(ROOM, WEBINAR)
    await world.attach(ROOM)
    async with world.running(RoomOptions(edit_interval_s=0.001)) as rooms:
        await world.see(rooms, is_broadcasting=True)
        await idle(rooms)
        world.poster.faults[ROOM].append(AGAIN)
        await world.see(rooms, is_broadcasting=False)
        rooms.wake(await world.say(1))
        await idle(rooms)

    assert world.poster.messages[0].edits == 1
    assert "Comment 1" in world.poster.texts(ROOM)


async def test_a_start_that_is_over_when_its_room_works_again_calls_nobody(world: World) -> None:
    await world.attach(ROOM, WEBINAR, mention_role_id=5)
    world.poster.always[ROOM] = NO_ACCESS
    async with world.running(RoomOptions()) as rooms:
        await world.see(rooms, is_broadcasting=True)
        await world.poster.until(lambda: len(world.poster.attempts) == 1)
        assert "<@&5>" in world.poster.attempts[0][2]
    await world.see(rooms, is_broadcasting=False)
    world.now += timedelta(hours=1)
    world.poster.always.clear()
    async with world.running() as rooms:
        await idle(rooms)

    (card,) = world.poster.messages
    assert "**Ended**" in card.embeds[0]["description"]
    assert not any("<@&5>" in body for _, _, body in world.poster.attempts[1:])
