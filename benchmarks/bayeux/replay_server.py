"""A server that only replays: it fakes a Bayeux session, then floods prepared frames.

Whole WebSocket frames are made beforehand, so that what it costs is a copy into the socket and
the client is what saturates.
"""

from __future__ import annotations

import asyncio
import struct
import sys
from typing import Any

import orjson  # type: ignore[import-not-found]  # only in the other environment
from aiohttp import WSMessage, WSMsgType, web

from benchmarks.bayeux import events, pipe

_CHUNK_FRAMES = 1000
_MAX_UNSENT_BYTES = 4 * 1024 * 1024
_BREATH_S = 0.0005
_HOLD_S = 30.0
_TEXT_FRAME = 0x81
_EXTENDED_16 = 126
_ADVICE = {"reconnect": "retry", "interval": 0, "timeout": int(_HOLD_S * 1000)}


class ReplayServer:
    def __init__(self) -> None:
        self._connects = 0
        self._held: set[asyncio.Task[None]] = set()
        self._subscriber: asyncio.Transport | None = None

    async def start(self) -> int:
        app = web.Application()
        app.router.add_route("*", "/faye", self._handle)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        address: tuple[str, int] = runner.addresses[0]
        return address[1]

    async def flood(self, channels: int, count: int) -> None:
        """Send ``count`` comments, over ``channels`` in turn."""
        assert self._subscriber is not None
        chunk = _chunk(channels)
        for _ in range(count // _CHUNK_FRAMES):
            while self._is_full():  # noqa: ASYNC110 - a transport has no event for it
                await asyncio.sleep(_BREATH_S)
            if self._subscriber.is_closing():
                return
            self._subscriber.write(chunk)
            await asyncio.sleep(0)

    def _is_full(self) -> bool:
        assert self._subscriber is not None
        return self._subscriber.get_write_buffer_size() > _MAX_UNSENT_BYTES

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if request.method == "POST":
            return web.json_response(await self._answers(await request.json()))
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        async for frame in socket:
            await self._take(frame, socket, request)
        for held in self._held:
            held.cancel()
        return socket

    async def _take(
        self, frame: WSMessage, socket: web.WebSocketResponse, request: web.Request
    ) -> None:
        if frame.type is not WSMsgType.TEXT:
            return
        messages = orjson.loads(frame.data)
        if any(message["channel"] == "/meta/subscribe" for message in messages):
            self._subscriber = request.transport
        # The first connect is answered at once, as CometD does; the others are held.
        is_connect = any(message["channel"] == "/meta/connect" for message in messages)
        self._connects += is_connect
        if is_connect and self._connects > 1:
            task = asyncio.create_task(self._answer_late(messages, socket))
            self._held.add(task)
            task.add_done_callback(self._held.discard)
        else:
            await socket.send_str(orjson.dumps(await self._answers(messages)).decode())

    async def _answer_late(
        self, messages: list[dict[str, Any]], socket: web.WebSocketResponse
    ) -> None:
        await asyncio.sleep(_HOLD_S)
        await socket.send_str(orjson.dumps(await self._answers(messages)).decode())

    async def _answers(self, messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [_answer(message) for message in messages]


def _answer(message: dict[str, Any]) -> dict[str, Any]:
    reply = {"channel": message["channel"], "id": message.get("id"), "successful": True}
    match message["channel"]:
        case "/meta/handshake":
            types = ["long-polling", "websocket"]
            more: dict[str, Any] = {"version": "1.0", "supportedConnectionTypes": types}
            more["advice"] = _ADVICE
        case "/meta/connect":
            more = {"advice": _ADVICE}
        case _:
            more = {"subscription": message.get("subscription")}
    return reply | more | {"clientId": "replayedreplayedreplayedreplaye"}


def _chunk(channel_count: int) -> bytes:
    names, data = events.channels(channel_count), events.comment()
    frames: list[bytes] = []
    for n in range(_CHUNK_FRAMES):
        name = names[n % channel_count]
        text = events.frame(name, data | {"n": data["n"] + n})
        frames.append(struct.pack("!BBH", _TEXT_FRAME, _EXTENDED_16, len(text)) + text)
    return b"".join(frames)


async def main() -> None:
    server = ReplayServer()
    port = await server.start()
    sys.stdout.write(orjson.dumps({"done": {"port": port}}).decode() + "\n")
    sys.stdout.flush()
    await pipe.serve({"flood": server.flood})


if __name__ == "__main__":
    asyncio.run(main())
