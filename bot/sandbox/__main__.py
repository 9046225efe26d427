"""``python -m bot.sandbox``: the sandbox as a process of its own, with its controls on loopback.

Prints one line of JSON: ``control`` is the address of the controls, ``environment`` what a bot
needs. Ends with SIGINT, SIGTERM, or its standard input.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys

from aiohttp import web

from .control import application
from .house import Sandbox


async def main(*, port: int, seed: int, faye_url: str | None) -> None:
    """Run until told to stop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    loop.add_reader(sys.stdin, _read, stop)
    async with Sandbox(port=port, seed=seed, faye_url=faye_url) as sandbox:
        runner = web.AppRunner(application(sandbox), access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            control = f"http://127.0.0.1:{runner.addresses[0][1]}/control"
            said = {
                "control": control,
                "environment": sandbox.environment(),
                "faye": faye_url or sandbox.faye.url,
                "owner": sandbox.chat.owner.id,
            }
            sys.stdout.write(json.dumps(said) + "\n")
            sys.stdout.flush()
            await stop.wait()
        finally:
            loop.remove_reader(sys.stdin)
            await runner.cleanup()


def _read(stop: asyncio.Event) -> None:
    """Skip what is written to us; its end is ours."""
    if not os.read(sys.stdin.fileno(), 4096):
        stop.set()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=23)
    parser.add_argument("--faye-url")
    given = parser.parse_args()
    asyncio.run(main(port=given.port, seed=given.seed, faye_url=given.faye_url))
