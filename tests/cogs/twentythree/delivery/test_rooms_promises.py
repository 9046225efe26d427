"""An edit that takes something away is a promise: kept, however Discord answers it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cogs.twentythree.delivery import RoomOptions, RoomSupervisor
from cogs.twentythree.delivery.batches import draft_of
from cogs.twentythree.delivery.outcomes import GiveUp, Outcome, RetryLater
from cogs.twentythree.domain.model import CommentId, CommentKind, CommentStatus, Quote
from cogs.twentythree.errors import StorageError
from tests.fakes.notices import VIDEO
from tests.fakes.poster import Hang
from tests.fakes.rooms import QUICK, ROOM, World, comments, idle
from tests.fakes.stores import open_store

AUTOMOD = GiveUp(reason="automod")
UNKNOWN = RetryLater(reason="refused, code 99999", code=99999)
LIMITED = RetryLater(reason="the room's rate limit", after_s=1163.0, is_local=True)
SPACED = replace(QUICK, edit_interval_s=3600)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    store = await open_store(tmp_path / "rooms.db")
    made = World(store)
    await made.attach(ROOM)
    yield made
    await store.close()


async def change(world: World, rooms: RoomSupervisor, *numbers: int, **values: Any) -> None:
    rooms.wake(await world.revise(*numbers, **values))


async def delete(world: World, rooms: RoomSupervisor, *numbers: int) -> None:
    gone = [CommentId(number) for number in numbers]
    rooms.wake((await world.store.memory.take_away(VIDEO.object_id, gone)).rooms)


async def shown(world: World, rooms: RoomSupervisor, *numbers: int) -> None:
    rooms.wake(await world.say(*numbers))
    await idle(rooms)


@pytest.mark.parametrize(
    "refusal", [AUTOMOD, UNKNOWN, LIMITED], ids=["for good", "for no known reason", "for long"]
)
async def test_a_removal_whose_edit_is_refused_deletes_the_message_and_keeps_the_rest(
    world: World, refusal: Outcome
) -> None:
    world.poster.refuse_edit = lambda _: refusal
    async with world.running() as rooms:
        await shown(world, rooms, 1, 2, 3)
        await delete(world, rooms, 2)
        await idle(rooms)

    assert world.poster.texts(ROOM) == comments([1, 3])
    assert await world.store.outbox.rooms_with_work() == frozenset()


async def test_a_quote_that_must_go_is_a_promise_as_well(world: World) -> None:
    quote = Quote(comment_id=CommentId(1), author="Bea", text="a secret", kind=CommentKind.COMMENT)
    world.poster.refuse_edit = lambda _: LIMITED
    async with world.running() as rooms:
        await shown(world, rooms, 1)
        rooms.wake(await world.say(2, answers=quote))
        await idle(rooms)
        assert "a secret" in str([message.body for message in world.poster.messages])
        world.now += timedelta(seconds=1)
        await delete(world, rooms, 1)
        await idle(rooms)

    assert world.poster.texts(ROOM) == ["-# ↩ an earlier comment\nComment 2"]
    assert "a secret" not in str([message.body for message in world.poster.messages])
    assert await world.store.outbox.rooms_with_work() == frozenset()


async def test_a_removal_that_is_refused_once_is_edited_after_all(world: World) -> None:
    async with world.running() as rooms:
        await shown(world, rooms, 1, 2)
        world.poster.faults[ROOM].append(RetryLater(reason="refused, status 400", code=0))
        await delete(world, rooms, 2)
        await idle(rooms)

    (message,) = world.poster.messages
    assert message.edits == 1
    assert "Comment 2" not in message.body


async def test_words_that_are_refused_hold_up_no_removal_in_the_same_message(world: World) -> None:
    def refused(body: str) -> Outcome | None:
        return AUTOMOD if "forbidden" in body else None

    world.poster.refuse_edit = world.poster.refuse = refused
    async with world.running() as rooms:
        await shown(world, rooms, 1, 2, 3)
        await change(world, rooms, 1, text="forbidden")
        await idle(rooms)
        assert world.poster.texts(ROOM) == comments([1, 2, 3])
        await delete(world, rooms, 2)
        await idle(rooms)

    assert world.poster.texts(ROOM) == comments([3])
    refusals = await world.store.outbox.refused(world.guild_id, world.now - timedelta(days=1))
    assert [(one.reason, one.is_final) for one in refusals] == [("automod", True)]


@pytest.mark.parametrize("comes_back", [True, False])
async def test_a_message_of_which_nothing_is_left_is_deleted_and_may_come_back(
    world: World,
    comes_back: bool,  # noqa: FBT001 - pytest passes by name
) -> None:
    async with world.running() as rooms:
        await shown(world, rooms, 1, 2)
        await delete(world, rooms, 1, 2)
        await idle(rooms)
        assert world.poster.messages == []
        if comes_back:
            world.now += timedelta(seconds=1)
            await change(world, rooms, 1, 2)
            await idle(rooms)

    assert world.poster.texts(ROOM) == (comments([1, 2]) if comes_back else [])
    assert await world.store.outbox.rooms_with_work() == frozenset()


async def test_a_crash_between_the_deletion_and_its_record_loses_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_down, failures = world.store.outbox.take_down, [StorageError("the disk is full")]

    async def failing(*arguments: Any, **named: Any) -> Any:
        if failures:
            raise failures.pop()
        return await take_down(*arguments, **named)

    monkeypatch.setattr(world.store.outbox, "take_down", failing)
    world.poster.refuse_edit = lambda _: AUTOMOD
    async with world.running() as rooms:
        await shown(world, rooms, 1, 2)
        await delete(world, rooms, 2)
        await world.poster.until(lambda: world.poster.messages == [])
    async with world.running() as rooms:
        await idle(rooms)

    assert world.poster.texts(ROOM) == comments([1])


async def test_a_deletion_that_is_refused_is_told_once_and_tried_until_it_is_done(
    world: World,
) -> None:
    world.poster.refuse_delete = UNKNOWN
    async with world.running() as rooms:
        await shown(world, rooms, 1)
        await delete(world, rooms, 1)
        await world.poster.until(lambda: str(world.poster.attempts).count("delete") > 3)
        (refused,) = await world.store.outbox.refused(world.guild_id, world.now - timedelta(days=1))
        assert (refused.reason, refused.is_final) == (UNKNOWN.reason, False)
        assert refused.message_id == world.poster.messages[0].message_id
        assert set(world.told.stuck) == {(ROOM, refused.message_id)}
        world.poster.refuse_delete = None
        await idle(rooms)

    assert world.poster.messages == []
    assert await world.store.outbox.refused(world.guild_id, world.now - timedelta(days=1)) == []


@pytest.mark.parametrize(
    "values",
    [
        {"status": CommentStatus.ANSWERED},
        {"status": CommentStatus.DISMISSED},
        {"is_promoted": False},
    ],
)
async def test_what_staff_do_with_a_comment_is_shown_at_once(
    world: World, values: dict[str, Any]
) -> None:
    async with world.running(SPACED) as rooms:
        await shown(world, rooms, 1)
        await change(world, rooms, 1, text="Edited")
        await world.poster.until(lambda: world.poster.messages[0].edits == 1)
        await change(world, rooms, 1, text="Edited", **values)
        await world.poster.until(lambda: world.poster.messages[0].edits == 2)


async def test_a_post_waits_for_no_edit(world: World) -> None:
    async with world.running() as rooms:
        await shown(world, rooms, 1)
        world.poster.edit_hangs = asyncio.Event()
        await change(world, rooms, 1, text="Edited")
        await world.poster.until(lambda: "edit" in str(world.poster.attempts))
        rooms.wake(await world.say(2))
        await world.poster.until(lambda: len(world.poster.messages) == 2)
        world.poster.edit_hangs.set()
        await idle(rooms)

    assert world.poster.texts(ROOM) == ["Edited", "Comment 2"]


async def test_an_edit_waits_for_no_post(world: World) -> None:
    async with world.running() as rooms:
        await shown(world, rooms, 1)
        world.poster.faults[ROOM].append(hang := Hang())
        rooms.wake(await world.say(2))
        await world.poster.until(lambda: len(world.poster.messages) == 2)
        await change(world, rooms, 1, text="Edited")
        await world.poster.until(lambda: world.poster.messages[0].edits == 1)
        hang.release.set()
        await idle(rooms)


async def test_a_message_that_is_refused_for_an_hour_for_no_known_reason_steps_aside(
    world: World,
) -> None:
    world.poster.refuse = lambda body: UNKNOWN if "Comment 1" in body else None
    async with world.running() as rooms:
        rooms.wake(await world.say(1))
        await world.poster.until(lambda: len(world.poster.attempts) > 2)
        rooms.wake(await world.say(2))
        asked = len(world.poster.attempts)
        await world.poster.until(lambda: len(world.poster.attempts) > asked + 2)
        assert world.poster.messages == []
        world.now += timedelta(seconds=RoomOptions().aside_after_s)
        await world.poster.until(lambda: world.poster.texts(ROOM) == comments([2]))
        (refused,) = await world.store.outbox.refused(world.guild_id, world.now - timedelta(days=1))
        assert refused.reason == UNKNOWN.reason
        world.poster.refuse = lambda _: None
        rooms.wake([ROOM])
        world.now += timedelta(seconds=RoomOptions().pause_longest_s)
        await idle(rooms)

    assert world.poster.texts(ROOM) == comments([2, 1])


async def test_what_is_gone_before_it_was_ever_sent_is_not_sent_and_may_come_back(
    world: World,
) -> None:
    await world.say(1)
    (pending,) = (await world.store.outbox.work(ROOM)).pending
    draft = draft_of([pending], world.now)
    await world.store.outbox.start_batch(ROOM, [pending], draft=draft, now=world.now)
    async with world.running() as rooms:
        await delete(world, world.rooms(), 1)
        rooms.wake([ROOM])
        await idle(rooms)
        world.now += timedelta(seconds=1)
        await change(world, rooms, 1)
        await idle(rooms)

    assert world.poster.texts(ROOM) == comments([1])
    assert (await world.store.upkeep.counts()).pending == 0
