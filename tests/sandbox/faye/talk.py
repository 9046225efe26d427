"""A client that writes down what a Bayeux server answers, so that two servers can be compared."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any

import aiohttp

Message = dict[str, Any]
PATIENCE_S = 60.0


class Talk:
    """Talks to one server. ``said`` is what came, with sessions' IDs made plain: ``<0>`` ..."""

    def __init__(
        self,
        url: str,
        http: aiohttp.ClientSession,
        publish: Callable[[str, Any], Awaitable[None]],
        do: Callable[..., Awaitable[object]],
    ) -> None:
        self.url = url
        self.http = http
        self.publish = publish
        self.do = do
        self.said: list[str] = []
        self._sessions: list[str] = []

    def note(self, text: str, answer: object) -> None:
        self._learn(answer)
        plain = json.dumps(answer, sort_keys=True)
        for number, client_id in enumerate(self._sessions):
            plain = plain.replace(client_id, f"<{number}>")
        self.said.append(f"{text}: {plain}")

    async def post(self, *messages: object) -> Any:
        return await self.post_text(json.dumps(messages))

    async def post_text(self, body: str, content_type: str = "application/json") -> Any:
        """Post a body and write down the answer, its status and its type."""
        headers = {"Content-Type": content_type}
        # As a file: aiohttp warns of long texts.
        data = BytesIO(body.encode())
        async with asyncio.timeout(PATIENCE_S):
            async with self.http.post(self.url, data=data, headers=headers) as response:
                text = await response.text()
        is_json = response.content_type == "application/json"
        answer = json.loads(text) if is_json else text
        self.note(f"{response.status} {response.content_type}", answer)
        return answer

    def polling(self, *messages: Message) -> asyncio.Task[Any]:
        return asyncio.create_task(self.post(*messages))

    async def session(self) -> str:
        (opened,) = await self.post(handshake())
        return str(opened["clientId"])

    async def socket(self) -> TalkSocket:
        return TalkSocket(self, await self.http.ws_connect(self.url, max_msg_size=2**26))

    async def watcher(self) -> tuple[TalkSocket, str]:
        """Return a socket with a session, whose connect is held."""
        socket = await self.socket()
        client_id = await socket.session()
        return socket, client_id

    def _learn(self, answer: object) -> None:
        for one in answer if isinstance(answer, list) else []:
            is_opened = one.get("channel") == "/meta/handshake" and one.get("successful")
            if is_opened and one["clientId"] not in self._sessions:
                self._sessions.append(one["clientId"])


class TalkSocket:
    """A WebSocket of a :class:`Talk`."""

    def __init__(self, talk: Talk, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._talk = talk
        self._socket = socket

    async def send(self, *messages: object) -> None:
        await self.send_text(json.dumps(messages))

    async def send_text(self, frame: str) -> None:
        await self._socket.send_str(frame)

    async def hear(self) -> Any:
        """Wait for a frame, or the end, and write it down."""
        frame = await self._socket.receive(timeout=PATIENCE_S)
        is_text = frame.type == aiohttp.WSMsgType.TEXT
        heard = json.loads(frame.data) if is_text else f"{frame.type.name} {frame.data}"
        self._talk.note("frame", heard)
        return heard

    async def hear_all(self) -> None:
        """Write down what came up to now: an empty frame is answered after it."""
        await self.send()
        while await self.hear() != []:
            pass

    async def ask(self, *messages: object) -> Any:
        await self.send(*messages)
        return await self.hear()

    async def session(self) -> str:
        (opened,) = await self.ask(handshake())
        return str(opened["clientId"])

    async def resume(self, client_id: str, number: str) -> None:
        """Send a connect and wait until the server has it; it has no answer yet."""
        await self.send(connect(client_id, number, kind="websocket"))
        await self.hear_all()

    async def close(self) -> None:
        await self._socket.close()


def handshake(**values: object) -> Message:
    kinds = ["websocket", "long-polling"]
    said = {"channel": "/meta/handshake", "version": "1.0", "supportedConnectionTypes": kinds}
    return said | {"id": "1"} | values


def connect(
    client_id: object, number: str = "2", *, kind: str = "long-polling", **values: object
) -> Message:
    said: Message = {"channel": "/meta/connect", "clientId": client_id, "connectionType": kind}
    return said | {"id": number} | values


def soon(client_id: object, number: str = "2", *, kind: str = "long-polling") -> Message:
    """Return a connect that does not want to be held."""
    return connect(client_id, number, kind=kind, advice={"timeout": 0})


def subscribe(client_id: object, wanted: object, number: str = "3") -> Message:
    channel = "/meta/subscribe"
    return {"channel": channel, "clientId": client_id, "subscription": wanted, "id": number}


def unsubscribe(client_id: object, wanted: object, number: str = "4") -> Message:
    return subscribe(client_id, wanted, number) | {"channel": "/meta/unsubscribe"}


def disconnect(client_id: object, number: str = "5") -> Message:
    return {"channel": "/meta/disconnect", "clientId": client_id, "id": number}


def event(channel: object, data: object = 1, **values: object) -> Message:
    return {"channel": channel, "data": data, **values}
