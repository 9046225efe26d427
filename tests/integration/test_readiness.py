"""``/readyz`` of a real bot says in words why it is of no use, and recovers."""

import asyncio
import re
import resource
from collections.abc import AsyncGenerator
from pathlib import Path

import aiohttp
import pytest_asyncio

from tests.fakes.bot_process import BotProcess
from tests.fakes.stage import Stage

_PATIENCE_S = 40.0


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncGenerator[Stage]:
    async with Stage(tmp_path) as built:
        yield built


class Readiness:
    """Asks a bot until its answer is as expected."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = url

    async def until(self, status: int, words: str = "") -> str:
        last: tuple[int, str] = (0, "")
        try:
            async with asyncio.timeout(_PATIENCE_S):
                while last[0] != status or not re.search(words, last[1]):
                    async with self._http.get(f"{self._url}/readyz") as answer:
                        last = answer.status, await answer.text()
        except TimeoutError:
            raise AssertionError(last) from None
        return last[1]


async def asked(bot: BotProcess, http: aiohttp.ClientSession) -> Readiness:
    found = await bot.logged(r"health and metrics on (http://[\d.:]+)")
    return Readiness(http, found[1])


async def test_each_reason_is_told_and_none_leaves_a_traceback(stage: Stage) -> None:
    async with (
        stage.bot(BOT_LOG_LEVEL="INFO", BOT_HTTP_LISTEN="127.0.0.1:0") as bot,
        aiohttp.ClientSession() as http,
    ):
        ready = await asked(bot, http)
        await stage.until_ready()
        await bot.logged("it works: 1 server, 0 attachments; .*; realtime begins with the first")
        room, video = await stage.attached()
        await ready.until(200)

        # A disk that takes nothing more.
        _, most = resource.prlimit(bot.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, (0, most))
        await stage.say(video)
        await bot.logged(f"The database {stage.folder}/bot.db cannot be used: ")
        await ready.until(503, "^The database .* cannot be used: .*\n$")
        resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, (most, most))
        await stage.until_all_shown(room, video)
        await ready.until(200)

        # The workspace alone, and then the realtime service, too.
        stage.workspace.is_down = True
        await stage.sandbox.faye.close()
        await ready.until(503, "^Realtime is away, and the workspace does not answer: ")
        stage.workspace.is_down = False
        await stage.sandbox.faye.start()
        await ready.until(200)

        await stage.discord_goes()
        assert await ready.until(503) == "The bot is not connected to Discord.\n"
        await stage.discord_returns()
        await ready.until(200)

        assert "Traceback" not in bot.log
        assert await bot.terminate() == 0

        await bot.start()
        await bot.logged(
            r"it works: 1 server, 1 attachment; workspace .* \([\w.:]+\), "
            "permission level read; realtime connected"
        )
        assert await bot.terminate() == 0


async def test_refused_credentials_are_a_reason(stage: Stage) -> None:
    async with stage.running():
        await stage.attached()
    stage.workspace.options.is_closed = True
    async with (
        stage.bot(
            level=None, BOT_HTTP_LISTEN="127.0.0.1:0", TWENTYTHREE_BEARER_TOKEN="revoked-token"
        ) as bot,
        aiohttp.ClientSession() as http,
    ):
        ready = await asked(bot, http)
        await bot.logged("started, and not of use yet: .* check the TWENTYTHREE_ variables")
        await ready.until(503, "does not accept the bot's credentials; check the TWENTYTHREE_")
        assert await bot.terminate() == 0
