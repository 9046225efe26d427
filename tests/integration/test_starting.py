"""Starts with something away that the bot needs: it waits, and loses nothing."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest_asyncio

from tests.fakes.stage import Stage


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncGenerator[Stage]:
    async with Stage(tmp_path) as built:
        yield built


async def test_a_discord_that_is_away_and_then_unwell_at_the_start_is_waited_for(
    stage: Stage,
) -> None:
    async with stage.running():
        room, video = await stage.attached()
    await stage.discord_goes()
    async with stage.bot() as bot:
        await bot.logged(
            r"Discord \(127\.0\.0\.1:\d+\) could not be reached \(no connection\); next try"
        )
        await stage.say(video)
        stage.chat.fault(status=503)
        await stage.discord_returns()
        await bot.logged(r"could not be reached \(status 5\d\d, code 0\); next try")
        await stage.say(video)
        await stage.until_all_shown(room, video)
        assert await bot.terminate() == 0
    assert "Traceback" not in bot.log


async def test_a_gateway_refusing_connections_at_the_start_is_waited_for(stage: Stage) -> None:
    async with stage.running():
        room, video = await stage.attached()
    stage.chat.rules.refuses_connections = True
    async with stage.bot() as bot:
        await bot.logged(r"; next try")
        await stage.say(video)
        stage.chat.rules.refuses_connections = False
        await stage.until_all_shown(room, video)
        assert "Film" in await stage.command(room, "list")
        assert await bot.terminate() == 0


async def test_without_the_realtime_service_at_the_start_the_bot_polls(stage: Stage) -> None:
    await stage.sandbox.faye.close()
    async with stage.running():
        room, video = await stage.attached()
        assert "the workspace is read every few seconds" in await stage.command(room, "status")
        await stage.say(video)
        await stage.until_all_shown(room, video)
        await stage.sandbox.faye.start()
        await stage.until_status(room, "Realtime")
        await stage.say(video)
        await stage.until_all_shown(room, video)


async def test_without_the_workspace_at_the_start_the_bot_waits_for_it(stage: Stage) -> None:
    async with stage.running():
        room, video = await stage.attached()
    stage.workspace.is_down = True
    await stage.say(video)
    async with stage.running() as bot:
        await bot.logged("reading .* failed")
        assert "he workspace does not answer" in await stage.command(room, "status")
        stage.workspace.is_down = False
        await stage.until_all_shown(room, video)
