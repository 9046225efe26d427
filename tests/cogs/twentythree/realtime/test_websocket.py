"""The WebSocket transport against servers that misbehave."""

import asyncio
from contextlib import suppress

import aiohttp
import pytest
from aiohttp import web

from cogs.twentythree.bayeux import UNREADABLE, Arriving
from cogs.twentythree.realtime import RealtimeOptions
from cogs.twentythree.realtime.transport import TransportError
from cogs.twentythree.realtime.websocket import WebSocketTransport
from tests.fakes.http_endpoint import Handler, endpoint
from tests.fakes.pumped import frames

_OPTIONS = RealtimeOptions(open_timeout_s=0.2, send_timeout_s=0.2, websocket_close_s=0.2)


def _status(status: int) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status)

    return answer


def _frames(*frames: str | bytes, code: int = 1000) -> Handler:
    async def serve(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        for frame in frames:
            if isinstance(frame, str):
                await socket.send_str(frame)
            else:
                await socket.send_bytes(frame)
        await socket.close(code=code)
        return socket

    return serve


@pytest.mark.parametrize(("status", "refusals"), [(200, 1), (404, 1), (503, 0)])
async def test_an_http_answer_is_a_refusal_unless_the_server_is_in_trouble(
    http: aiohttp.ClientSession, status: int, refusals: int
) -> None:
    async with endpoint(_status(status)) as url:
        with pytest.raises(TransportError, match=f"HTTP {status}") as caught:
            await WebSocketTransport.open(http, url, _OPTIONS)

    assert caught.value.is_refusal == bool(refusals)


async def test_how_long_the_server_wants_to_be_left_alone_is_told(
    http: aiohttp.ClientSession,
) -> None:
    async def busy(request: web.Request) -> web.StreamResponse:
        return web.Response(status=429, headers={"Retry-After": "7"})

    async with endpoint(busy) as url:
        with pytest.raises(TransportError, match="HTTP 429") as caught:
            await WebSocketTransport.open(http, url, _OPTIONS)

    assert (caught.value.is_busy, caught.value.wait_s) == (True, 7.0)


async def test_a_server_that_is_away_refuses_nothing(http: aiohttp.ClientSession) -> None:
    async with endpoint(_status(200)) as url:
        pass

    with pytest.raises(TransportError, match="no connection") as caught:
        await WebSocketTransport.open(http, url, _OPTIONS)
    assert not caught.value.is_refusal


async def test_silence_is_a_refusal(http: aiohttp.ClientSession) -> None:
    async def say_nothing(request: web.Request) -> web.StreamResponse:
        with suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                await asyncio.Event().wait()
        return web.Response()

    async with endpoint(say_nothing) as url:
        with pytest.raises(TransportError, match="no answer") as caught:
            await WebSocketTransport.open(http, url, _OPTIONS)

    assert caught.value.is_refusal


async def test_frames_that_are_no_json_are_told_apart(http: aiohttp.ClientSession) -> None:
    async with endpoint(_frames("{nope", "[1]", b"[2]", "[]")) as url:
        transport = await WebSocketTransport.open(http, url, _OPTIONS)

        assert await frames(transport, 4) == [UNREADABLE, [1], [2], []]
        await transport.close()


@pytest.mark.parametrize("code", [1000, 1001, 1011])
async def test_only_a_normal_close_is_clean(http: aiohttp.ClientSession, code: int) -> None:
    async with endpoint(_frames(code=code)) as url:
        transport = await WebSocketTransport.open(http, url, _OPTIONS)
        with pytest.raises(TransportError, match=str(code)) as caught:
            await frames(transport, 1)
        with pytest.raises(TransportError, match="could not send"):
            await transport.send([{"channel": "/meta/connect"}])
        await transport.close()

    assert caught.value.is_clean is (code == 1000)


@pytest.mark.parametrize("code", [1000, 1001, 1008, 1012, 4001])
async def test_a_close_may_say_that_nothing_is_taken(
    http: aiohttp.ClientSession, code: int
) -> None:
    async with endpoint(_frames(code=code)) as url:
        transport = await WebSocketTransport.open(http, url, _OPTIONS)
        with pytest.raises(TransportError) as caught:
            await frames(transport, 1)
        await transport.close()

    assert caught.value.is_refusal is (code in (1008, 4001))


async def test_a_frame_beyond_the_limit_breaks_the_socket(http: aiohttp.ClientSession) -> None:
    async with endpoint(_frames('["' + "x" * 2000 + '"]')) as url:
        options = RealtimeOptions(max_message_bytes=1000, websocket_close_s=0.2)
        transport = await WebSocketTransport.open(http, url, options)
        with pytest.raises(TransportError, match="broke"):
            await frames(transport, 1)
        await transport.close()


async def test_a_frame_that_trickles_is_told_to_be_on_its_way(http: aiohttp.ClientSession) -> None:
    is_told = asyncio.Event()

    async def trickle(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        assert request.transport is not None
        request.transport.write(b"\x81\x7e\x40\x00[")
        sent = 1
        while not is_told.is_set():
            request.transport.write(b" ")
            sent += 1
            await asyncio.sleep(0.01)
        request.transport.write(b"]".rjust(0x4000 - sent))
        await socket.receive()
        return socket

    async with endpoint(trickle) as url:
        options = RealtimeOptions(heartbeat_s=0.4, websocket_close_s=0.2)
        transport = await WebSocketTransport.open(http, url, options)
        told = await frames(transport, 1)
        is_told.set()
        while told[-1] == Arriving():
            told += await frames(transport, 1)
        await transport.close()

    assert told[0] == Arriving()
    assert told[-1] == []
