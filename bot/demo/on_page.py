"""The demo as a page in a browser."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

from sandbox import Sandbox
from sandbox.chat import NoReplyError, NotOfferedError
from sandbox.page import Page, Scene
from sandbox.workspace import Level

from .process import DemoBot, environment

_INTRODUCTION = """\
The page: {url}

Open it in a browser: a workspace on its left, a Discord on its right. Both are on this machine
only, and so is the bot, the real one in a process of its own. Ctrl-C ends all of it."""


class DemoPage:
    """The bot with a scene and its page, which listens on ``port`` once it is entered; 0: any.

    ``locale``: of the clients in which the page is a Discord.
    """

    def __init__(
        self, sandbox: Sandbox, database: Path, *, port: int, locale: str = "en-US"
    ) -> None:
        self._locale = locale
        self._scene = Scene(sandbox)
        self._bot = DemoBot(environment(sandbox.environment(Level.WRITE), database))
        self.page = Page(self._scene, self._bot, port=port)

    @property
    def address(self) -> str:
        """Where a browser finds the page, in the language of the clients."""
        return self.page.url + ("" if self._locale == "en-US" else f"?locale={self._locale}")

    async def run(self) -> None:
        """Keep all of it up until SIGTERM, or until cancelled."""
        print(_INTRODUCTION.format(url=self.address), flush=True)
        async with asyncio.TaskGroup() as tasks:
            staying = [
                tasks.create_task(one)
                for one in (self.page.run(), self._bot.run(), self._prepare())
            ]
            await _terminated()
            for task in staying:
                task.cancel()

    async def _prepare(self) -> None:
        await self._bot.start()
        try:
            await self._scene.prepare()
        except (TimeoutError, NoReplyError, NotOfferedError) as error:
            reason = str(error) or "the bot did not come"
            print(f"The rooms are not prepared: {reason}.", file=sys.stderr)


async def _terminated() -> None:
    """Wait for SIGTERM."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, told.set)
    try:
        await told.wait()
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
