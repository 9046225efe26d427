"""The sandbox's realtime service, seen through the plugin's own client."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from cogs.twentythree.bayeux import SessionOptions
from cogs.twentythree.realtime import (
    Connected,
    Disconnected,
    Gap,
    MessageReceived,
    RealtimeClient,
    RealtimeOptions,
)
from sandbox.faye import FayeOptions, FayeServer, http_publisher
from sandbox.faye.grammar import is_subscribable, patterns_of
from tests.sandbox.faye.talk import connect, event, handshake, subscribe

# After two of these that bring nothing a session ends: a busy machine's pause must not be one.
PATIENT_S = 2.0


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def faye() -> AsyncIterator[FayeServer]:
    server = FayeServer(FayeOptions(timeout_s=PATIENT_S))
    await server.start()
    yield server
    await server.close()


async def listen(client: RealtimeClient, kind: type[Any]) -> Any:
    async with asyncio.timeout(60):
        async for event in client:
            if isinstance(event, kind):
                return event
    raise AssertionError("the client ended")


@pytest.mark.parametrize("way", ["websocket", "long-polling"])
async def test_the_client_gets_what_is_published_by_either_transport(
    faye: FayeServer, http: aiohttp.ClientSession, way: str
) -> None:
    faye.refuses_upgrades = way == "long-polling"
    async with RealtimeClient(faye.url, http) as client:
        await client.subscribe_confirmed(["/a/1", "/b/**"])
        assert faye.subscriptions() == ["/a/1", "/b/**"]
        await faye.publish("/a/1", {"n": 1})
        first = await listen(client, MessageReceived)
        await http_publisher(faye.url, http)("/b/2/3", "two")
        second = await listen(client, MessageReceived)

    assert (first.channel, first.data) == ("/a/1", {"n": 1})
    assert (second.channel, second.data) == ("/b/2/3", "two")


async def test_a_dropped_connection_is_resumed_and_brings_what_was_queued(
    faye: FayeServer, http: aiohttp.ClientSession
) -> None:
    async with RealtimeClient(faye.url, http) as client:
        await client.subscribe_confirmed(["/a/1"])
        faye.drop()
        await listen(client, Disconnected)
        await faye.publish("/a/1", 1)

        assert (await listen(client, MessageReceived)).data == 1


async def test_a_service_that_goes_silent_is_left_and_found_again(
    faye: FayeServer, http: aiohttp.ClientSession
) -> None:
    options = RealtimeOptions(session=SessionOptions(connect_grace_s=0.0))
    async with RealtimeClient(faye.url, http, options=options) as client:
        await client.subscribe_confirmed(["/a/1"])
        faye.is_silent = True
        await faye.publish("/a/1", "swallowed")
        await listen(client, Disconnected)
        faye.is_silent = False

        assert isinstance(await listen(client, Connected), Connected)


async def test_a_forgotten_client_shakes_hands_again_and_says_what_it_may_have_missed(
    faye: FayeServer, http: aiohttp.ClientSession
) -> None:
    async with RealtimeClient(faye.url, http) as client:
        await client.subscribe_confirmed(["/a/1"])
        faye.forget()
        await listen(client, Gap)
        await faye.publish("/a/1", 2)

        assert (await listen(client, MessageReceived)).data == 2


async def test_a_service_that_comes_back_on_its_port_is_found(http: aiohttp.ClientSession) -> None:
    faye = FayeServer(FayeOptions(timeout_s=PATIENT_S))
    await faye.start()
    url = faye.url
    async with RealtimeClient(url, http, options=RealtimeOptions()) as client:
        await client.subscribe_confirmed(["/a/1"])
        await faye.close()
        await faye.start()
        assert faye.url == url
        await listen(client, Gap)
        await faye.publish("/a/1", 3)

        assert (await listen(client, MessageReceived)).data == 3
    await faye.close()


async def test_handshakes_that_were_refused_are_tried_again(
    http: aiohttp.ClientSession,
) -> None:
    opened: list[str] = []

    def new_id() -> str:
        opened.append("session")
        return opened[-1]

    faye = FayeServer(FayeOptions(new_id=new_id))
    await faye.start()
    faye.terms.refuses_handshakes = True
    async with RealtimeClient(faye.url, http) as client:
        handshake = [{"channel": "/meta/handshake"}]
        async with http.post(faye.url, json=handshake) as response:
            assert "402" in (await response.json())[0]["error"]
        assert opened == []
        faye.terms.refuses_handshakes = False
        await listen(client, Connected)
    assert opened == ["session"]
    await faye.close()


async def test_publishing_to_a_service_that_is_away_or_refuses_says_so(
    faye: FayeServer, http: aiohttp.ClientSession
) -> None:
    for url in ("http://127.0.0.1:9/faye", f"{faye.url}-elsewhere"):
        with pytest.raises(aiohttp.ClientError):
            await http_publisher(url, http)("/a", 1)


def test_an_event_matches_its_name_and_the_patterns_above_it() -> None:
    assert patterns_of("/a/b") == ("/a/b", "/a/*", "/**", "/a/**")
    assert patterns_of("/a") == ("/a", "/*", "/**")
    assert is_subscribable("/a/**")
    assert not is_subscribable("/a/**/b")


async def test_a_service_that_stops_leaves_no_poll_behind(http: aiohttp.ClientSession) -> None:
    faye = FayeServer(FayeOptions())
    await faye.start()
    async with http.ws_connect(faye.url) as socket:
        await socket.send_json([handshake()])
        (opened,) = await socket.receive_json()
        await socket.send_json([subscribe(opened["clientId"], "/there")])
        await socket.receive_json()
        await socket.send_json([connect(opened["clientId"], kind="websocket")])
        async with http.post(faye.url, json=[handshake()]) as response:
            (polled,) = await response.json()
        held = asyncio.create_task(post(http, faye, event("/there"), connect(polled["clientId"])))
        await socket.receive_json()
        faye.is_silent = True
        sent = asyncio.Event()
        silent = asyncio.create_task(post_and_tell(faye, sent))
        await sent.wait()

        await faye.close()
        await faye.close()

        for poll in (held, silent):
            with pytest.raises(aiohttp.ClientError):
                await poll


async def post(http: aiohttp.ClientSession, faye: FayeServer, *messages: dict[str, Any]) -> None:
    async with http.post(faye.url, json=messages) as response:
        await response.json()


async def post_and_tell(faye: FayeServer, sent: asyncio.Event) -> None:
    """Post, and tell when the server has taken the request."""

    async def tell(*_: object) -> None:
        sent.set()

    trace = aiohttp.TraceConfig()
    trace.on_request_chunk_sent.append(tell)
    async with aiohttp.ClientSession(trace_configs=[trace]) as http:
        await (await http.post(faye.url, data=b"[]", expect100=True)).read()
