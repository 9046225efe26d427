"""A forum holds one post for an object, however many ask for it at once."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from sandbox.chat import Channel, ChannelType
from tests.fakes.stage import Stage


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncGenerator[Stage]:
    async with Stage(tmp_path) as built:
        yield built


def posts(stage: Stage, forum: Channel) -> list[Channel]:
    return [one for one in stage.guild.channels.values() if one.parent_id == forum.id]


async def test_two_who_attach_at_once_get_one_post(stage: Stage) -> None:
    forum = stage.chat.rooms.add_channel(stage.guild.id, "films", ChannelType.FORUM)
    room, video = stage.room(), stage.workspace.state.add_video("Film")
    async with stage.running():
        # The post comes late, so that both have looked before it is there.
        stage.chat.fault("POST", rf"/channels/{forum.id}/threads", times=2, delay_s=1.0)
        given: dict[str, str | int] = {
            "comments": "all",
            "id": str(video.object_id),
            "room": forum.id,
        }
        replies = await asyncio.gather(
            *(stage.command(room, "attach", **given) for _ in range(2)),
        )
        (post,) = posts(stage, forum)
        await stage.say(video)
        await stage.until_all_shown(post, video)

    assert sorted(reply.startswith("Attached") for reply in replies) == [False, True]


async def test_a_follow_and_somebody_who_attaches_get_one_post(stage: Stage) -> None:
    forum = stage.chat.rooms.add_channel(stage.guild.id, "films", ChannelType.FORUM)
    room = stage.room()
    async with stage.bot(TWENTYTHREE_FOLLOW_SECONDS="0.2") as bot:
        await stage.until_ready()
        await stage.command(room, "follow", what="videos", room=forum.id, comments="all")
        # What is there at the first look is not new.
        async with asyncio.timeout(60):
            while stage.workspace.calls["photo/list"] < 2:
                await stage.command(room, "status")
        slow = stage.chat.fault("POST", rf"/channels/{forum.id}/threads", times=2, delay_s=1.0)
        video = stage.workspace.state.add_video("Film")
        async with asyncio.timeout(60):
            await slow.reached.wait()
        await stage.command(room, "attach", comments="all", id=str(video.object_id), room=forum.id)
        (post,) = posts(stage, forum)
        await stage.say(video)
        await stage.until_all_shown(post, video)
        assert await bot.terminate() == 0


@pytest.mark.parametrize("lost", [{"status": 500}, {"drops": True}])
async def test_a_follow_whose_answer_was_lost_opens_no_other_post(
    stage: Stage, lost: dict[str, Any]
) -> None:
    forum = stage.chat.rooms.add_channel(stage.guild.id, "films", ChannelType.FORUM)
    room = stage.room()
    async with stage.bot(TWENTYTHREE_FOLLOW_SECONDS="0.2") as bot:
        await stage.until_ready()
        await stage.command(room, "follow", what="videos", room=forum.id, comments="all")
        async with asyncio.timeout(60):
            while stage.workspace.calls["photo/list"] < 2:
                await stage.command(room, "status")
        stage.chat.fault("POST", rf"/channels/{forum.id}/threads", when="after", **lost)
        video = stage.workspace.state.add_video("Film")
        await bot.logged("a post that was opened before is taken")
        (post,) = posts(stage, forum)
        await stage.say(video)
        await stage.until_all_shown(post, video)
        assert await bot.terminate() == 0


async def test_a_bot_killed_between_opening_a_post_and_storing_it_opens_no_other(
    stage: Stage,
) -> None:
    forum = stage.chat.rooms.add_channel(stage.guild.id, "films", ChannelType.FORUM)
    room, video = stage.room(), stage.workspace.state.add_video("Film")
    path = rf"/channels/{forum.id}/threads"
    async with stage.bot() as bot:
        await stage.until_ready()
        unanswered = stage.chat.fault("POST", path, when="after", hangs=True)
        lost = asyncio.create_task(stage.attach(room, video, room=forum.id))
        await unanswered.reached.wait()
        (post,) = posts(stage, forum)
        await bot.kill()
        lost.cancel()
        stage.chat.faults.clear()
        await bot.start()
        await stage.chat.wait_until_ready()
        reply = await stage.attach(room, video, room=forum.id)

        assert reply.startswith("Attached")
        assert posts(stage, forum) == [post]
        await stage.say(video)
        await stage.until_all_shown(post, video)
        assert await bot.terminate() == 0
