"""An HTTP server on loopback with one handler, for the transports' odd answers."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.test_utils import TestServer

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def endpoint(handler: Handler) -> AsyncGenerator[str]:
    """Serve ``handler`` for every request; yields the address."""
    app = web.Application()
    app.router.add_route("*", "/faye", handler)
    async with TestServer(app, host="127.0.0.1") as server:
        yield str(server.make_url("/faye"))
