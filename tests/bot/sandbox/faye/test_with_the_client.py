"""The sandbox's realtime service: the same exchanges as with the real Faye, compared."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bot.sandbox.faye import FayeOptions, FayeServer, http_publisher
from bot.sandbox.faye.grammar import is_subscribable, patterns_of
from cogs.twentythree.realtime import Connected, Delivery, Gap, RealtimeClient, RealtimeOptions
from tests.fakes.faye import FayeServer as RealFaye

# Each line is a frame; "C" stands for the client's ID, and replies come back with it, too.
SCRIPT: list[list[dict[str, Any]]] = [
    [{"channel": "/meta/subscribe", "clientId": "C", "subscription": ["/a/1", "/a/2"], "id": "2"}],
    [{"channel": "/meta/subscribe", "clientId": "C", "subscription": "/b.c", "id": "3"}],
    [{"channel": "/meta/subscribe", "clientId": "C", "subscription": ["/ok", "/b.c"], "id": "4"}],
    [{"channel": "/meta/subscribe", "clientId": "C", "subscription": "/meta/x", "id": "5"}],
    [{"channel": "/meta/subscribe", "clientId": "C", "id": "6"}],
    [{"channel": "/meta/subscribe", "clientId": "nobody", "subscription": "/x", "id": "7"}],
    [{"channel": "/meta/unsubscribe", "clientId": "C", "subscription": "/never", "id": "8"}],
    [{"channel": "/meta/connect", "clientId": "nobody", "connectionType": "websocket", "id": "9"}],
    [{"channel": "/meta/connect", "clientId": "C", "id": "10"}],
    [{"channel": "/meta/handshake", "id": "11"}],
    [
        {
            "channel": "/meta/handshake",
            "version": "1.0",
            "supportedConnectionTypes": ["x"],
            "id": "1",
        }
    ],
    [{"channel": "/a/*", "data": 1, "id": "12"}],
    [{"channel": "/a/1", "id": "13"}],
    [{"channel": "/meta/unknown", "id": "14"}],
    [{"data": 1, "id": "15"}],
    [],
    [
        {"channel": "/a/1", "data": {"n": 1}, "clientId": "C", "id": "16", "ext": {"k": 1}},
        {
            "channel": "/meta/connect",
            "clientId": "C",
            "connectionType": "long-polling",
            "id": "17",
            "advice": {"timeout": 0},
        },
    ],
    [{"channel": "/meta/disconnect", "clientId": "C", "id": "18"}],
    [{"channel": "/meta/disconnect", "clientId": "C", "id": "19"}],
]


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def faye() -> AsyncIterator[FayeServer]:
    server = FayeServer(FayeOptions(timeout_s=0.4))
    await server.start()
    yield server
    await server.close()


async def exchange(url: str, http: aiohttp.ClientSession) -> list[Any]:
    """Play the script over long-polling; return the replies with the client's ID made plain."""
    kinds = ["websocket", "long-polling"]
    handshake = {"channel": "/meta/handshake", "version": "1.0", "supportedConnectionTypes": kinds}
    async with http.post(url, json=[handshake | {"id": "1"}]) as response:
        (opened,) = await response.json()
    client_id = opened["clientId"]
    said = [opened]
    for frame in SCRIPT:
        body = json.dumps(frame).replace('"C"', json.dumps(client_id))
        async with http.post(
            url, data=body, headers={"Content-Type": "application/json"}
        ) as response:
            said.append(await response.json(content_type=None))
    return [json.loads(json.dumps(one).replace(client_id, "C")) for one in said]


async def test_every_exchange_is_answered_as_by_the_real_faye(
    faye: FayeServer, http: aiohttp.ClientSession
) -> None:
    async with RealFaye(timeout_s=0.4) as real:
        expected = await exchange(real.url, http)
    given = await exchange(faye.url, http)

    assert given == expected


@pytest.mark.parametrize("body", ["{nope", "3", "[null]"])
async def test_what_is_no_message_is_a_bad_request(
    faye: FayeServer, http: aiohttp.ClientSession, body: str
) -> None:
    async with http.post(faye.url, data=body) as response:
        assert response.status == 400


async def listen(client: RealtimeClient, kind: type[Any]) -> Any:
    async with asyncio.timeout(5):
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
        first = await listen(client, Delivery)
        await http_publisher(faye.url, http)("/b/2/3", "two")
        second = await listen(client, Delivery)

    assert (first.channel, first.data) == ("/a/1", {"n": 1})
    assert (second.channel, second.data) == ("/b/2/3", "two")


async def test_a_dropped_connection_is_resumed_and_brings_what_was_queued(
    faye: FayeServer, http: aiohttp.ClientSession
) -> None:
    async with RealtimeClient(faye.url, http) as client:
        await client.subscribe_confirmed(["/a/1"])
        faye.drop()
        await faye.publish("/a/1", 1)

        event = await listen(client, (Delivery, Gap))  # type: ignore[arg-type]

    assert isinstance(event, (Delivery, Gap))


async def test_a_forgotten_client_shakes_hands_again_and_says_what_it_may_have_missed(
    faye: FayeServer, http: aiohttp.ClientSession
) -> None:
    async with RealtimeClient(faye.url, http) as client:
        await client.subscribe_confirmed(["/a/1"])
        faye.forget()
        await listen(client, Gap)
        await faye.publish("/a/1", 2)

        assert (await listen(client, Delivery)).data == 2


async def test_a_service_that_comes_back_on_its_port_is_found(http: aiohttp.ClientSession) -> None:
    faye = FayeServer(FayeOptions(timeout_s=0.4))
    await faye.start()
    url = faye.url
    async with RealtimeClient(url, http, options=RealtimeOptions()) as client:
        await client.subscribe_confirmed(["/a/1"])
        await faye.close()
        await faye.start()
        assert faye.url == url
        await listen(client, Gap)
        await faye.publish("/a/1", 3)

        assert (await listen(client, Delivery)).data == 3
    await faye.close()


async def test_refused_handshakes_open_nothing(
    faye: FayeServer, http: aiohttp.ClientSession
) -> None:
    faye.terms.refuses_handshakes = True
    async with RealtimeClient(faye.url, http) as client:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await client.subscribe_confirmed(["/a/1"])
        faye.terms.refuses_handshakes = False

        assert isinstance(await listen(client, Connected), Connected)


async def test_publishing_to_a_service_that_is_away_is_no_error(
    http: aiohttp.ClientSession,
) -> None:
    await http_publisher("http://127.0.0.1:9/faye", http)("/a", 1)


def test_an_event_matches_its_name_and_the_patterns_above_it() -> None:
    assert patterns_of("/a/b") == ("/a/b", "/a/*", "/**", "/a/**")
    assert patterns_of("/a") == ("/a", "/*", "/**")
    assert is_subscribable("/a/**")
    assert not is_subscribable("/a/**/b")
