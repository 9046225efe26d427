"""The bot of the demo: a process of its own, as a user would run it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sandbox.journal import Journal
from sandbox.page import Said, Saying
from sandbox.scenario import SAME_BROADCAST_S

# The bot stops within 10 s; a little more before it is killed.
STOP_S = 12.0
# What a newcomer need not be warned of: what is played here is storms and outages.
_QUIET: Final = "ERROR"
_LEVELS: Final = ("debug", "info", "warning", "error", "critical")
_MOST_LINE: Final = 1 << 20
_SAYINGS: Final = {
    "comments received": Saying.RECEIVED,
    "comments stored": Saying.STORED,
}

Process = asyncio.subprocess.Process


def environment(sandbox: Mapping[str, str], database: Path) -> dict[str, str]:
    """Return the bot's variables: ours, but for its own, which are of the sandbox.

    ``sandbox``: see :meth:`sandbox.Sandbox.environment`; ``database``: the file of its SQLite.
    """
    # What is configured for a real workspace or Discord must not reach the demo's bot.
    mine = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DISCORD_", "TWENTYTHREE_", "BOT_"))
    }
    return {
        **mine,
        **sandbox,
        # Nor must what a developer keeps in a file.
        "PYTHON_DOTENV_DISABLED": "1",
        "TWENTYTHREE_DATABASE_URL": f"sqlite+aiosqlite:///{database}",
        "TWENTYTHREE_REPLY_NAME": "The launch team",
        # It may come back for three minutes, which nobody wants to wait for here.
        "TWENTYTHREE_SAME_BROADCAST_SECONDS": f"{SAME_BROADCAST_S:g}",
        # Nor for what comes without realtime.
        "TWENTYTHREE_POLL_SECONDS": "5",
        "BOT_LOG_LEVEL": os.environ.get("BOT_LOG_LEVEL", _QUIET),
    }


async def started(variables: Mapping[str, str], *, stderr: int | None = None) -> Process:
    """Start the bot with these variables alone. It ends with this process, however that ends."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.kept"),
        env=dict(variables),
        stdin=asyncio.subprocess.PIPE,
        stderr=stderr,
        limit=_MOST_LINE,
    )


async def stop(process: Process) -> None:
    """Ask a process to end, and end it if it does not; one that has ended is no error."""
    if process.returncode is not None:
        return
    process.terminate()
    ended = asyncio.ensure_future(process.wait())
    # Not by a timeout's block, which Python 3.11.2 leaves by the cancellation that has led here.
    await asyncio.wait({ended}, timeout=STOP_S)
    if not ended.done():
        process.kill()
    await ended


class DemoBot:
    """The bot, started and killed as a page wants it; see :class:`sandbox.page.Keeper`.

    Its log is read: what it says of comments goes on, what people should see is printed.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.journal: Journal[Said] = Journal()
        self.since: float | None = None
        self._least = variables["BOT_LOG_LEVEL"].lower()
        self._variables = {**variables, "BOT_LOG_LEVEL": "DEBUG", "BOT_LOG_FORMAT": "json"}
        self._is_wanted = asyncio.Event()
        self._process: Process | None = None

    @property
    def is_running(self) -> bool:
        """Whether there is a process."""
        return self._process is not None

    async def start(self) -> None:
        """Start it; one that runs is left alone."""
        self._is_wanted.set()
        while not self.is_running:
            await self.journal.wait(self.journal.last)

    async def kill(self) -> None:
        """Kill it; one that is not there is no error."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
        while self.is_running:
            await self.journal.wait(self.journal.last)

    async def run(self) -> None:
        """Keep the process; until cancelled, which stops it."""
        while True:
            await self._is_wanted.wait()
            process = await started(self._variables, stderr=asyncio.subprocess.PIPE)
            self._tell(Saying.STARTED, process)
            try:
                await self._read(process)
                await process.wait()
            finally:
                await stop(process)
                self._is_wanted.clear()
                self._tell(Saying.ENDED, None)
            if process.returncode not in (0, -9):
                _say(f"The bot ended early, with status {process.returncode}.")

    def _tell(self, saying: Saying, process: Process | None) -> None:
        self._process, self.since = process, time.time()
        self.journal.add(Said(saying, self.since))

    async def _read(self, process: Process) -> None:
        assert process.stderr is not None  # noqa: S101 - it is a pipe; narrows for mypy
        while line := await process.stderr.readline():
            text = line.decode(errors="replace").rstrip()
            record = _record(text)
            if record is None:
                # What comes before the log is configured.
                _say(text)
            elif (saying := _SAYINGS.get(record["event"])) is not None:
                at = datetime.fromisoformat(record["timestamp"]).timestamp()
                self.journal.add(Said(saying, at, tuple(record["comment_ids"])))
            elif _LEVELS.index(record["level"]) >= _LEVELS.index(self._least):
                _say(f"{record['level']}: {record['event']} {record.get('exception', '')}".rstrip())


def _record(line: str) -> dict[str, Any] | None:
    """Return a line of the bot's log, ``None`` if it is none."""
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) and "event" in record else None


def _say(text: str) -> None:
    print(text, file=sys.stderr)
