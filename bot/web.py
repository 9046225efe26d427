"""The host's own HTTP service: is the process alive, is it of use, what has it done."""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

# What a living bot answers to /healthz.
ALIVE = "ok\n"

Problems = Callable[[], Awaitable[list[str]]]

_READY: web.AppKey[Problems] = web.AppKey("problems")


async def _healthz(_: web.Request) -> web.Response:
    return web.Response(text=ALIVE)


async def _readyz(request: web.Request) -> web.Response:
    problems = await request.app[_READY]()
    if problems:
        return web.Response(text="\n".join(problems) + "\n", status=503)
    return web.Response(text=ALIVE)


async def _metrics(_: web.Request) -> web.Response:
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


@asynccontextmanager
async def serve(address: str, problems: Problems) -> AsyncGenerator[str]:
    """Serve ``/healthz``, ``/readyz`` and ``/metrics`` on ``host:port``; yields the base URL.

    Args:
        address: ``127.0.0.1:8023``; port 0 takes a free one.
        problems: what keeps the bot from being of use now, a sentence each; empty when ready.

    Raises:
        OSError: the address cannot be listened on.
    """
    app = web.Application()
    app[_READY] = problems
    app.add_routes(
        [
            web.get("/healthz", _healthz),
            web.get("/readyz", _readyz),
            web.get("/metrics", _metrics),
        ]
    )
    host, _, port = address.rpartition(":")
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host.strip("[]"), int(port))
        await site.start()
        bound = runner.addresses[0]
        yield address_of(bound[0], bound[1])
    finally:
        await runner.cleanup()


def address_of(host: str, port: int) -> str:
    """Return the URL of a host and port; IPv6 addresses stand in brackets."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def cannot_listen(address: str, error: OSError) -> str:
    """Return one sentence for an address that cannot be listened on, and what to do."""
    if isinstance(error, socket.gaierror):
        # Its numbers are none of the system's errors.
        why = error.strerror or type(error).__name__
        return (
            f"BOT_HTTP_LISTEN: cannot listen on {address} ({why}); name an address of this machine."
        )
    # asyncio's own text says the address once more.
    why = os.strerror(error.errno) if error.errno else type(error).__name__
    return (
        f"BOT_HTTP_LISTEN: cannot listen on {address} ({why}); another program may be there: "
        "stop it, or choose another port."
    )
