"""What the suites of Faye, CometD and aiocometd ask of a client on the wire, beside losses."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from cogs.twentythree.realtime import Connected, Disconnected, RealtimeClient
from tests.fakes.faye import FayeServer
from tests.fakes.http_endpoint import endpoint
from tests.fakes.realtime_reader import confirmed, deliveries, fast, until
from tests.fakes.tcp_proxy import TcpProxy

over_both = pytest.mark.parametrize("kind", ["websocket", "long-polling"])
_ADVICE = {"reconnect": "retry", "interval": 0, "timeout": 60_000}

Respond = Callable[[web.Request, list[dict[str, Any]]], web.StreamResponse]


def _as_json(request: web.Request, replies: list[dict[str, Any]]) -> web.StreamResponse:
    return web.json_response(replies)


class _Polled:
    """A Bayeux server for long-polling that accepts everything, and answers in its own way.

    A connect is held until the client says good-bye.
    """

    def __init__(self, respond: Respond = _as_json) -> None:
        self._respond = respond
        self.requests: list[web.Request] = []
        self.failures = 0
        self._has_ended = asyncio.Event()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        messages = await request.json()
        self.requests.append(request)
        if self.failures:
            self.failures -= 1
            return web.Response(text="")
        if messages[0]["channel"] == "/meta/connect" and "advice" not in messages[0]:
            await self._has_ended.wait()
        if messages[0]["channel"] == "/meta/disconnect":
            self._has_ended.set()
        return self._respond(
            request,
            [
                {"id": m["id"], "channel": m["channel"], "successful": True, "clientId": "c"}
                | {"advice": _ADVICE}
                for m in messages
            ],
        )


async def test_cookies_of_the_handshake_go_with_what_follows() -> None:
    def respond(request: web.Request, replies: list[dict[str, Any]]) -> web.StreamResponse:
        response = web.json_response(replies)
        response.set_cookie("node", "n1")
        return response

    server = _Polled(respond)
    jar = aiohttp.CookieJar(unsafe=True)
    async with (
        endpoint(server.serve) as url,
        aiohttp.ClientSession(cookie_jar=jar) as http,
        RealtimeClient(url, http, options=fast("long-polling")) as client,
    ):
        await confirmed(client, "/a")

    assert [request.cookies.get("node") for request in server.requests[:2]] == [None, "n1"]


async def test_the_query_of_the_address_goes_with_every_request(
    http: aiohttp.ClientSession,
) -> None:
    server = _Polled()
    async with (
        endpoint(server.serve) as url,
        RealtimeClient(f"{url}?key=1", http, options=fast("long-polling")) as client,
    ):
        await confirmed(client, "/a")

    assert {request.query_string for request in server.requests} == {"key=1"}


@pytest.mark.parametrize("content_type", ["", "text/plain; charset=iso-8859-1", "nonsense"])
async def test_the_type_and_charset_of_an_answer_do_not_matter(
    http: aiohttp.ClientSession, content_type: str
) -> None:
    def respond(request: web.Request, replies: list[dict[str, Any]]) -> web.StreamResponse:
        event = {"channel": "/a", "data": "å"}
        body = json.dumps([*replies, event], ensure_ascii=False).encode()
        return web.Response(body=body, headers={"Content-Type": content_type})

    async with (
        endpoint(_Polled(respond).serve) as url,
        RealtimeClient(url, http, options=fast("long-polling")) as client,
    ):
        await client.subscribe(["/a"])

        assert await deliveries(client, 1) == ["å"]


async def test_empty_answers_are_survived(http: aiohttp.ClientSession) -> None:
    server = _Polled()
    server.failures = 3
    async with (
        endpoint(server.serve) as url,
        RealtimeClient(url, http, options=fast("long-polling")) as client,
    ):
        assert await confirmed(client, "/a") == {"/a"}


@over_both
async def test_each_of_two_clients_gets_each_event_once(
    http: aiohttp.ClientSession, faye: FayeServer, kind: str
) -> None:
    async with (
        RealtimeClient(faye.url, http, options=fast(kind)) as one,
        RealtimeClient(faye.url, http, options=fast(kind)) as other,
    ):
        await confirmed(one, "/a")
        await confirmed(other, "/a", "/*", "/**")
        await faye.publish("/a", 1, 1, "end")

        assert await deliveries(one, 3) == [1, 1, "end"]
        assert await deliveries(other, 3) == [1, 1, "end"]


@over_both
async def test_a_reader_that_fails_does_not_stop_the_client(
    http: aiohttp.ClientSession, faye: FayeServer, kind: str
) -> None:
    async def fail_at_the_first() -> None:
        async for _ in client:
            raise ZeroDivisionError

    async with RealtimeClient(faye.url, http, options=fast(kind)) as client:
        await confirmed(client, "/a")
        with pytest.raises(ZeroDivisionError):
            await fail_at_the_first()
        await faye.publish("/a", 1)

        assert await deliveries(client, 1) == [1]


@over_both
async def test_it_can_be_left_on_the_news_of_a_connection_or_a_loss(
    http: aiohttp.ClientSession, faye: FayeServer, kind: str
) -> None:
    tasks = asyncio.all_tasks()
    async with TcpProxy(faye.port) as proxy:
        for news in (Connected, Disconnected):
            async with RealtimeClient(proxy.url, http, options=fast(kind)) as client:
                if news is Disconnected:
                    await confirmed(client, "/a")
                    await faye.restart()
                await until(client, news)

    assert await faye.do("subscriptions") == 0
    assert asyncio.all_tasks() == tasks


@over_both
async def test_it_can_be_left_while_nobody_answers(
    http: aiohttp.ClientSession, faye: FayeServer, kind: str
) -> None:
    tasks = asyncio.all_tasks()
    async with TcpProxy(faye.port) as proxy:
        proxy.stall()
        async with RealtimeClient(proxy.url, http, options=fast(kind)) as client:
            while not proxy.accepted:  # noqa: ASYNC110 - the proxy's count has no event
                await asyncio.sleep(0)
            assert not client.connected

    assert asyncio.all_tasks() == tasks
