"""A message that the bot itself makes a mistake with holds up no other message of its room."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cogs.twentythree.domain.troubles import Fault, Kind
from cogs.twentythree.embeds import body_json
from tests.fakes.rooms import QUICK, ROOM, World, comments, idle

SLOW = replace(QUICK, retry_first_s=3600.0, retry_longest_s=3600.0)


@pytest.fixture
def odd(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Words that the bot fails to put into a message."""
    words: list[str] = []

    def fails(notices: Any, *args: Any, **values: Any) -> Any:
        if any(word in str(notices) for word in words):
            raise ZeroDivisionError
        return body_json(notices, *args, **values)

    monkeypatch.setattr("cogs.twentythree.delivery.batches.body_json", fails)
    return words


async def test_a_notice_that_cannot_be_rendered_waits_alone(world: World, odd: list[str]) -> None:
    await world.attach(ROOM)
    odd.append("Comment 2")
    await world.say(1, 2, 3)
    async with world.running(SLOW):
        await world.poster.until(lambda: len(world.poster.texts(ROOM)) == 2)
    assert world.poster.texts(ROOM) == comments([1, 3])

    odd.clear()
    async with world.running() as rooms:
        await idle(rooms)
    assert world.poster.texts(ROOM) == comments([1, 3, 2])


async def test_an_edit_that_cannot_be_rendered_holds_up_no_other(
    world: World, odd: list[str]
) -> None:
    await world.attach(ROOM)
    async with world.running() as rooms:
        for number in (1, 2):
            rooms.wake(await world.say(number))
            await idle(rooms)
        odd.append("changed 1")
        rooms.wake(await world.revise(1, text="changed 1"))
        rooms.wake(await world.revise(2, text="changed 2"))
        await world.poster.until(lambda: "changed 2" in str(world.poster.messages[1].body))
        assert "changed 1" not in str(world.poster.messages[0].body)

        odd.clear()
        await idle(rooms)
    assert "changed 1" in str(world.poster.messages[0].body)


async def test_a_batch_that_cannot_be_sent_steps_aside(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.attach(ROOM)
    post: Any = world.poster.post
    options = replace(QUICK, aside_after_s=60.0, pause_longest_s=3600.0)

    async def fails(room_id: Any, body: str, nonce: str) -> Any:
        if "Comment 1" in body:
            world.now += timedelta(seconds=40)
            await world.poster._tell()
            raise ZeroDivisionError
        return await post(room_id, body, nonce)

    monkeypatch.setattr(world.poster, "post", fails)
    async with world.running(options) as rooms:
        rooms.wake(await world.say(1))
        await world.poster.until(lambda: bool(rooms.faults()))
        assert rooms.faults() == {Kind.NOT_MADE: Fault(count=1)}
        rooms.wake(await world.say(2))
        await world.poster.until(lambda: bool(world.poster.texts(ROOM)))
    assert world.poster.texts(ROOM) == comments([2])


async def test_a_room_that_cannot_be_looked_through_is_told_as_a_mistake_of_ours(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.attach(ROOM)
    work, failed = world.store.outbox.work, asyncio.Event()
    looks = 0

    async def fails(room_id: Any) -> Any:
        nonlocal looks
        looks += 1
        if looks < 3:
            raise ZeroDivisionError
        if looks == 3:
            failed.set()
            await go_on.wait()
        return await work(room_id)

    go_on = asyncio.Event()
    monkeypatch.setattr(world.store.outbox, "work", fails)
    async with world.running() as rooms:
        rooms.wake(await world.say(1))
        await failed.wait()
        assert rooms.faults() == {Kind.NOT_MADE: Fault(count=1)}
        go_on.set()
        await idle(rooms)
        assert rooms.faults() == {}
    assert world.poster.texts(ROOM) == comments([1])
