"""The client's own manners, without a server."""

import asyncio
import logging

import aiohttp
import pytest

from cogs.twentythree.bayeux import RetryDelays, SessionOptions
from cogs.twentythree.errors import LocalProtocolError, RealtimeClosedError
from cogs.twentythree.realtime import RealtimeClient, RealtimeOptions
from cogs.twentythree.realtime.client import http_url
from tests.fakes.realtime_reader import confirmed, fast
from tests.fakes.tcp_proxy import TcpProxy

_NOWHERE = "http://127.0.0.1:1/faye"


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("//h/faye", "https://h/faye"),
        ("ws://h/faye", "http://h/faye"),
        ("wss://h/faye", "https://h/faye"),
        ("WSS://H/faye", "https://h/faye"),
        (" wSs://h/faye\n", "https://h/faye"),
        ("Http://h:8000/faye", "http://h:8000/faye"),
        ("http://h/faye?a=//b", "http://h/faye?a=//b"),
    ],
)
def test_an_address_is_made_one_for_http(url: str, address: str) -> None:
    assert http_url(url) == address


@pytest.mark.parametrize("url", ["ftp://h/faye", "http://", "wss://[h/faye", "http://h:99999/", ""])
async def test_other_addresses_are_a_mistake(http: aiohttp.ClientSession, url: str) -> None:
    with pytest.raises(LocalProtocolError, match="starts with"):
        RealtimeClient(url, http)


@pytest.mark.parametrize("host", ["a..b", "a" * 64 + ".example", "xn--", "\u0130" * 64])
async def test_a_host_that_no_name_server_could_know_is_one_too(
    http: aiohttp.ClientSession, host: str
) -> None:
    with pytest.raises(LocalProtocolError, match="starts with"):
        RealtimeClient(f"https://{host}/faye", http)


async def test_a_client_is_started_once(http: aiohttp.ClientSession) -> None:
    async with RealtimeClient(_NOWHERE, http, options=fast()) as client:
        with pytest.raises(LocalProtocolError, match="once"):
            await client.__aenter__()


async def test_a_client_that_was_never_started_can_be_closed(http: aiohttp.ClientSession) -> None:
    client = RealtimeClient(_NOWHERE, http)
    await client.subscribe(["/a"])
    await client.aclose()
    await client.aclose()

    assert [event async for event in client] == []
    with pytest.raises(RealtimeClosedError, match="it was closed"):
        await client.subscribe(["/b"])


@pytest.mark.parametrize("kind", ["websocket", "long-polling"])
async def test_leaving_while_the_server_is_away_leaves_nothing_but_one_warning(
    http: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    tasks = asyncio.all_tasks()
    async with TcpProxy(1) as proxy:
        proxy.is_refusing = True
        async with RealtimeClient(proxy.url, http, options=fast(kind)) as client:
            waiting = asyncio.create_task(client.subscribe_confirmed(["/a"]))
            while proxy.accepted < 4:  # noqa: ASYNC110 - the proxy's count has no event
                await asyncio.sleep(0)
            assert not client.connected

        with pytest.raises(RealtimeClosedError):
            await waiting
    assert asyncio.all_tasks() == tasks
    assert [record.levelno for record in caplog.records].count(logging.WARNING) == 1


class _Faulty(RetryDelays):
    """A mistake of ours, made when nothing can be reached."""

    def delay(self, failures: int, draw: float) -> float:
        raise ZeroDivisionError


async def test_an_error_of_our_own_ends_the_client_and_is_logged(
    http: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    options = RealtimeOptions(session=SessionOptions(backoff=_Faulty()))
    async with RealtimeClient(_NOWHERE, http, options=options) as client:
        with pytest.raises(RealtimeClosedError, match="its log"):
            await anext(client)
        with pytest.raises(RealtimeClosedError):
            await confirmed(client, "/a")
    assert "ZeroDivisionError" in caplog.text
