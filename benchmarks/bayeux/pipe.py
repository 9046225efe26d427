"""How the processes of the benchmark talk: a JSON line of stdin asks, one of stdout answers.

Standard library only: contestants import it that live in another virtual environment.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

_MAX_LINE_BYTES = 64 * 1024 * 1024

Command = Callable[..., Awaitable[Any]]


async def serve(commands: dict[str, Command]) -> None:
    """Run one command after the other until stdin ends; failures are answers as well."""
    reader = asyncio.StreamReader(limit=_MAX_LINE_BYTES)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    while line := await reader.readline():
        request = json.loads(line)
        try:
            answer = {"done": await commands[request.pop("do")](**request)}
        except Exception as error:  # noqa: BLE001 - whatever a contestant raises is its result
            answer = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
