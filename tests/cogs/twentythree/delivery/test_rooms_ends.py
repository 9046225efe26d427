"""What rooms do at the end of a broadcast: charts, messages of their own, deletions."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import timedelta
from typing import Any

import pytest
from PIL import ImageFont

from cogs.twentythree.delivery import RoomSupervisor
from cogs.twentythree.delivery.outcomes import GiveUp, Outcome, Removed, RetryLater
from cogs.twentythree.domain.model import AtEnd
from cogs.twentythree.domain.series import Sample
from tests.fakes.notices import WEBINAR
from tests.fakes.poster import Hang, Message
from tests.fakes.rooms import AGAIN, NO_ACCESS, ROOM, World, idle


async def broadcast(world: World, rooms: RoomSupervisor) -> None:
    """Play a broadcast of six minutes that was looked at, to its settled end."""
    await world.see(rooms, is_broadcasting=True, viewers_now=1)
    for viewers in (3, 5):
        await world.see(rooms, is_broadcasting=True, viewers_now=viewers)
        sample = Sample(at=world.now, viewers=viewers, comments=viewers)
        await world.store.broadcasts.add_sample(WEBINAR.object_id, sample)
    await world.see(rooms, is_broadcasting=False)
    await idle(rooms)
    await settle(world, rooms)


async def settle(world: World, rooms: RoomSupervisor) -> None:
    world.now += timedelta(minutes=3)
    await world.see(rooms, is_broadcasting=False)
    await idle(rooms)


def embed(message: Message) -> dict[str, Any]:
    return message.embeds[0]


async def test_the_card_of_the_start_gets_a_chart(world: World) -> None:
    await world.attach(ROOM, WEBINAR)
    async with world.running() as rooms:
        await broadcast(world, rooms)

    (card,) = world.poster.messages
    (filename,) = card.files
    assert embed(card)["image"] == {"url": f"attachment://{filename}"}
    assert "thumbnail" not in embed(card)
    assert json.loads(card.body)["attachments"] == [{"filename": filename, "id": 0}]
    assert await world.store.outbox.rooms_with_work() == frozenset()


async def test_without_the_extra_the_chart_is_a_line_of_text(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    await world.attach(ROOM, WEBINAR)
    async with world.running() as rooms:
        await broadcast(world, rooms)

    (card,) = world.poster.messages
    assert card.files == ()
    assert "5 at the peak" in embed(card)["description"]
    assert "Viewers `" in embed(card)["description"]
    assert await world.store.outbox.rooms_with_work() == frozenset()


async def test_a_room_that_takes_no_files_gets_the_line_of_text(world: World) -> None:
    world.poster.fileless.add(ROOM)
    await world.attach(ROOM, WEBINAR)
    async with world.running() as rooms:
        await broadcast(world, rooms)

    (card,) = world.poster.messages
    assert (card.files, "image" in embed(card)) == ((), False)
    assert "Viewers `" in embed(card)["description"]


@pytest.mark.parametrize("refusal", [NO_ACCESS, GiveUp(reason="too big")])
async def test_a_refused_file_does_not_pause_the_room(world: World, refusal: Outcome) -> None:
    world.poster.files_refused = refusal
    await world.attach(ROOM, WEBINAR)
    async with world.running() as rooms:
        await broadcast(world, rooms)

    (card,) = world.poster.messages
    assert "Viewers `" in embed(card)["description"]
    assert (await world.store.upkeep.counts()).paused_rooms == 0
    assert await world.store.outbox.rooms_with_work() == frozenset()


async def test_a_chart_that_cannot_be_drawn_is_a_line_of_text(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(size: object) -> None:
        raise OSError("no font")

    monkeypatch.setattr(ImageFont, "load_default", broken)
    await world.attach(ROOM, WEBINAR)
    async with world.running() as rooms:
        await broadcast(world, rooms)

    assert "Viewers `" in embed(world.poster.messages[0])["description"]
    assert "a chart could not be drawn: OSError" in caplog.text


async def test_an_end_is_told_by_a_line_that_leads_to_the_card_with_the_chart(
    world: World,
) -> None:
    await world.attach(ROOM, WEBINAR, at_end=AtEnd.ANNOUNCE, mention_role_id=5)
    async with world.running() as rooms:
        await broadcast(world, rooms)

    start, end = world.poster.messages
    assert "**Ended**" in embed(start)["description"]
    link = f"https://discord.com/channels/9/{ROOM}/{start.message_id}"
    assert embed(end)["description"] == (f"**Ended** · The webinar · lasted 6 min [»]({link})")
    assert (len(start.files), end.files, "image" in embed(end)) == (1, (), False)
    assert json.loads(end.body)["content"] == ""


async def test_an_end_that_is_taken_back_is_said_nowhere(world: World) -> None:
    await world.attach(ROOM, WEBINAR, at_end=AtEnd.ANNOUNCE)
    async with world.running() as rooms:
        await world.see(rooms, is_broadcasting=True)
        await world.see(rooms, is_broadcasting=False)
        await world.see(rooms, is_broadcasting=True)
        await idle(rooms)

    (card,) = world.poster.messages
    assert "**Live**" in embed(card)["description"]


async def test_a_card_that_was_sent_newer_than_stored_shows_what_is_true_again(
    world: World,
) -> None:
    hang, busy = Hang(), RetryLater(after_s=0.0, reason="busy")
    world.poster.faults[ROOM].append(hang)
    world.poster.refuse = lambda body: busy if "**Live**" in body else None
    await world.attach(ROOM, WEBINAR, at_end=AtEnd.ANNOUNCE)
    async with world.running() as rooms:
        await world.see(rooms, is_broadcasting=True)
        await world.poster.until(lambda: bool(world.poster.attempts))
        await world.see(rooms, is_broadcasting=False)
        await world.poster.until(lambda: bool(world.poster.messages))
        (card,) = world.poster.messages
        assert "**Ended**" in embed(card)["description"]
        await world.see(rooms, is_broadcasting=True)
        hang.release.set()
        await idle(rooms)

    assert "**Live**" in embed(card)["description"]


async def test_messages_are_deleted_at_the_end_where_that_was_asked_for(world: World) -> None:
    await world.attach(ROOM, WEBINAR, at_end=AtEnd.DELETE)
    async with world.running() as rooms:
        await world.see(rooms, is_broadcasting=False, scheduled_at=world.now + timedelta(hours=1))
        await idle(rooms)
        await broadcast(world, rooms)

    assert world.poster.messages == []
    assert world.count("deleted") == 2
    assert await world.store.outbox.rooms_with_work() == frozenset()


async def test_a_message_that_somebody_else_deleted_needs_no_deletion(world: World) -> None:
    await world.attach(ROOM, WEBINAR, at_end=AtEnd.DELETE)
    async with world.running() as rooms:
        await world.see(rooms, is_broadcasting=True)
        await world.see(rooms, is_broadcasting=False)
        await idle(rooms)
        world.poster.faults[ROOM].append(Removed())
        await settle(world, rooms)

    assert await world.store.outbox.rooms_with_work() == frozenset()


@pytest.mark.parametrize("fault", [AGAIN, NO_ACCESS])
async def test_a_deletion_that_fails_is_made_later(world: World, fault: Outcome) -> None:
    await world.attach(ROOM, WEBINAR, at_end=AtEnd.DELETE)
    async with world.running() as rooms:
        await world.see(rooms, is_broadcasting=True)
        await world.see(rooms, is_broadcasting=False)
        await idle(rooms)
        world.poster.faults[ROOM].append(fault)
        world.now += timedelta(minutes=3)
        await world.see(rooms, is_broadcasting=False)
        if fault == AGAIN:
            # An edit that fails waits for a while; what changes meanwhile ends the wait.
            await world.poster.until(lambda: not world.poster.faults[ROOM])
            world.leapt_s += 15
            rooms.wake([ROOM])
        async with asyncio.timeout(60):
            await idle(rooms)

    assert world.poster.messages == []
