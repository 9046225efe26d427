"""The demo as ``make demo`` starts it: a process, whose first line names its page."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from pathlib import Path
from typing import Self

_ROOT = Path(__file__).parents[2]
_PATIENCE_S = 60.0


class DemoProcess:
    """``async with DemoProcess() as demo``; the page is at ``demo.address``.

    Nothing plays in it but what its guests do. At its end it must have had nothing to warn of.
    """

    def __init__(self) -> None:
        self.address = ""
        self.output = ""

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            "demo",
            cwd=_ROOT,
            env=_environment(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        async with asyncio.timeout(_PATIENCE_S):
            first = (await self._process.stdout.readline()).decode()
        self._reading = asyncio.gather(self._process.stdout.read(), self._process.stderr.read())
        found = re.fullmatch(r"The page: (http://127\.0\.0\.1:\d+)/\n", first)
        assert found, first
        self.address = found[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(_PATIENCE_S):
            out, err = await self._reading
            await self._process.wait()
        self.output = out.decode()
        assert (self._process.returncode, err) == (0, b""), err.decode()


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONUNBUFFERED": "1"}
