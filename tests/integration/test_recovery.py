"""The realtime service lost in each way that it can be lost, under a running bot.

Faye from npm, the sandbox and the bot are processes of their own; between the bot and Faye is a
network that can be cut. What was said meanwhile must be in the room once. How long realtime took
to be back is recorded with the test, and not judged: the machine may be busy.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.fakes.bot_process import BotProcess
from tests.fakes.faye import FayeServer
from tests.fakes.tcp_proxy import TcpProxy
from tests.fakes.three_processes import Stage, stage

# Faye's sessions end after twice this.
_TIMEOUT_S = 1.0
# Longer than a reading of the fast timer ever is away.
_POLL_S = "0.5"

Record = Callable[[str, object], None]


class Recovery:
    """A bot that realtime serves, and what happens to it."""

    def __init__(self, at: Stage, faye: FayeServer, path: TcpProxy, bot: BotProcess) -> None:
        self.at = at
        self.faye = faye
        self.path = path
        self.bot = bot

    async def until_status(self, word: str) -> None:
        async with asyncio.timeout(60):
            while word not in await self.at.command("status"):
                pass

    async def until_all_shown(self) -> None:
        """Wait for all that was said; each must be there once."""
        for comment_id in self.at.posted:
            await self.at.until_shown(comment_id)
        assert sorted(await self.at.shown()) == sorted(self.at.posted)

    async def outlive_session(self) -> None:
        """Wait until Faye has ended the bot's session."""
        async with asyncio.timeout(60):
            while await self.faye.do("sessions"):
                pass

    async def recover(self, record: Record) -> None:
        """Realtime must come back by itself, and serve again; what was missed is there."""
        began = time.monotonic()
        await self.until_status("Realtime")
        record("recovered_s", round(time.monotonic() - began, 2))
        await self.at.say("after it")
        await self.until_all_shown()
        record("all_shown_s", round(time.monotonic() - began, 2))


@asynccontextmanager
async def recovery(folder: Path) -> AsyncGenerator[Recovery]:
    async with (
        stage(folder, timeout_s=_TIMEOUT_S) as (at, faye),
        TcpProxy(faye.port) as path,
        at.bot(TWENTYTHREE_REALTIME_URL=path.url, TWENTYTHREE_POLL_SECONDS=_POLL_S) as bot,
    ):
        await at.attach(at.video, comments="all")
        made = Recovery(at, faye, path, bot)
        await made.until_status("Realtime")
        await at.say("before it")
        await made.until_all_shown()
        yield made
        assert await bot.terminate() == 0


@pytest.mark.usefixtures("on_both")
async def test_a_restart_of_the_server_loses_and_doubles_nothing(
    tmp_path: Path, record_property: Record
) -> None:
    async with recovery(tmp_path) as made:
        await made.faye.kill()
        for number in range(5):
            await made.at.say(f"while it is away {number}")
        await made.faye.start()
        await made.recover(record_property)


async def test_a_cut_that_outlives_the_session_loses_and_doubles_nothing(
    tmp_path: Path, record_property: Record
) -> None:
    async with recovery(tmp_path) as made:
        made.path.is_refusing = True
        made.path.cut()
        for number in range(5):
            await made.at.say(f"while it is cut {number}")
        await made.outlive_session()
        await made.at.say("after the session's end")
        made.path.is_refusing = False
        await made.recover(record_property)


async def test_a_path_that_swallows_everything_in_silence_is_noticed(
    tmp_path: Path, record_property: Record
) -> None:
    async with recovery(tmp_path) as made:
        made.path.stall()
        began = time.monotonic()
        for number in range(5):
            await made.at.say(f"into the void {number}")
        await made.outlive_session()
        # Nobody has told the bot; it finds out, and polling carries the job.
        await made.until_all_shown()
        record_property("noticed_s", round(time.monotonic() - began, 2))
        made.path.cut()
        made.path.flow()
        await made.recover(record_property)


@pytest.mark.parametrize("how", ["forget", "evict"])
async def test_a_server_that_forgets_the_client_loses_and_doubles_nothing(
    tmp_path: Path, record_property: Record, how: str
) -> None:
    async with recovery(tmp_path) as made:
        await made.faye.do(how)
        for number in range(5):
            await made.at.say(f"to nobody {number}")
        await made.recover(record_property)
