"""Servers that speak Bayeux in ways of their own, over both transports."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace

import aiohttp
import pytest
from aiohttp import web

from cogs.twentythree.realtime import Connected, Gap, RealtimeClient
from cogs.twentythree.realtime.transport import TransportError
from cogs.twentythree.realtime.websocket import WebSocketTransport
from tests.fakes.http_endpoint import endpoint
from tests.fakes.odd_bayeux import Message, OddServer
from tests.fakes.pumped import frames
from tests.fakes.realtime_reader import confirmed, deliveries, fast, until

over_both = pytest.mark.parametrize("kind", ["websocket", "long-polling"])


def _without_id(message: Message, reply: Message) -> Message:
    return {key: value for key, value in reply.items() if key != "id"}


@over_both
async def test_replies_may_come_without_an_id(http: aiohttp.ClientSession, kind: str) -> None:
    server = OddServer(_without_id)
    async with (
        endpoint(server.serve) as url,
        RealtimeClient(url, http, options=fast(kind)) as client,
    ):
        assert await confirmed(client, "/a") == {"/a"}
        server.push("/a", 1)
        assert await deliveries(client, 1) == [1]
        server.push("/a", 2)
        assert await deliveries(client, 1) == [2]
        assert server.count("/meta/handshake") == 1


@over_both
async def test_a_session_that_is_called_unknown_is_made_anew(
    http: aiohttp.ClientSession, kind: str
) -> None:
    refusals = ["402::session_unknown"]

    def forget_once(message: Message, reply: Message) -> Message:
        if message["channel"] == "/meta/subscribe" and refusals:
            return reply | {"successful": False, "error": refusals.pop(), "advice": {}}
        return reply

    server = OddServer(forget_once)
    async with (
        endpoint(server.serve) as url,
        RealtimeClient(url, http, options=fast(kind)) as client,
    ):
        assert await confirmed(client, "/a") == {"/a"}
        assert server.count("/meta/handshake") == 2


@over_both
async def test_a_client_may_be_numbered(http: aiohttp.ClientSession, kind: str) -> None:
    server = OddServer(lambda _, reply: reply | {"clientId": 123456})
    async with (
        endpoint(server.serve) as url,
        RealtimeClient(url, http, options=fast(kind)) as client,
    ):
        assert await confirmed(client, "/a") == {"/a"}
        server.push("/a", 1)
        assert await deliveries(client, 1) == [1]
        assert server.messages[-1]["clientId"] == "123456"


@over_both
async def test_a_server_without_a_way_for_us_is_said_to_be_one_and_asked_ever_more_slowly(
    http: aiohttp.ClientSession, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    asked = asyncio.Semaphore(0)

    def for_browsers(_: Message, reply: Message) -> Message:
        asked.release()
        return reply | {"supportedConnectionTypes": ["callback-polling"]}

    server = OddServer(for_browsers)
    async with (
        endpoint(server.serve) as url,
        RealtimeClient(url, http, options=fast(kind)) as client,
        asyncio.timeout(60),
    ):
        for _ in range(4):
            await asked.acquire()
        assert not client.connected

    warned = [each.message for each in caplog.records if each.levelname == "WARNING"]
    assert warned == ["realtime: the server offers no transport that may be used here"]
    assert server.count("/meta/handshake") == len(server.messages)


def _with_mark(text: str) -> bytes:
    return text.encode("utf-8-sig")


@over_both
async def test_a_byte_order_mark_does_no_harm(http: aiohttp.ClientSession, kind: str) -> None:
    server = OddServer(encode=_with_mark)
    async with (
        endpoint(server.serve) as url,
        RealtimeClient(url, http, options=fast(kind)) as client,
    ):
        assert await confirmed(client, "/a") == {"/a"}
        server.push("/a", "å")
        assert await deliveries(client, 1) == ["å"]


@pytest.mark.parametrize(
    "charset", ["iso-8859-1", "windows-1252", "utf-16", "utf-16-le", "iso-2022-jp-2", "utf-8-sig"]
)
async def test_an_answer_may_be_in_the_charset_that_it_names(
    http: aiohttp.ClientSession, charset: str
) -> None:
    encode: Callable[[str], bytes] = lambda text: text.encode(charset)  # noqa: E731 - told by name
    server = OddServer(encode=encode, content_type=f"application/json; charset={charset}")
    async with (
        endpoint(server.serve) as url,
        RealtimeClient(url, http, options=fast("long-polling")) as client,
    ):
        assert await confirmed(client, "/a") == {"/a"}
        server.push("/a", "å")
        assert await deliveries(client, 1) == ["å"]


@over_both
@pytest.mark.parametrize("most_names", [100, 1])
async def test_a_server_that_takes_few_names_at_once_is_asked_for_fewer(
    http: aiohttp.ClientSession, kind: str, most_names: int
) -> None:
    server = OddServer(most_names=most_names)
    channels = [f"/c/{number}" for number in range(5 * most_names)]
    async with (
        endpoint(server.serve) as url,
        RealtimeClient(url, http, options=fast(kind)) as client,
    ):
        assert await confirmed(client, *channels) == set(channels)


async def test_a_server_that_never_answers_pings_is_not_taken_for_silent_for_ever(
    http: aiohttp.ClientSession,
) -> None:
    server = OddServer(pongs=False)
    options = fast("websocket", heartbeat_s=0.05)
    async with (
        endpoint(server.serve) as url,
        RealtimeClient(url, http, options=options) as client,
    ):
        await confirmed(client, "/a")
        await until(client, Connected)
        again, _ = await until(client, Connected)
        await until(client, Gap)
        # One that does not know yet gives up later than the second socket would have.
        other = await WebSocketTransport.open(http, url, options)
        with pytest.raises(TransportError, match="silent"):
            await frames(other, 1)
        await other.close()
        server.push("/a", 1)

        assert again == Connected(resumed=True)
        assert await deliveries(client, 1) == [1]
        assert server.sockets == 3


async def test_a_poll_that_is_answered_by_nothing_is_followed_by_the_next_at_once(
    http: aiohttp.ClientSession,
) -> None:
    server = OddServer()
    server.empty_polls = 2
    async with (
        endpoint(server.serve) as url,
        RealtimeClient(url, http, options=fast("long-polling")) as client,
    ):
        await confirmed(client, "/a")
        await until(client, Gap)
        server.push("/a", 1)

        assert await deliveries(client, 1) == [1]
        assert server.count("/meta/handshake") == 1


class _Dripping(OddServer):
    """Its answer to a handshake comes in drops, for longer than a handshake is waited for."""

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self._transport = request.transport
        return await super().serve(request)

    async def _send(self, socket: web.WebSocketResponse, frame: list[Message]) -> None:
        if frame[0]["channel"] != "/meta/handshake":
            await super()._send(socket, frame)
            return
        assert self._transport is not None
        body = json.dumps(frame).encode().rjust(1000)
        self._transport.write(b"\x81\x7e\x03\xe8")
        for begin in range(0, len(body), 20):
            self._transport.write(body[begin : begin + 20])
            await asyncio.sleep(0.03)


async def test_an_answer_that_drips_is_waited_for(http: aiohttp.ClientSession) -> None:
    server = _Dripping()
    options = fast("websocket", heartbeat_s=0.4)
    patience = replace(options.session, opening_timeout_s=1.0, connect_grace_s=1.0)
    options = replace(options, session=patience)
    async with (
        endpoint(server.serve) as url,
        RealtimeClient(url, http, options=options) as client,
    ):
        assert await confirmed(client, "/a") == {"/a"}
    assert server.count("/meta/handshake") == 1
