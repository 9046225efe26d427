"""``python -m sandbox``: the sandbox as a process of its own, with its controls on loopback.

Prints one line of JSON: ``control`` is the address of the controls, ``environment`` what a bot
needs. Ends with SIGINT, SIGTERM, or its standard input, where that is a pipe or a terminal.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import stat
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

from aiohttp import web

from .control import application
from .house import Sandbox

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


async def main(
    *, port: int, seed: int, faye_url: str | None, stdin: int, say: Callable[[str], object]
) -> None:
    """Run until told to stop; ``stdin`` is a file descriptor, ``say`` prints the line."""
    with _stopping(stdin) as stop:
        async with Sandbox(port=port, seed=seed, faye_url=faye_url) as sandbox:
            runner = web.AppRunner(application(sandbox), access_log=None, shutdown_timeout=0.2)
            await runner.setup()
            try:
                await web.TCPSite(runner, "127.0.0.1", 0).start()
                say(json.dumps(_introduction(sandbox, faye_url, runner.addresses[0][1])))
                await stop.wait()
            finally:
                await runner.cleanup()


def _introduction(sandbox: Sandbox, faye_url: str | None, port: int) -> dict[str, object]:
    return {
        "control": f"http://127.0.0.1:{port}/control",
        "environment": sandbox.environment(),
        "faye": faye_url or sandbox.faye.url,
        "owner": sandbox.chat.owner.id,
    }


@contextmanager
def _stopping(stdin: int) -> Generator[asyncio.Event]:
    """Yield an event that is set by a signal or by the end of the input."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, stop.set)
    has_end = _has_end(stdin)
    if has_end:
        loop.add_reader(stdin, _read, stdin, stop)
    try:
        yield stop
    finally:
        if has_end:
            loop.remove_reader(stdin)
        for number in _SIGNALS:
            loop.remove_signal_handler(number)


def _has_end(stdin: int) -> bool:
    """Tell whether somebody holds the other end; a file or ``/dev/null`` says nothing."""
    try:
        mode = os.fstat(stdin).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(stdin)


def _read(stdin: int, stop: asyncio.Event) -> None:
    """Skip what is written to us; its end is ours."""
    if not os.read(stdin, 4096):
        stop.set()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=23)
    parser.add_argument("--faye-url")
    given = parser.parse_args()

    def print_line(line: str) -> None:
        """Print at once: whoever started us waits for it."""
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    asyncio.run(
        main(port=given.port, seed=given.seed, faye_url=given.faye_url, stdin=0, say=print_line)
    )
