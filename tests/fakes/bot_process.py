"""A real bot process, started as a user starts it: ``python -m bot`` and its environment."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Self

_ROOT = Path(__file__).parents[2]
_CHANNEL_ROOT = re.compile(r"\b[0-9a-f]{40}\b")
_PATIENCE_S = 30.0


class BotProcess:
    """``async with BotProcess(environment, folder) as bot``; the database is in ``folder``.

    At its end the process is killed if it still runs, and what it logged is searched for secrets.
    """

    def __init__(
        self, environment: Mapping[str, str], folder: Path, *arguments: str, **variables: str
    ) -> None:
        plain = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("DISCORD_", "TWENTYTHREE_", "BOT_"))
        }
        database = {"TWENTYTHREE_DATABASE_URL": f"sqlite+aiosqlite:///{folder}/bot.db"}
        logs = {"BOT_LOG_LEVEL": "DEBUG"}
        self.environment = {**plain, **logs, **database, **environment, **variables}
        self._arguments = arguments
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[tuple[bytes, bytes]] | None = None
        self.log = ""
        self.output = ""

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.kill()

    async def start(self) -> None:
        """Start it, or start it again on the same database."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *self._arguments,
            cwd=_ROOT,
            env=self.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        self._reading = asyncio.create_task(self._process.communicate())

    async def exited(self) -> int:
        """Wait until it ends by itself; return its status."""
        return await self._end()

    async def terminate(self) -> int:
        """Send SIGTERM and return the status."""
        self._signal(signal.SIGTERM)
        return await self._end()

    async def kill(self) -> None:
        """Send SIGKILL if it still runs."""
        if self._process is not None:
            self._signal(signal.SIGKILL)
            await self._end()

    def _signal(self, number: int) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)

    async def _end(self) -> int:
        assert self._process is not None
        assert self._reading is not None
        async with asyncio.timeout(_PATIENCE_S):
            output, log = await self._reading
        self.output, self.log = output.decode(), log.decode()
        status = self._process.returncode
        self._process = None
        assert status is not None
        self._check_secrets()
        return status

    def _check_secrets(self) -> None:
        said = self.output + self.log
        secrets = [
            value
            for name, value in self.environment.items()
            if value and name.endswith(("_TOKEN", "_SECRET", "_KEY"))
        ]
        assert not _CHANNEL_ROOT.search(said), "a channel's root was logged"
        assert not any(secret in said for secret in secrets), "a secret was logged"
