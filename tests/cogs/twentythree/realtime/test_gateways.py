"""What stands between us and the server, and answers for it: limits of time, pages for people."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import aiohttp
import pytest
from aiohttp import web

from cogs.twentythree.bayeux import Arriving, Message, Unanswered
from cogs.twentythree.realtime import (
    Connected,
    Gap,
    MessageReceived,
    RealtimeClient,
    RealtimeOptions,
)
from cogs.twentythree.realtime.long_polling import LongPollingTransport
from cogs.twentythree.realtime.transport import TransportError
from tests.fakes.faye import FayeServer
from tests.fakes.http_endpoint import Handler, endpoint
from tests.fakes.odd_bayeux import OddServer
from tests.fakes.pumped import frames
from tests.fakes.realtime_reader import confirmed, deliveries, fast, until

_PAGE = "<html><body>Back soon.</body></html>"
_CONNECT: list[Message] = [{"channel": "/meta/connect", "id": "7"}]
_SUBSCRIBE: list[Message] = [{"channel": "/meta/subscribe", "id": "8"}]
_GOOD = [{"channel": "/meta/subscribe", "id": "8", "successful": True}]

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def _told(status: int, text: str = _PAGE) -> Answer:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=text, content_type="text/html")

    return answer


async def _hang_up(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def _break_off(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    assert request.transport is not None
    request.transport.close()
    return response


class _Clock:
    """Stands still until a request has come."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def holding(self, answer: Answer, held_s: float) -> Handler:
        async def serve(request: web.Request) -> web.StreamResponse:
            await request.read()
            self.now += held_s
            return await answer(request)

        return serve


@asynccontextmanager
async def _polling(
    http: aiohttp.ClientSession, serve: Handler, clock: Callable[[], float] = lambda: 100.0
) -> AsyncGenerator[LongPollingTransport]:
    async with endpoint(serve) as url:
        transport = LongPollingTransport(http, url, RealtimeOptions(), clock)
        yield transport
        await transport.close()


# A held poll

_ENDS = {
    "504": _told(504),
    "502": _told(502),
    "408": _told(408),
    "524": _told(524),
    "page": _told(200),
    "503": _told(503),
    "[]": _told(200, "[]"),
    "nothing": _told(200, ""),
    "no content": _told(204, ""),
    "object": _told(200, '{"error":"later"}'),
    "null": _told(200, "[null]"),
    "hang-up": _hang_up,
    "broken off": _break_off,
}


@pytest.mark.parametrize("end", _ENDS)
async def test_a_held_poll_that_a_gateway_ends_is_not_the_end_of_polling(
    http: aiohttp.ClientSession, end: str
) -> None:
    clock = _Clock()
    async with _polling(http, clock.holding(_ENDS[end], 30.0), clock) as transport:
        await transport.send(_CONNECT)
        while (told := (await frames(transport, 1))[-1]) in ([], Arriving("7")):
            pass

        assert told == Unanswered("7")


@pytest.mark.parametrize("end", ["504", "page", "hang-up"])
async def test_a_poll_that_ends_so_at_once_is(http: aiohttp.ClientSession, end: str) -> None:
    async with _polling(http, _ENDS[end]) as transport:
        await transport.send(_CONNECT)
        with pytest.raises(TransportError):
            await frames(transport, 1)


@pytest.mark.parametrize("end", ["[]", "nothing", "no content"])
async def test_a_poll_that_nothing_answers_is_not(http: aiohttp.ClientSession, end: str) -> None:
    async with _polling(http, _ENDS[end]) as transport:
        await transport.send(_CONNECT)
        assert await frames(transport, 2) == [[], Unanswered("7")]


async def test_a_server_that_asks_to_be_left_alone_is(http: aiohttp.ClientSession) -> None:
    clock = _Clock()

    async def busy(_: web.Request) -> web.StreamResponse:
        return web.Response(status=503, headers={"Retry-After": "9"})

    async with _polling(http, clock.holding(busy, 30.0), clock) as transport:
        await transport.send(_CONNECT)
        with pytest.raises(TransportError) as caught:
            await frames(transport, 1)
        assert caught.value.wait_s == 9.0


async def test_where_nothing_else_is_answered_the_way_is_lost(http: aiohttp.ClientSession) -> None:
    clock = _Clock()
    async with _polling(http, clock.holding(_told(504), 30.0), clock) as transport:
        for _ in range(3):
            await transport.send(_CONNECT)
            assert await frames(transport, 1) == [Unanswered("7")]
        await transport.send(_CONNECT)
        with pytest.raises(TransportError):
            await frames(transport, 1)


async def test_where_other_requests_are_it_is_not(http: aiohttp.ClientSession) -> None:
    clock = _Clock()

    async def serve(request: web.Request) -> web.StreamResponse:
        if "subscribe" in await request.text():
            return web.json_response(_GOOD)
        return await clock.holding(_told(504), 30.0)(request)

    async with _polling(http, serve, clock) as transport:
        for _ in range(6):
            await transport.send(_CONNECT)
            assert await frames(transport, 1) == [Unanswered("7")]
            await transport.send(_SUBSCRIBE)
            assert await frames(transport, 1) == [_GOOD]


