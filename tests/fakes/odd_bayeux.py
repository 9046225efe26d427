"""A Bayeux server that takes everything, over both transports, and answers in its own way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp
from aiohttp import web

Message = dict[str, Any]
_ADVICE = {"reconnect": "retry", "interval": 0, "timeout": 60_000}


def unchanged(message: Message, reply: Message) -> Message:
    return reply


class OddServer:
    """Serve ``serve`` by an endpoint.

    ``change`` gets each message and the reply to it, and returns the reply to send. A frame that
    asks for more than ``most_names`` channels at once is too large. ``encode`` makes bytes of a
    frame, ``content_type`` is what they are called. Without ``pongs`` no ping is answered.
    ``cookies`` go with every answer.
    """

    def __init__(
        self,
        change: Callable[[Message, Message], Message] = unchanged,
        *,
        most_names: int = 10_000,
        encode: Callable[[str], bytes] = str.encode,
        content_type: str = "application/json",
        pongs: bool = True,
        cookies: Mapping[str, str] | None = None,
    ) -> None:
        self._change = change
        self._most_names = most_names
        self._encode = encode
        self._content_type = content_type
        self._pongs = pongs
        self._cookies = cookies or {}
        self._events: asyncio.Queue[Message] = asyncio.Queue()
        self.messages: list[Message] = []
        self.sockets = 0
        # How many held polls are answered by an empty array.
        self.empty_polls = 0

    def push(self, channel: str, data: object) -> None:
        """Have an event told, by the socket of the last connect or the next poll."""
        self._events.put_nowait({"channel": channel, "data": data})

    def count(self, channel: str) -> int:
        return sum(message["channel"] == channel for message in self.messages)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._serve_socket(request)
        frame = self._take(await request.text())
        if frame is None:
            return web.Response(status=413)
        if _is_held(frame):
            if self.empty_polls:
                self.empty_polls -= 1
                return web.json_response([])
            event = await self._events.get()
            return self._body([*map(self._reply, frame), event])
        return self._body(list(map(self._reply, frame)))

    async def _serve_socket(self, request: web.Request) -> web.StreamResponse:
        self.sockets += 1
        socket = web.WebSocketResponse(autoping=self._pongs)
        self._set_cookies(socket)
        await socket.prepare(request)
        telling = asyncio.create_task(self._tell(socket))
        try:
            async for message in socket:
                if message.type is not aiohttp.WSMsgType.TEXT:
                    continue
                frame = self._take(message.data)
                if frame is None:
                    await socket.close(code=aiohttp.WSCloseCode.MESSAGE_TOO_BIG)
                elif not _is_held(frame):
                    await self._send(socket, list(map(self._reply, frame)))
        finally:
            telling.cancel()
        return socket

    async def _tell(self, socket: web.WebSocketResponse) -> None:
        while True:
            await self._send(socket, [await self._events.get()])

    async def _send(self, socket: web.WebSocketResponse, frame: list[Message]) -> None:
        await socket.send_frame(
            self._encode(json.dumps(frame, ensure_ascii=False)), aiohttp.WSMsgType.TEXT
        )

    def _take(self, text: str) -> list[Message] | None:
        frame: list[Message] = json.loads(text)
        self.messages += frame
        names = [name for message in frame for name in _names(message)]
        return None if len(names) > self._most_names else frame

    def _reply(self, message: Message) -> Message:
        reply = {"id": message["id"], "channel": message["channel"], "successful": True}
        reply |= {"clientId": "c", "advice": _ADVICE}
        if "subscription" in message:
            reply |= {"subscription": message["subscription"]}
        return self._change(message, reply)

    def _body(self, frame: list[Message]) -> web.Response:
        body = self._encode(json.dumps(frame, ensure_ascii=False))
        response = web.Response(body=body, headers={"Content-Type": self._content_type})
        self._set_cookies(response)
        return response

    def _set_cookies(self, response: web.StreamResponse) -> None:
        for name, value in self._cookies.items():
            response.headers.add("Set-Cookie", f"{name}={value}")


def _names(message: Message) -> list[str]:
    wanted = message.get("subscription", [])
    return [wanted] if isinstance(wanted, str) else wanted


def _is_held(frame: list[Message]) -> bool:
    return frame[0]["channel"] == "/meta/connect" and "advice" not in frame[0]
