"""A real bot process, as a user starts it: ``python -m bot`` and its environment."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

from tests.fakes.warm_bots import WarmBot, WarmBots

if TYPE_CHECKING:
    from tests.fakes.databases import PostgresFolders

ROOT = Path(__file__).parents[2]
_CHANNEL_ROOT = re.compile(r"\b[0-9a-f]{40}\b")
_PATIENCE_S = 90.0
_LONGEST_LINE = 16 * 1024 * 1024
# What the interpreter and asyncio say of things that were left lying about.
_LEFT_BEHIND = (
    "never retrieved",
    "Unclosed",
    "was destroyed",
    "never awaited",
    "Exception ignored",
)
# asyncpg leaves this where it is cancelled when it has just connected, and has not said a word yet.
_ASYNCPGS = re.compile(
    r".* Future exception was never retrieved(?:\n|\N{REPLACEMENT CHARACTER})"
    r"future: <Future finished exception=ConnectionError\('unexpected connection_lost\(\) call'\)>"
)


class BotProcess:
    """``async with BotProcess(environment, folder) as bot``; the database is in ``folder``.

    ``postgres``: where that is instead, for all bots, if anywhere. ``warm``: where all start that
    are not ``is_cold``; by default each has its own interpreter. The database is there and empty,
    unless a bot ``is_first`` or cold: then it makes it, as it does for people. Verbs find what
    there is. At its end the process is killed
    if it still runs, and all that it said is searched for secrets, for ``hidden`` (texts that must
    not be said) and for traces of things left behind.
    """

    warm: ClassVar[WarmBots | None] = None
    postgres: ClassVar[PostgresFolders | None] = None

    def __init__(
        self, environment: Mapping[str, str], folder: Path, *arguments: str, **variables: str
    ) -> None:
        plain = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("DISCORD_", "TWENTYTHREE_", "BOT_"))
        }
        self._file: Path | None = folder / "bot.db"
        address = f"sqlite+aiosqlite:///{self._file}"
        if self.postgres is not None:
            self._file, address = None, self.postgres.address(folder)
        database = {"TWENTYTHREE_DATABASE_URL": address}
        # A developer's .env file must not reach it either.
        always = {"BOT_LOG_LEVEL": "DEBUG", "PYTHON_DOTENV_DISABLED": "1"}
        self.environment = {**plain, **always, **database, **environment, **variables}
        self.hidden: list[str] = []
        self.root = ROOT
        self.is_cold = False
        self.is_first = False
        self._arguments = arguments
        self._process: asyncio.subprocess.Process | WarmBot | None = None
        self._reading: list[asyncio.Task[None]] = []
        self._news = asyncio.Condition()
        self.log = ""
        self.output = ""

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.kill()

    async def start(self) -> None:
        """Start it, or start it again on the same database."""
        if self._file is not None and not (self._arguments or self.is_cold or self.is_first):
            # Most runs of a few tests need none of it.
            from tests.fakes.stores import make_database

            await make_database(self._file)
        self.log = self.output = ""
        self._process = await self._begin()
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._reading = [
            asyncio.create_task(self._read(self._process.stdout, "output")),
            asyncio.create_task(self._read(self._process.stderr, "log")),
        ]

    async def _begin(self) -> asyncio.subprocess.Process | WarmBot:
        if self.warm is not None and not self.is_cold and self.root == ROOT:
            return await self.warm.start(self._arguments, self.environment, _LONGEST_LINE)
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *self._arguments,
            cwd=self.root,
            env=self.environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=_LONGEST_LINE,
        )

    @property
    def pid(self) -> int:
        """The number of the process, while it runs."""
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it was started, and has not ended since."""
        return self._process is not None and self._process.returncode is None

    async def exited(self) -> int:
        """Wait until it ends by itself; return its status."""
        return await self._end()

    async def terminate(self) -> int:
        """Send SIGTERM and return the status."""
        self._signal(signal.SIGTERM)
        return await self._end()

    def freeze(self) -> None:
        """Let it do nothing at all, as on a machine that was put to sleep."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    async def kill(self) -> None:
        """Send SIGKILL if it still runs."""
        if self._process is not None:
            self._signal(signal.SIGKILL)
            await self._end()

    async def logged(self, pattern: str, *, after: int = 0) -> re.Match[str]:
        """Wait until the log has what matches the pattern, after so many characters.

        Raises:
            TimeoutError: it did not come.
        """
        async with asyncio.timeout(_PATIENCE_S), self._news:
            while (found := re.compile(pattern).search(self.log, after)) is None:
                await self._news.wait()
        return found

    async def _read(self, stream: asyncio.StreamReader, into: str) -> None:
        while line := await stream.readline():
            setattr(self, into, getattr(self, into) + line.decode())
            async with self._news:
                self._news.notify_all()

    def _signal(self, number: int) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)

    async def _end(self) -> int:
        assert self._process is not None
        async with asyncio.timeout(_PATIENCE_S):
            await asyncio.gather(*self._reading)
            status = await self._process.wait()
        self._process = None
        self._check_said()
        return status

    def _check_said(self) -> None:
        said = self.output + self.log
        secrets = [
            value
            for name, value in self.environment.items()
            if value and name.endswith(("_TOKEN", "_SECRET", "_KEY"))
        ]
        assert not _CHANNEL_ROOT.search(said), "a channel's root was logged"
        assert not any(secret in said for secret in secrets), "a secret was logged"
        assert not any(text in said for text in self.hidden), "a comment's text was logged"
        said = _ASYNCPGS.sub("", said)
        left = [words for words in _LEFT_BEHIND if words in said]
        assert not left, f"{left}: {said[said.index(left[0]) :]}"
