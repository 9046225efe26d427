"""No message of the realtime service holds up the loop, whatever it is made of."""

import asyncio
import gc
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from cogs.twentythree.bayeux import SessionOptions
from cogs.twentythree.domain.model import CommentPolicy
from cogs.twentythree.domain.needs import RealtimeAddress
from cogs.twentythree.realtime import (
    MessageReceived,
    RealtimeClient,
    RealtimeEvent,
    RealtimeOptions,
)
from tests.fakes.attachments import attachment
from tests.fakes.hostile import PAYLOADS, event, frames
from tests.fakes.http_endpoint import endpoint
from tests.fakes.intake import Parts, ports
from tests.fakes.watchdog import LONGEST_STEP_S, Watchdog

# Plainer tests reach the same lines; to count them here takes longer than to run this.
CHANNEL = "/aa/all_json"
FRAMES = frames(CHANNEL)
_ALL = FRAMES | {name: event(CHANNEL, payload) for name, payload in PAYLOADS.items()}
_LAST = f'[{{"channel":"{CHANNEL}","data":"last"}}]'


class HostileService:
    """A Bayeux server that sends ``frames``, and then a last one."""

    def __init__(self, frames: list[str]) -> None:
        self._frames = [*reversed(frames)]

    async def serve(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._serve_socket(request)
        messages = await request.json()
        answers = [self._answer(message) for message in messages]
        if None not in answers:
            return web.json_response(answers)
        reply = json.dumps(self._answer(messages[0] | {"advice": {}}))
        frame = self._frames.pop() if self._frames else _LAST
        return web.Response(text=f"[{reply},{frame.removeprefix('[')}")

    async def _serve_socket(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            answers = [self._answer(one) for one in message.json()]
            if None not in answers:
                await socket.send_json(answers)
                continue
            while self._frames:
                await socket.send_str(self._frames.pop())
            await socket.send_str(_LAST)
        return socket

    @staticmethod
    def _answer(message: dict[str, Any]) -> dict[str, Any] | None:
        """Return the reply to a request; ``None`` to a connect that may be held."""
        kind = message["channel"]
        if kind == "/meta/connect" and "advice" not in message:
            return None
        types = ["websocket", "long-polling"]
        return {
            "id": message["id"],
            "channel": kind,
            "successful": True,
            "clientId": "client",
            "version": "1.0",
            "supportedConnectionTypes": types,
            "subscription": message.get("subscription"),
            "advice": {"reconnect": "retry", "interval": 0, "timeout": 4000},
        }


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        ("websocket", [*FRAMES, *PAYLOADS]),
        # One that cannot be read ends a spell of polling, and the next has to wait.
        *(("long-polling", [name]) for name in [*FRAMES, "rows", "a name of jamo"]),
    ],
)
async def test_no_frame_holds_up_the_loop(
    http: aiohttp.ClientSession, kind: str, sent: list[str]
) -> None:
    options = RealtimeOptions(session=SessionOptions(connection_types=(kind,)))
    service = HostileService([_ALL[name] for name in sent])
    has_last = asyncio.Event()

    class Client(RealtimeClient):
        async def __anext__(self) -> RealtimeEvent:
            event = await super().__anext__()
            if isinstance(event, MessageReceived) and event.data == "last":
                has_last.set()
            return event

    joined = ports(None, None, realtime=lambda url: Client(url, http, options=options))
    parts = Parts(joined, hold_s=60.0)
    state = parts.attach(attachment(comments=CommentPolicy.ALL))
    parts.objects.learn(state, RealtimeAddress(comments_root=CHANNEL.rsplit("/", 1)[0]))
    assert CHANNEL in state.channels
    async with endpoint(service.serve) as url:
        parts.listener.want(url, frozenset({CHANNEL}))
        gc.collect()
        async with asyncio.timeout(60), Watchdog() as watchdog:
            listening = asyncio.create_task(parts.listener.run())
            await has_last.wait()
        listening.cancel()
        await asyncio.wait({listening})

    assert watchdog.longest_s < LONGEST_STEP_S
