"""Private questions, in rooms that everybody sees and did not see at first; by a real bot."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest_asyncio

from sandbox.chat import Channel
from sandbox.workspace import Thing
from tests.fakes.stage import Stage


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncGenerator[Stage]:
    async with Stage(tmp_path) as built:
        yield built


def _staff_room(stage: Stage) -> Channel:
    room = stage.room("staff")
    _close(stage, room)
    stage.chat.rooms.set_overwrites(room.id, stage.chat.bot, allow=["view_channel"])
    return room


def _close(stage: Stage, room: Channel) -> None:
    stage.chat.rooms.set_overwrites(room.id, stage.guild.everyone, deny=["view_channel"])


def _open(stage: Stage, room: Channel) -> None:
    stage.chat.rooms.set_overwrites(room.id, stage.guild.everyone, allow=["view_channel"])


async def _ask(stage: Stage, event: Thing) -> int:
    text = "What does it cost?"
    asked = await stage.workspace.changes.post_comment(event.object_id, text, kind="question")
    return asked.comment_id


async def _until_told(stage: Stage, count: int) -> str:
    """Wait until whoever attached was told so often; return the last of it."""
    await stage.chat.wait_for(lambda: len(stage.chat.dms(stage.chat.owner.id)) >= count)
    told = stage.chat.dms(stage.chat.owner.id)
    assert len(told) == count
    return told[-1].content


async def test_a_room_that_is_opened_to_everybody_shows_no_question_until_somebody_agrees(
    stage: Stage,
) -> None:
    room, event = _staff_room(stage), stage.workspace.state.add_live("The launch")
    async with stage.running():
        assert (await stage.attach(room, event)).startswith("Attached")
        first = await _ask(stage, event)
        await stage.chat.wait_for(lambda: stage.held(room) == {first: 1})

        _open(stage, room)
        told = await _until_told(stage, 1)
        second = await _ask(stage, event)
        status = await stage.command(room, "status")
        assert "everybody in this server sees the room" in told
        assert "everybody in this server sees the room now" in status
        assert stage.held(room) == {first: 1}

        # The stage agrees where it is asked.
        await stage.attach(room, event)
        await stage.chat.wait_for(lambda: stage.held(room) == {first: 1, second: 1})
        await _until_told(stage, 1)


async def test_a_room_that_was_opened_while_the_bot_was_off_and_is_closed_again(
    stage: Stage,
) -> None:
    room, event = _staff_room(stage), stage.workspace.state.add_live("The launch")
    async with stage.running():
        await stage.attach(room, event)
    _open(stage, room)
    asked = await _ask(stage, event)
    async with stage.running():
        await _until_told(stage, 1)
        await stage.command(room, "status")
        assert stage.held(room) == {}
    # It is told once.
    async with stage.running():
        _close(stage, room)
        await stage.chat.wait_for(lambda: stage.held(room) == {asked: 1})
        await _until_told(stage, 1)
