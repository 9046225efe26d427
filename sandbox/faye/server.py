"""The realtime service on loopback: WebSocket and long-polling."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import web

from .engine import Engine
from .messages import as_text, messages_of_body
from .protocol import Protocol, Terms
from .sockets import ClientSocket

_MOST_BYTES = 2**26


@dataclass(slots=True, kw_only=True)
class FayeOptions:
    """Settings; ``port`` 0 takes a free one. Times in seconds."""

    port: int = 0
    timeout_s: float = 45.0
    interval_s: float = 0.0
    new_id: Callable[[], str] = lambda: secrets.token_hex(16)[:31]


class FayeServer:
    """A Bayeux server that behaves as Faye does; callback-polling and event streams are left out.

    ``is_silent``: it reads and never answers, as a path that swallows packets.
    ``refuses_upgrades``: WebSockets cannot be opened, as behind an old proxy.
    """

    def __init__(self, options: FayeOptions | None = None) -> None:
        self.options = options or FayeOptions()
        self.terms = Terms(timeout_s=self.options.timeout_s, interval_s=self.options.interval_s)
        self.is_silent = False
        self.refuses_upgrades = False
        self._port = self.options.port
        self._engine, self._protocol = self._new()
        self._runner: web.AppRunner | None = None
        self._open: dict[asyncio.Transport, asyncio.Task[Any]] = {}

    @property
    def url(self) -> str:
        """The service's address."""
        return f"http://127.0.0.1:{self._port}/faye"

    async def start(self) -> None:
        """Listen; a second start takes the port of the first and knows no session."""
        self._engine, self._protocol = self._new()
        app = web.Application(client_max_size=_MOST_BYTES)
        app.router.add_route("*", "/faye{below:(/.*)?}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]

    async def close(self) -> None:
        """Stop as a crash does: connections are reset, sessions gone."""
        runner, self._runner = self._runner, None
        if runner is None:
            return
        serving = tuple(self._open.values())
        self.drop()
        # Some of them wait for an answer that never comes.
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
        self._engine.close()
        await runner.cleanup()

    async def publish(self, channel: str, data: Any) -> None:
        """Publish one event, as the platform does."""
        self._engine.publish({"channel": channel, "data": data})

    def forget(self) -> None:
        """Forget all sessions; sockets stay open, and connects are held to their end."""
        self._engine.forget()

    def evict(self) -> None:
        """End all sessions; their sockets close with 1000."""
        self._engine.evict()

    def drop(self) -> None:
        """Reset all connections; sessions stay."""
        for transport in tuple(self._open):
            transport.abort()

    @property
    def connections(self) -> int:
        """How many connections there are."""
        return len(self._open)

    def subscriptions(self) -> list[str]:
        """Return the channels that somebody is subscribed to."""
        return self._engine.subscriptions()

    def _new(self) -> tuple[Engine, Protocol]:
        engine = Engine(self.options.timeout_s, self.options.new_id)
        return engine, Protocol(engine, self.terms)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        transport, task = request.transport, asyncio.current_task()
        if not isinstance(transport, asyncio.Transport) or task is None:
            return web.Response(status=503)
        self._open[transport] = task
        try:
            if request.headers.get("Upgrade", "").lower() == "websocket":
                return await self._websocket(request)
            return await self._long_polling(request)
        finally:
            del self._open[transport]

    async def _long_polling(self, request: web.Request) -> web.Response:
        if self.is_silent:
            await asyncio.Event().wait()
        messages = messages_of_body(await request.text(), request.content_type)
        if messages is None or request.method != "POST":
            return web.Response(status=400, text="Bad request")
        replies, held = self._protocol.answer(messages)
        for one in held:
            replies += await self._protocol.finish(one)
        return web.json_response(replies, dumps=as_text)

    async def _websocket(self, request: web.Request) -> web.StreamResponse:
        if self.refuses_upgrades:
            return web.Response(status=400, text="Bad request")
        socket = ClientSocket(self._engine, self._protocol, lambda: self.is_silent)
        return await socket.serve(request)


def http_publisher(url: str, http: aiohttp.ClientSession) -> Callable[[str, Any], Awaitable[None]]:
    """Return a publisher that posts to a Bayeux service that is not ours.

    The publisher raises ``aiohttp.ClientError`` where the service is away or refuses.
    """

    async def publish(channel: str, data: Any) -> None:
        message = {"channel": channel, "data": data}
        async with http.post(url, json=[message], raise_for_status=True) as response:
            await response.read()

    return publish
