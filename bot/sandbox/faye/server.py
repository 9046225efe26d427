"""The realtime service on loopback: WebSocket and long-polling."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import WSMsgType, web

from .engine import Engine, Message
from .protocol import Protocol, Terms


@dataclass(slots=True, kw_only=True)
class FayeOptions:
    """Settings; ``port`` 0 takes a free one. Times in seconds."""

    port: int = 0
    timeout_s: float = 45.0
    interval_s: float = 0.0
    new_id: Callable[[], str] = lambda: secrets.token_hex(16)[:31]


class _Socket:
    """A client's WebSocket; what is pushed goes out in order."""

    def __init__(self, server: FayeServer, socket: web.WebSocketResponse) -> None:
        self._server = server
        self._socket = socket
        self._outgoing: asyncio.Queue[list[Message] | None] = asyncio.Queue()

    def push(self, messages: list[Message]) -> None:
        self._outgoing.put_nowait(messages)

    def end(self) -> None:
        self._outgoing.put_nowait(None)

    async def write(self) -> None:
        """Send what is pushed until the end is asked for."""
        while (messages := await self._outgoing.get()) is not None:
            if not self._server.is_silent:
                await self._socket.send_str(json.dumps(messages))
        await self._socket.close()


class FayeServer:
    """A Bayeux server that behaves as Faye does.

    ``is_silent``: it reads and never answers, as a path that swallows packets.
    ``refuses_upgrades``: WebSockets cannot be opened, as behind an old proxy.
    """

    def __init__(self, options: FayeOptions | None = None) -> None:
        self.options = options or FayeOptions()
        self.terms = Terms(timeout_s=self.options.timeout_s, interval_s=self.options.interval_s)
        self.is_silent = False
        self.refuses_upgrades = False
        self._port = self.options.port
        self._engine = self._new_engine()
        self._protocol = Protocol(self._engine, self.terms)
        self._runner: web.AppRunner | None = None
        self._open: set[asyncio.Transport] = set()

    @property
    def url(self) -> str:
        """The service's address."""
        return f"http://127.0.0.1:{self._port}/faye"

    async def start(self) -> None:
        """Listen; a second start takes the port of the first and knows no session."""
        self._engine = self._new_engine()
        self._protocol = Protocol(self._engine, self.terms)
        app = web.Application()
        app.router.add_route("*", "/faye", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]

    async def close(self) -> None:
        """Stop as a crash does: connections are reset, sessions gone."""
        self.drop()
        self._engine.forget()
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def publish(self, channel: str, data: Any) -> None:
        """Publish one event, as the platform does."""
        self._engine.publish({"channel": channel, "data": data})

    def forget(self) -> None:
        """Forget all sessions; sockets stay open."""
        self._engine.forget()

    def drop(self) -> None:
        """Reset all connections; sessions stay."""
        for transport in tuple(self._open):
            transport.abort()

    def subscriptions(self) -> list[str]:
        """Return the channels that somebody is subscribed to."""
        return list(self._engine.subscriptions())

    def _new_engine(self) -> Engine:
        return Engine(self.options.timeout_s, self.options.new_id)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        transport = request.transport
        if not isinstance(transport, asyncio.Transport):
            return web.Response(status=503)
        self._open.add(transport)
        try:
            if request.headers.get("Upgrade", "").lower() == "websocket":
                return await self._websocket(request)
            return await self._long_polling(request)
        finally:
            self._open.discard(transport)

    async def _long_polling(self, request: web.Request) -> web.Response:
        if self.is_silent:
            await asyncio.Event().wait()
        messages = _messages(await request.text())
        if messages is None:
            return web.Response(status=400, text="Bad request")
        replies = await self._answers(messages, None)
        return web.json_response(replies)

    async def _websocket(self, request: web.Request) -> web.StreamResponse:
        if self.refuses_upgrades:
            return web.Response(status=400, text="Bad request")
        response = web.WebSocketResponse(max_msg_size=2**26)
        await response.prepare(request)
        socket = _Socket(self, response)
        try:
            async with asyncio.TaskGroup() as tasks:
                writing = tasks.create_task(socket.write())
                held = set()
                async for frame in response:
                    messages = _messages(frame.data) if frame.type is WSMsgType.TEXT else None
                    if messages is not None:
                        held.add(tasks.create_task(self._frame(messages, socket)))
                for task in (writing, *held):
                    task.cancel()
        except* ConnectionError:
            pass
        finally:
            self._engine.detach(socket)
        return response

    async def _frame(self, messages: list[Message], socket: _Socket) -> None:
        # A frame is answered only when every message in it is.
        replies = await self._answers(messages, socket)
        socket.push(replies)
        if any(reply.get("channel") == "/meta/disconnect" for reply in replies):
            socket.end()

    async def _answers(self, messages: list[Message], socket: _Socket | None) -> list[Message]:
        found = await asyncio.gather(
            *(self._protocol.answer(message, socket) for message in messages)
        )
        return [reply for replies in found for reply in replies]


def _messages(text: str) -> list[Message] | None:
    """Return the messages of a body or frame; ``None`` where it is none of Bayeux's."""
    try:
        parsed = json.loads(text)
    except ValueError:
        return None
    messages = parsed if isinstance(parsed, list) else [parsed]
    return messages if all(isinstance(one, dict) for one in messages) else None
