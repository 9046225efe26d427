import asyncio
import logging
import os
import signal

import aiohttp
import discord
import pytest

from bot import run as running
from bot.settings import HostSettings


class FakeBot:
    """Runs until closed, or ends at once as told."""

    def __init__(self, end: BaseException | None = None) -> None:
        self.end = end
        self.started = asyncio.Event()
        self.closed = asyncio.Event()
        self.said: list[str] = []

    async def start(self, token: str) -> None:
        assert token == "a-token"
        self.started.set()
        if self.end is not None:
            raise self.end
        await self.closed.wait()

    async def close(self) -> None:
        self.closed.set()

    async def problems(self) -> list[str]:
        return self.said


def make(monkeypatch: pytest.MonkeyPatch, end: BaseException | None = None) -> FakeBot:
    bot = FakeBot(end)
    monkeypatch.setattr("bot.run.make_bot", lambda *_: bot)
    return bot


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_with_0(
    settings: HostSettings, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    bot = make(monkeypatch)
    ending = asyncio.create_task(running.run(settings))
    await bot.started.wait()

    os.kill(os.getpid(), number)

    assert await ending == 0
    assert bot.closed.is_set()


async def test_a_refused_token_is_one_line_and_3(
    settings: HostSettings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    make(monkeypatch, discord.LoginFailure("Improper token has been passed."))

    assert await running.run(settings, asyncio.Event()) == 3

    (record,) = (one for one in caplog.records if one.levelno == logging.ERROR)
    assert record.message == "Discord refused the token; check DISCORD_TOKEN."
    assert record.exc_info is None


async def test_what_keeps_the_bot_from_being_of_use_is_served(
    settings: HostSettings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    bot, stop = make(monkeypatch), asyncio.Event()
    served = settings.model_copy(update={"bot_http_listen": "127.0.0.1:0"})
    ending = asyncio.create_task(running.run(served, stop))
    await bot.started.wait()
    (said,) = (one.message for one in caplog.records if "health" in one.message)
    url = said.rpartition(" ")[2]

    async def readiness() -> str:
        async with aiohttp.ClientSession() as http, http.get(f"{url}/readyz") as answer:
            return await answer.text()

    assert await readiness() == "ok\n"
    bot.said.append("The plugin's work failed.")
    assert await readiness() == "The plugin's work failed.\n"
    stop.set()
    assert await ending == 0


async def test_an_address_that_cannot_be_listened_on_ends_it_with_1(
    settings: HostSettings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bot = make(monkeypatch)
    served = settings.model_copy(update={"bot_http_listen": "192.0.2.1:8023"})

    assert await running.run(served, asyncio.Event()) == 1

    assert caplog.records[-1].message.startswith(
        "BOT_HTTP_LISTEN: cannot listen on 192.0.2.1:8023 ("
    )
    assert not bot.started.is_set()
