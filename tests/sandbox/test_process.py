"""``python -m sandbox``: its line, its controls, its end."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from sandbox.__main__ import main

_ROOT = Path(__file__).parents[2]
_PATIENCE_S = 60.0


@asynccontextmanager
async def process(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    started = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sandbox",
        *arguments,
        cwd=_ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.communicate()


async def introduction(started: asyncio.subprocess.Process) -> dict[str, Any]:
    assert started.stdout is not None
    said: dict[str, Any] = json.loads(await started.stdout.readline())
    return said


async def do(said: dict[str, Any], verb: str, **asked: Any) -> Any:
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{said['control']}/{verb}", json=asked) as response,
    ):
        assert response.status == 200, await response.text()
        return await response.json()


def is_listened_to(url: str) -> bool:
    found = urlsplit(url)
    with socket.socket() as probe:
        return probe.connect_ex((str(found.hostname), found.port or 0)) == 0


@pytest.mark.parametrize("end", ["SIGTERM", "SIGINT", "stdin"])
async def test_the_process_says_one_line_serves_and_ends_cleanly(end: str) -> None:
    async with asyncio.timeout(_PATIENCE_S), process() as started:
        said = await introduction(started)
        assert (await do(said, "workspace/add_video", title="Film"))["title"] == "Film"
        urls = [said["control"], said["faye"], *_urls(said["environment"])]
        assert all(map(is_listened_to, urls))
        assert started.stdin is not None
        started.stdin.write(b"this is skipped\n")
        if end == "stdin":
            started.stdin.close()
        else:
            started.send_signal(getattr(signal, end))
        await started.wait()
        assert started.stdout is not None
        assert started.stderr is not None
        rest = await started.stdout.read(), await started.stderr.read()

    assert started.returncode == 0
    assert rest == (b"", b"")
    assert not any(map(is_listened_to, urls))


async def test_its_ports_and_secrets_follow_the_options() -> None:
    async with asyncio.timeout(_PATIENCE_S):
        async with process("--seed", "5", "--faye-url", "http://127.0.0.1:9/faye") as started:
            first = await introduction(started)
        async with process("--seed", "5") as started:
            second = await introduction(started)

    assert first["faye"] == "http://127.0.0.1:9/faye"
    token = "TWENTYTHREE_BEARER_TOKEN"
    assert first["environment"][token] == second["environment"][token]


@pytest.mark.parametrize("kind", ["pipe", "file", "closed"])
async def test_only_an_input_that_somebody_holds_can_end_it(tmp_path: Path, kind: str) -> None:
    ours, theirs = os.pipe()
    if kind == "file":
        os.close(ours)
        ours = os.open(tmp_path / "input", os.O_CREAT | os.O_RDWR)
    elif kind == "closed":
        os.close(ours)
    said: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    running = asyncio.create_task(
        main(port=0, seed=1, faye_url=None, stdin=ours, say=said.set_result)
    )

    async with asyncio.timeout(_PATIENCE_S):
        given = json.loads(await said)
        os.write(theirs, b"skipped") if kind == "pipe" else None
        assert await do(given, "chat/posts") == []
        assert not running.done()
        os.close(theirs)
        if kind != "pipe":
            os.kill(os.getpid(), signal.SIGTERM)
        await running

    assert not is_listened_to(given["control"])
    if kind != "closed":
        os.close(ours)


def _urls(environment: dict[str, str]) -> list[str]:
    return [value for name, value in environment.items() if name.endswith("_URL")]
