"""What stands between us and a real Faye server: half upgrades, limits, closed connections."""

from __future__ import annotations

import logging

import aiohttp
import pytest
from aiohttp.web import Request, StreamResponse

from cogs.twentythree import web
from cogs.twentythree.realtime import Connected, Disconnected, Gap, MessageReceived, RealtimeClient
from tests.fakes.faye import FayeServer
from tests.fakes.http_endpoint import endpoint
from tests.fakes.odd_bayeux import OddServer
from tests.fakes.realtime_reader import confirmed, deliveries, fast, until
from tests.fakes.tcp_proxy import TcpProxy

_STRIPPED = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\r\n"
_NONE = b"Connection: close\r\nContent-Length: 0\r\n\r\n"


async def test_a_connection_that_was_half_upgraded_is_used_by_no_poll(
    http: aiohttp.ClientSession, faye: FayeServer
) -> None:
    async with TcpProxy(faye.port) as proxy:
        proxy.answers_to_upgrades = [_STRIPPED] * 50
        async with RealtimeClient(proxy.url, http, options=fast()) as client:
            assert await confirmed(client, "/a") == {"/a"}
            await faye.publish("/a", 1)

            assert await deliveries(client, 1) == [1]
            assert len(proxy.answers_to_upgrades) == 49


@pytest.mark.parametrize("answer", [b"429 Too Many Requests", b"503 Service Unavailable"])
async def test_one_upgrade_that_came_too_often_costs_no_websocket(
    http: aiohttp.ClientSession,
    faye: FayeServer,
    answer: bytes,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "twentythree.realtime")
    async with TcpProxy(faye.port) as proxy:
        proxy.answers_to_upgrades = [b"HTTP/1.1 " + answer + b"\r\n" + _NONE] * 2
        async with RealtimeClient(proxy.url, http, options=fast()) as client:
            assert await confirmed(client, "/a") == {"/a"}
    assert "connected over websocket" in caplog.text


async def test_where_every_upgrade_comes_too_often_long_polling_does_the_job(
    http: aiohttp.ClientSession, faye: FayeServer
) -> None:
    async with TcpProxy(faye.port) as proxy:
        proxy.answers_to_upgrades = [b"HTTP/1.1 503 Service Unavailable\r\n" + _NONE] * 50
        async with RealtimeClient(proxy.url, http, options=fast()) as client:
            assert await confirmed(client, "/a") == {"/a"}
            assert len(proxy.answers_to_upgrades) == 47


async def test_polling_is_not_given_up_for_a_websocket_that_lets_no_message_through(
    http: aiohttp.ClientSession, faye: FayeServer
) -> None:
    async with TcpProxy(faye.port) as proxy:
        proxy.answers_to_upgrades = [b"HTTP/1.1 403 Forbidden\r\n" + _NONE]
        options = fast(open_timeout_s=0.1, websocket_retry_s=0.01)
        async with RealtimeClient(proxy.url, http, options=options) as client:
            proxy.eats_frames = True
            await confirmed(client, "/a")
            await until(client, Connected)
            opened = proxy.upgraded
            while proxy.upgraded < opened + 2:
                await faye.publish("/a", 1)
                _, before = await until(client, MessageReceived)
                assert before == []
            proxy.eats_frames = False

            moved, _ = await until(client, Disconnected)
            await until(client, Gap)
            assert moved.reason == "a WebSocket gets through"


async def test_a_request_into_a_connection_that_is_being_closed_is_repeated_once(
    http: aiohttp.ClientSession, faye: FayeServer
) -> None:
    async with TcpProxy(faye.port) as proxy:
        proxy.requests_each = 1
        async with RealtimeClient(proxy.url, http, options=fast("long-polling")) as client:
            assert await confirmed(client, "/a") == {"/a"}
            await until(client, Connected)
            for number in range(3):
                assert await confirmed(client, f"/b/{number}")
                await faye.publish("/a", number)

            assert await deliveries(client, 3) == [0, 1, 2]


@pytest.mark.parametrize("kind", ["websocket", "long-polling"])
@pytest.mark.parametrize(("number", "size"), [(1, 32 * 1024), (8, 4096)])
async def test_headers_may_be_as_large_as_balancers_make_them(
    kind: str, number: int, size: int
) -> None:
    cookies = {f"balancer{each}": "x" * size for each in range(number)}
    server = OddServer(cookies=cookies)
    async with (
        endpoint(server.serve) as url,
        web.session() as http,
        RealtimeClient(url, http, options=fast(kind)) as client,
    ):
        assert await confirmed(client, "/a") == {"/a"}


@pytest.mark.parametrize("value", ["ab/cd+ef==", "!//Qi8Ow+N=", "1~a|b:c,d", "[::1]:80@x?y"])
async def test_the_cookie_of_a_balancer_goes_back_as_it_came(value: str) -> None:
    server = OddServer(cookies={"node": f"{value}; Path=/; HttpOnly"})
    cookies: list[str | None] = []

    async def serve(request: Request) -> StreamResponse:
        cookies.append(request.headers.get("Cookie"))
        return await server.serve(request)

    async with endpoint(serve) as url, web.session() as http:
        # Cookies are for names, not for numbers.
        named = url.replace("127.0.0.1", "localhost")
        async with RealtimeClient(named, http, options=fast("long-polling")) as client:
            await confirmed(client, "/a")

    assert cookies[:2] == [None, f"node={value}"]
