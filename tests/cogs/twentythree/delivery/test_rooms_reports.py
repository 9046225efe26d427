"""Reports in rooms: posted once in text, their files edited in, and true for as long as it goes."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from typing import Any

import pytest

from cogs.twentythree.delivery import RoomOptions, RoomSupervisor
from cogs.twentythree.delivery.outcomes import GiveUp, Outcome, RetryLater
from cogs.twentythree.domain.model import CommentStatus
from cogs.twentythree.domain.series import Sample
from tests.fakes.notices import WEBINAR
from tests.fakes.poster import Lost, Message
from tests.fakes.questions import ask
from tests.fakes.rooms import NO_ACCESS, ROOM, World, idle


async def broadcast(world: World, rooms: RoomSupervisor) -> None:
    """Play a broadcast of some minutes to its settled end."""
    for viewers in (1, 3, 5):
        await world.see(rooms, is_broadcasting=True, viewers_now=viewers)
        sample = Sample(at=world.now, viewers=viewers, comments=viewers)
        await world.store.broadcasts.add_sample(WEBINAR.object_id, sample)
    for _ in range(2):
        world.now += timedelta(minutes=3)
        await world.see(rooms, is_broadcasting=False)
        await idle(rooms)


async def reported(world: World, questions: int = 2) -> None:
    """Have a broadcast with questions end in the room."""
    await world.attach(ROOM, WEBINAR, has_actions=True)
    for number in range(1, questions + 1):
        await ask(world.store, WEBINAR.object_id, number, world.now)
    async with world.running() as rooms:
        await broadcast(world, rooms)


def report_in(world: World) -> Message:
    (found,) = (one for one in world.poster.messages if "**Report**" in one.body)
    return found


def posts(world: World) -> list[dict[str, Any]]:
    """Return the bodies that were sent as new messages of a report, in order."""
    return [
        json.loads(body)
        for _, nonce, body in world.poster.attempts
        if "**Report**" in body and not nonce.startswith("edit")
    ]


async def test_a_report_is_posted_in_text_and_its_files_are_edited_in(world: World) -> None:
    await reported(world)

    (posted,) = posts(world)
    assert "attachments" not in posted
    assert "Question 2?" in posted["embeds"][0]["description"]
    assert "Viewers `" in posted["embeds"][0]["description"]
    shown = report_in(world)
    chart, table = shown.files
    assert (chart.startswith("chart-"), table) == (True, "questions.csv")
    assert shown.embeds[0]["image"]["url"] == f"attachment://{chart}"
    assert shown.edits == 1
    assert await world.store.outbox.rooms_with_work() == frozenset()


async def test_without_a_question_there_is_a_chart_alone(world: World) -> None:
    await reported(world, questions=0)

    assert [one[:6] for one in report_in(world).files] == ["chart-"]


async def test_without_what_draws_there_is_a_table_and_the_chart_is_text(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    await reported(world)

    shown = report_in(world)
    assert shown.files == ("questions.csv",)
    assert "Viewers `" in shown.embeds[0]["description"]


async def test_a_room_that_takes_no_files_has_the_text(world: World) -> None:
    world.poster.fileless.add(ROOM)
    await reported(world)

    shown = report_in(world)
    assert shown.files == ()
    assert "Question 2?" in shown.embeds[0]["description"]
    assert await world.store.outbox.rooms_with_work() == frozenset()


@pytest.mark.parametrize("refusal", [NO_ACCESS, GiveUp(reason="too big")])
async def test_refused_files_leave_the_text_and_pause_nothing(
    world: World, refusal: Outcome
) -> None:
    world.poster.files_refused = refusal
    await reported(world)

    assert report_in(world).files == ()
    assert "Question 2?" in report_in(world).embeds[0]["description"]
    assert (await world.store.upkeep.counts()).paused_rooms == 0
    assert await world.store.outbox.rooms_with_work() == frozenset()


async def test_a_report_whose_reply_is_lost_is_in_the_room_once_with_its_files(
    world: World,
) -> None:
    lost = Lost(RetryLater(reason="no answer"))

    def lose(body: str) -> Outcome | None:
        if "**Report**" in body and not posts(world)[1:]:
            world.poster.faults[ROOM].append(lost)
        return None

    world.poster.refuse = lose
    await reported(world)

    assert len(posts(world)) == 2
    assert report_in(world).files[1:] == ("questions.csv",)


async def test_a_report_that_waited_through_a_restart_is_posted_once(world: World) -> None:
    world.poster.refuse = lambda body: NO_ACCESS if "**Report**" in body else None
    await world.attach(ROOM, WEBINAR, has_actions=True)
    await ask(world.store, WEBINAR.object_id, 1, world.now)
    async with world.running() as rooms:
        for on in (True, False):
            await world.see(rooms, is_broadcasting=on)
        world.now += timedelta(minutes=3)
        await world.see(rooms, is_broadcasting=False)
        await world.poster.until(lambda: bool(posts(world)))
    world.poster.refuse = lambda _: None
    world.now += timedelta(hours=1)
    async with world.running() as rooms:
        await world.see(rooms, is_broadcasting=False)
        await idle(rooms)

    assert report_in(world).files == ("questions.csv",)


async def test_what_is_answered_afterwards_is_not_called_unanswered(world: World) -> None:
    await reported(world)
    before = report_in(world).body
    async with world.running(RoomOptions(edit_interval_s=0.001)) as rooms:
        at = world.now - timedelta(days=1)
        told = await ask(world.store, WEBINAR.object_id, 1, at, status=CommentStatus.ANSWERED)
        rooms.wake(told.rooms)
        await idle(rooms)

    shown = report_in(world)
    assert "Question 1?" in before
    assert "Question 1?" not in shown.body
    assert "1 answered" in shown.embeds[0]["description"]
    assert shown.files[1:] == ("questions.csv",)
