"""The bot of the gallery: a process of its own, known by its command and its variables alone."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

from ..journal import Journal
from ..page import Said, Saying

_STOP_S: Final = 15.0


class BotKeeper:
    """Starts and kills it; see :class:`sandbox.page.Keeper`. An async context manager.

    ``variables``: those of the sandbox; ``database``: the file of its SQLite.
    """

    def __init__(self, variables: Mapping[str, str], database: Path) -> None:
        self.journal: Journal[Said] = Journal()
        self.since: float | None = None
        self._process: asyncio.subprocess.Process | None = None
        plain = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("DISCORD_", "TWENTYTHREE_", "BOT_"))
        }
        self._variables = {
            **plain,
            **variables,
            "PYTHON_DOTENV_DISABLED": "1",
            "TWENTYTHREE_DATABASE_URL": f"sqlite+aiosqlite:///{database}",
            "TWENTYTHREE_REPLY_NAME": "The studio team",
            "TWENTYTHREE_SAME_BROADCAST_SECONDS": "1",
            "TWENTYTHREE_POLL_SECONDS": "5",
            "TWENTYTHREE_FOLLOW_SECONDS": "5",
            "BOT_LOG_LEVEL": "ERROR",
        }

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.terminate()
            async with asyncio.timeout(_STOP_S):
                await self._process.wait()

    @property
    def is_running(self) -> bool:
        """Whether there is a process."""
        return self._process is not None

    async def start(self) -> None:
        """Start it; one that runs is left alone."""
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot.kept"),
                env=self._variables,
                stdin=asyncio.subprocess.PIPE,
            )
            self._tell(Saying.STARTED)

    async def kill(self) -> None:
        """Kill it; one that is not there is no error."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            await process.wait()
            self._tell(Saying.ENDED)

    def _tell(self, saying: Saying) -> None:
        self.since = time.time()
        self.journal.add(Said(saying, self.since))
