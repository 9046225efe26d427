"""SIGTERM at bad moments: the process ends in time, and what was under way is there once."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Generator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from tests.fakes.bot_process import BotProcess
from tests.fakes.stage import Stage
from tests.fakes.tcp_proxy import TcpProxy

# What README and architecture promise.
_PROMISED_S = 10.0
_MESSAGES = r"/channels/\d+/messages"


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncGenerator[Stage]:
    async with Stage(tmp_path) as built:
        yield built


async def ends_well(bot: BotProcess) -> None:
    async with asyncio.timeout(_PROMISED_S):
        assert await bot.terminate() == 0
    assert "Traceback" not in bot.log


@pytest.mark.usefixtures("on_both")
async def test_a_message_that_discord_does_not_answer_holds_up_no_end(stage: Stage) -> None:
    async with stage.bot() as bot:
        await stage.until_ready()
        room, video = await stage.attached()
        fault = stage.chat.fault("POST", _MESSAGES, times=None, hangs=True)
        await stage.say(video)
        await fault.reached.wait()
        await stage.say(video)
        await ends_well(bot)
        # The message that hung is taken now, though nobody waits for its answer.
        stage.chat.faults.clear()
        await bot.start()
        await stage.until_all_shown(room, video)


@pytest.mark.usefixtures("on_both")
async def test_a_message_whose_answer_is_lost_with_the_process_is_there_once(stage: Stage) -> None:
    async with stage.bot() as bot:
        await stage.until_ready()
        room, video = await stage.attached()
        fault = stage.chat.fault("POST", _MESSAGES, times=None, when="after", hangs=True)
        await stage.say(video)
        await fault.reached.wait()
        await bot.kill()
        stage.chat.faults.clear()
        await bot.start()
        await stage.say(video)
        await stage.until_all_shown(room, video)


async def test_a_bucket_that_is_slept_out_holds_up_no_end(stage: Stage) -> None:
    async with stage.bot() as bot:
        await stage.until_ready()
        room, video = await stage.attached()
        stage.chat.rules.is_rate_limited = True
        for _ in range(5):
            await stage.say(video)
            await stage.until_all_shown(room, video)
        await stage.say(video)
        await ends_well(bot)
        stage.chat.rules.is_rate_limited = False
        await bot.start()
        await stage.until_all_shown(room, video)


async def test_a_limit_of_all_requests_holds_up_no_end(stage: Stage) -> None:
    async with stage.bot() as bot:
        await stage.until_ready()
        room, video = await stage.attached()
        limit = {"message": "", "code": 0, "retry_after": 120.0, "global": True}
        headers = {"X-RateLimit-Global": "true", "Retry-After": "120"}
        fault = stage.chat.fault("POST", _MESSAGES, status=429, body=limit, headers=headers)
        await stage.say(video)
        await fault.reached.wait()
        await stage.say(video)
        await ends_well(bot)
        await bot.start()
        await stage.until_all_shown(room, video)


@contextmanager
def locked(stage: Stage) -> Generator[None]:
    """Hold the database as a backup or a shell might."""
    with closing(sqlite3.connect(stage.folder / "bot.db", isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        yield
        database.execute("ROLLBACK")


@pytest.mark.usefixtures("on_sqlite")
async def test_a_database_that_another_process_holds_holds_up_no_end(stage: Stage) -> None:
    async with stage.bot() as bot:
        await stage.until_ready()
        room, video = await stage.attached()
        with locked(stage):
            await stage.say(video)
            await bot.logged("another process holds the database")
            await ends_well(bot)
        await bot.start()
        await stage.until_all_shown(room, video)


@pytest.mark.usefixtures("on_sqlite")
async def test_a_start_while_another_process_holds_the_database_waits_and_can_be_ended(
    stage: Stage,
) -> None:
    async with stage.running():
        room, video = await stage.attached()
    async with stage.bot() as bot:
        with locked(stage):
            await bot.kill()
            await bot.start()
            await bot.logged("another process holds the database")
            await ends_well(bot)
            await bot.start()
            await bot.logged("another process holds the database")
        await stage.say(video)
        await stage.until_all_shown(room, video)


@pytest.mark.parametrize("path", ["/users/@me", "/applications/.*/commands"])
async def test_a_start_that_discord_does_not_answer_can_be_ended(stage: Stage, path: str) -> None:
    fault = stage.chat.fault(path=path, times=None, hangs=True)
    async with stage.bot() as bot:
        await fault.reached.wait()
        await ends_well(bot)


async def test_a_connection_that_swallows_everything_holds_up_no_end(stage: Stage) -> None:
    async with stage.running():
        room, video = await stage.attached()
    port = urlsplit(stage.chat.api_url).port
    assert port is not None
    async with TcpProxy(port) as proxy:
        there = f"127.0.0.1:{proxy.port}"
        async with stage.bot(
            DISCORD_API_URL=f"http://{there}/api/v10", DISCORD_GATEWAY_URL=f"ws://{there}/gateway"
        ) as bot:
            await stage.say(video)
            await stage.until_all_shown(room, video)
            proxy.stall()
            await stage.say(video)
            await ends_well(bot)
            proxy.flow()
    async with stage.running():
        await stage.until_all_shown(room, video)