def _ending_polls(
    faye: FayeServer, http: aiohttp.ClientSession, end: Answer, passed: asyncio.Semaphore
) -> Handler:
    """Pass requests on, and end those that take longer than 1.5 s; count the polls that do not."""

    async def serve(request: web.Request) -> web.StreamResponse:
        body = await request.read()
        headers = {"Content-Type": "application/json"}
        try:
            async with (
                asyncio.timeout(1.5),
                http.post(faye.url, data=body, headers=headers) as answer,
            ):
                told = await answer.read()
            if b"/meta/connect" in body:
                passed.release()
            return web.Response(body=told, content_type="application/json")
        except TimeoutError:
            return await end(request)

    return serve


async def test_a_limit_of_time_on_the_way_costs_two_polls_and_no_session(
    http: aiohttp.ClientSession,
) -> None:
    passed = asyncio.Semaphore(0)
    async with (
        FayeServer(timeout_s=45) as faye,
        endpoint(_ending_polls(faye, http, _told(504), passed)) as url,
        RealtimeClient(url, http, options=fast("long-polling")) as client,
    ):
        assert await confirmed(client, "/a") == {"/a"}
        await until(client, Connected)
        for _ in range(2):
            _, before = await until(client, Gap)
            assert before == []
        # It may fall into the answer that is gone. With it Faye turns to the poll of now, and waits
        # anew.
        await faye.publish("/a", "lost or not")
        await faye.do("written")
        await faye.publish("/a", 1)
        while (await until(client, MessageReceived))[0].data != 1:
            pass
        # The first, up to two with events, and some that the server ends in time.
        async with asyncio.timeout(60):
            for _ in range(5):
                await passed.acquire()
        await faye.publish("/a", 2)
        last, before = await until(client, MessageReceived)

        assert last.data == 2
        # The gap of what Faye may have written into the second poll.
        assert all(isinstance(event, Gap) for event in before)
        assert len(before) <= 1
        assert await faye.do("sessions") == 1


# Other requests

_NO_ANSWERS = _ENDS | {
    "other": _told(200, '[{"channel":"/meta/connect","id":"7","successful":false}]')
}


@pytest.mark.parametrize(
    "first", ["502", "page", "nothing", "no content", "[]", "hang-up", "object", "null", "other"]
)
async def test_a_request_that_something_else_answers_is_repeated(
    http: aiohttp.ClientSession, first: str
) -> None:
    answers = [_NO_ANSWERS[first]]

    async def serve(request: web.Request) -> web.StreamResponse:
        return await answers.pop()(request) if answers else web.json_response(_GOOD, status=201)

    async with _polling(http, serve) as transport:
        await transport.send(_SUBSCRIBE)
        while (told := (await frames(transport, 1))[0]) != _GOOD:
            assert told == [] or first in ("object", "null", "other")


async def test_events_in_an_answer_that_lacks_the_reply_are_handed_on(
    http: aiohttp.ClientSession,
) -> None:
    answers = [_told(200, '[{"channel":"/a","data":1}]')]

    async def serve(request: web.Request) -> web.StreamResponse:
        return await answers.pop()(request) if answers else web.json_response(_GOOD)

    async with _polling(http, serve) as transport:
        await transport.send(_SUBSCRIBE)

        assert await frames(transport, 2) == [[MessageReceived("/a", 1)], _GOOD]


async def test_it_is_not_repeated_for_ever(http: aiohttp.ClientSession) -> None:
    async with _polling(http, _told(502)) as transport:
        await transport.send(_SUBSCRIBE)
        with pytest.raises(TransportError, match="HTTP 502"):
            await frames(transport, 1)


# A page, or nothing, instead of a session


@pytest.mark.parametrize(
    "kinds", [("websocket",), ("long-polling",), ("websocket", "long-polling")]
)
@pytest.mark.parametrize("answer", ["page", "[]", "nothing", "no content", "503"])
async def test_who_is_kept_from_the_server_comes_back_soon(
    http: aiohttp.ClientSession, kinds: tuple[str, ...], answer: str
) -> None:
    server, kept_out = OddServer(), [_ENDS[answer]] * 4

    async def serve(request: web.Request) -> web.StreamResponse:
        return await (kept_out.pop() if kept_out else server.serve)(request)

    # No deadline is to be waited for.
    options = fast(*kinds)
    patience = replace(options.session, request_timeout_s=600.0, opening_timeout_s=600.0)
    async with (
        endpoint(serve) as url,
        RealtimeClient(url, http, options=replace(options, session=patience)) as client,
    ):
        assert await confirmed(client, "/a") == {"/a"}
        server.push("/a", 1)
        assert await deliveries(client, 1) == [1]


@pytest.mark.parametrize("status", [400, 403, 410])
async def test_a_session_that_is_refused_by_http_alone_is_made_anew(
    http: aiohttp.ClientSession, status: int
) -> None:
    server = OddServer()
    is_left = False

    async def serve(request: web.Request) -> web.StreamResponse:
        nonlocal is_left
        if is_left and "/meta/handshake" not in await request.text():
            return web.Response(status=status)
        is_left = False
        return await server.serve(request)

    async with (
        endpoint(serve) as url,
        RealtimeClient(url, http, options=fast("long-polling")) as client,
    ):
        await confirmed(client, "/a")
        is_left = True
        server.push("/a", 1)
        assert await deliveries(client, 1) == [1]
        server.push("/a", 2)
        assert await deliveries(client, 1) == [2]
    assert server.count("/meta/handshake") == 2
