"""The long-polling transport against servers that misbehave, and its two lanes."""

import asyncio
import tracemalloc
import zlib
from collections.abc import Awaitable, Callable

import aiohttp
import pytest
from aiohttp import web

from cogs.twentythree.bayeux import UNREADABLE, Arriving
from cogs.twentythree.realtime import RealtimeOptions
from cogs.twentythree.realtime.long_polling import LongPollingTransport
from cogs.twentythree.realtime.transport import TransportError
from tests.fakes.http_endpoint import Handler, endpoint
from tests.fakes.pumped import frames

_SMALL = RealtimeOptions(max_message_bytes=1000)
_CONNECT = [{"channel": "/meta/connect"}]


def _body(body: str, status: int = 200) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(text=body, status=status)

    return answer


async def _receive(
    http: aiohttp.ClientSession, handler: Handler, options: RealtimeOptions = _SMALL
) -> object:
    async with endpoint(handler) as url:
        transport = LongPollingTransport(http, url, options)
        await transport.send(_CONNECT)
        try:
            return (await frames(transport, 1))[0]
        finally:
            await transport.close()


async def test_an_answer_is_decoded(http: aiohttp.ClientSession) -> None:
    assert await _receive(http, _body("[1]")) == [1]


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        ("[1]", 503, "HTTP 503"),
        ("[1]", 400, "HTTP 400"),
        ("{nope", 200, "no JSON"),
        ("<html>", 200, "no JSON"),
        (f'["{"x" * 2000}"]', 200, "too large"),
    ],
)
async def test_a_bad_answer_ends_the_spell(
    http: aiohttp.ClientSession, body: str, status: int, reason: str
) -> None:
    with pytest.raises(TransportError, match=reason):
        await _receive(http, _body(body, status))


async def test_how_long_the_server_wants_to_be_left_alone_is_told(
    http: aiohttp.ClientSession,
) -> None:
    async def busy(request: web.Request) -> web.StreamResponse:
        return web.Response(status=503, headers={"Retry-After": "7"})

    with pytest.raises(TransportError, match="HTTP 503") as caught:
        await _receive(http, busy)

    assert (caught.value.is_busy, caught.value.wait_s) == (True, 7.0)


async def test_a_connection_that_breaks_ends_the_spell(http: aiohttp.ClientSession) -> None:
    async def hang_up(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    with pytest.raises(TransportError, match="a request failed"):
        await _receive(http, hang_up)


async def test_a_mistake_of_our_own_is_not_taken_for_the_networks() -> None:
    async with aiohttp.ClientSession() as closed:
        pass

    with pytest.raises(RuntimeError):
        await _receive(closed, _body("[]"))


async def test_commands_wait_for_one_another_but_not_for_the_poll(
    http: aiohttp.ClientSession,
) -> None:
    under_way = 0
    order: list[str] = []
    poll_may_end = asyncio.Event()

    async def serve(request: web.Request) -> web.StreamResponse:
        nonlocal under_way
        message = (await request.json())[0]
        if message["channel"] == "/meta/connect":
            await poll_may_end.wait()
            return web.json_response([{"channel": "/meta/connect", "successful": True}])
        under_way += 1
        assert under_way == 1
        await asyncio.sleep(0)
        under_way -= 1
        order.append(message["id"])
        return web.json_response([message | {"successful": True}])

    async with endpoint(serve) as url:
        transport = LongPollingTransport(http, url, RealtimeOptions())
        await transport.send(_CONNECT)
        for number in range(5):
            await transport.send([{"channel": "/meta/subscribe", "id": str(number)}])

        assert len(await frames(transport, 5)) == 5
        poll_may_end.set()
        assert len(await frames(transport, 1)) == 1
        await transport.close()
    assert order == ["0", "1", "2", "3", "4"]


async def test_a_bomb_is_unpacked_no_further_than_the_limit(http: aiohttp.ClientSession) -> None:
    packer = zlib.compressobj(wbits=31)
    bomb = packer.compress(b"[") + packer.flush(zlib.Z_FULL_FLUSH)
    # What was flushed stands by itself, so that it can be had a thousand times.
    bomb += 1000 * (packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH))

    async def explode(request: web.Request) -> web.StreamResponse:
        return web.Response(body=bomb, headers={"Content-Encoding": "gzip"})

    tracemalloc.start()
    try:
        with pytest.raises(TransportError, match="too large"):
            await _receive(http, explode, RealtimeOptions())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20 * 2**20


def _closing(held: list[bytes]) -> Callable[..., Awaitable[None]]:
    """Answer the first request on each connection, and close it at the second."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number in range(2):
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            body = await reader.readexactly(length)
            if number == 0:
                held.append(body)
                answer = b'[{"channel":"/meta/connect","successful":true}]'
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(answer))
                writer.write(answer)
        writer.close()

    return serve


async def test_a_poll_into_a_connection_that_rested_is_repeated_and_a_gap_told_twice(
    http: aiohttp.ClientSession,
) -> None:
    answered: list[bytes] = []
    now = 100.0
    server = await asyncio.start_server(_closing(answered), "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/faye"
    async with server:
        transport = LongPollingTransport(http, url, RealtimeOptions(), lambda: now)
        await transport.send(_CONNECT)
        await frames(transport, 1)
        now += 5.0
        await transport.send(_CONNECT)
        told = await frames(transport, 3)
        await transport.send(_CONNECT)
        with pytest.raises(TransportError, match="a request failed"):
            await frames(transport, 1)
        await transport.close()

    assert told[:2] == [UNREADABLE, UNREADABLE]
    assert len(answered) == 2


async def test_a_slow_answer_is_told_to_be_on_its_way(http: aiohttp.ClientSession) -> None:
    now = 100.0
    goes_on = asyncio.Event()

    async def trickle(request: web.Request) -> web.StreamResponse:
        nonlocal now
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b'["a')
        await goes_on.wait()
        now += 2.0
        await response.write(b'"]')
        return response

    async with endpoint(trickle) as url:
        transport = LongPollingTransport(http, url, RealtimeOptions(), lambda: now)
        await transport.send([{"channel": "/meta/subscribe", "id": "7"}])
        goes_on.set()
        assert await frames(transport, 2) == [Arriving("7"), ["a"]]
        await transport.close()


async def test_each_request_may_be_led_elsewhere_anew(http: aiohttp.ClientSession) -> None:
    homes: list[str] = []

    async def lead(request: web.Request) -> web.StreamResponse:
        home = request.query.get("home", "")
        if home and home not in homes:
            homes.append(home)
            return web.json_response([len(homes)])
        location = f"/faye?home={len(homes)}x"
        return web.Response(status=302, headers={"Location": location})

    async with endpoint(lead) as url:
        transport = LongPollingTransport(http, url, RealtimeOptions())
        for number in range(1, 8):
            await transport.send([{"channel": "/meta/subscribe", "id": str(number)}])
            assert await frames(transport, 1) == [[number]]
        await transport.close()


async def test_a_charset_that_no_body_is_in_is_not_tried(http: aiohttp.ClientSession) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        # It would be [1], and take for ever where it is long.
        headers = {"Content-Type": "application/json; charset=punycode"}
        return web.Response(body=b"[1]-", headers=headers)

    with pytest.raises(TransportError, match="no JSON"):
        await _receive(http, answer)
