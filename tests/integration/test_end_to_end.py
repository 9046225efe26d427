"""Three real processes: Faye from npm, the sandbox's workspace and Discord, and the bot.

Each has an interpreter of its own, as wherever it is used.
"""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.three_processes import Stage, stage


async def test_what_happens_on_the_workspace_is_said_in_the_room(tmp_path: Path) -> None:
    async with stage(tmp_path) as (at, faye), at.bot(is_cold=True):
        said = await at.attach(at.video, comments="public")
        assert "Film" in said
        # The subscription stands when the real Faye has it.
        await at.until_shown(await at.say("Hello from a viewer", author="Ada"))
        question = await at.say("A private question", kind="question")
        await at.until_shown(await at.say("And a chat line", kind="chat"))
        assert question not in await at.shown()
        await at.sandbox.do("workspace", "promote", comment_id=question)
        message = await at.until_shown(question)

        assert "promoted" in str(message["embeds"])
        assert await faye.do("subscriptions") == 2
        assert "realtime" in (await at.command("status")).lower()
        listed = await at.command("list")
        assert "Film" in listed
        await at.command("detach", id=str(at.video))
        assert "Film" not in await at.command("list")


async def test_a_live_event_has_one_card_and_one_start(tmp_path: Path) -> None:
    async with stage(tmp_path) as (at, _), at.bot(is_cold=True):
        await at.attach(at.webinar)
        await at.sandbox.do("workspace", "go_live", live_id=at.webinar)
        started = await wait(at, "**Live**")
        await at.sandbox.do("workspace", "end_broadcast", live_id=at.webinar)
        ended = await wait(at, "**Ended**")
        messages = await at.sandbox.do("chat", "messages", channel_id=at.room)

    assert started["id"] == ended["id"]
    assert ended["is_edited"]
    assert len(messages) == 1


async def wait(at: Stage, text: str) -> dict[str, Any]:
    shown: dict[str, Any] = await at.sandbox.do(
        "chat", "wait_for_message", channel_id=at.room, text=text
    )
    return shown


@pytest.mark.usefixtures("on_both")
async def test_each_comment_is_there_once_through_sigterm_and_sigkill(tmp_path: Path) -> None:
    async with stage(tmp_path) as (at, _):
        bot = at.bot(is_cold=True)
        async with bot:
            await at.attach(at.video, comments="all")
            flowing = asyncio.create_task(flow(at, 150))
            await at.until_shown(await at.say("first"))
            assert await bot.terminate() == 0
            await at.say("while the bot is away")
            for _ in range(3):
                await bot.start()
                await at.until_shown(await at.say("the bot is back"))
                await bot.kill()
            await bot.start()
            await flowing
            last = await at.say("last")
            for comment_id in (*at.posted, last):
                await at.until_shown(comment_id)
            assert await bot.terminate() == 0
            held = await at.shown()

    assert held == sorted(at.posted)


async def flow(at: Stage, count: int) -> None:
    for number in range(count):
        await at.say(f"Number {number}")
        await asyncio.sleep(0.05)
