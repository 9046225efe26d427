"""The sandbox as a process of its own, and its controls.

At its end all that the bot and the stand-in for Discord said to each other is judged by Discord's
own description of its API, where that is present.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import aiohttp

from tests.fakes.discord_contract import judge

_ROOT = Path(__file__).parents[2]


class SandboxProcess:
    """``async with SandboxProcess(faye_url) as sandbox``; then ``await sandbox.do(...)``."""

    def __init__(self, faye_url: str) -> None:
        self._faye_url = faye_url
        self.environment: dict[str, str] = {}
        self.owner = 0

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "sandbox",
            "--faye-url",
            self._faye_url,
            cwd=_ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert self._process.stdout is not None
        said = json.loads(await self._process.stdout.readline())
        self._control = said["control"]
        self.environment, self.owner = said["environment"], said["owner"]
        self._http = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_: object) -> None:
        judge([SimpleNamespace(**post) for post in await self.do("chat", "posts")])
        await self._http.close()
        self._process.terminate()
        await self._process.communicate()

    async def do(self, part: str, verb: str, **given: Any) -> Any:
        """Use a control and return its answer."""
        url = f"{self._control}/{part}/{verb}"
        async with self._http.post(url, json=given) as response:
            text = await response.text()
            assert response.status == 200, f"{part}/{verb}: {text}"
            return json.loads(text)
