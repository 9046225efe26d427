"""`place: thread` with real processes: a thread is opened once, whatever ends the bot meanwhile."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest_asyncio

from sandbox.chat import Channel
from tests.fakes.stage import Stage


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncGenerator[Stage]:
    async with Stage(tmp_path) as built:
        yield built


def threads(stage: Stage, room: Channel) -> list[Channel]:
    return [one for one in stage.guild.channels.values() if one.parent_id == room.id]


async def test_a_bot_killed_between_opening_a_thread_and_storing_it_opens_no_other(
    stage: Stage,
) -> None:
    path = r"/channels/\d+/messages/\d+/threads"
    async with stage.bot() as bot:
        await stage.until_ready()
        room, video = stage.room(), stage.workspace.state.add_video("Film")
        reply = await stage.attach(room, video, place="thread")
        assert "the card in the room, all else in a thread on it" in reply
        unanswered = stage.chat.fault("POST", path, times=None, when="after", hangs=True)
        await stage.say(video)
        await unanswered.reached.wait()
        (thread,) = threads(stage, room)
        await bot.kill()
        stage.chat.faults.clear()
        await bot.start()
        await stage.say(video)
        await stage.until_all_shown(thread, video)

        assert threads(stage, room) == [thread]
        assert [one.id for one in stage.chat.messages(room.id)] == [thread.id]
        # Told again, it goes on in the room; what was said is not said again.
        reply = await stage.command(room, "attach", id=str(video.object_id), place="room")
        assert "Place: all in the room" in reply
        await stage.say(video)
        await stage.chat.wait_for(lambda: len(stage.held(room)) == 1)
        assert "Detached" in await stage.command(room, "detach", id=str(video.object_id))
        assert await bot.terminate() == 0
