"""Publishing with the client, on the real Faye server."""

import asyncio

import aiohttp
import pytest

from cogs.twentythree.bayeux import Extension
from cogs.twentythree.bayeux.messages import Message
from cogs.twentythree.errors import LocalProtocolError, PublishError, RealtimeClosedError
from cogs.twentythree.realtime import RealtimeClient
from tests.fakes.faye import FayeServer
from tests.fakes.realtime_reader import confirmed, deliveries, fast
from tests.fakes.tcp_proxy import TcpProxy

over_both = pytest.mark.parametrize("kind", ["websocket", "long-polling"])


@over_both
async def test_what_is_published_comes_to_the_subscribers(
    http: aiohttp.ClientSession, faye: FayeServer, kind: str
) -> None:
    async with RealtimeClient(faye.url, http, options=fast(kind)) as client:
        await confirmed(client, "/a")
        for number in range(3):
            await client.publish("/a", {"n": number})

        assert await deliveries(client, 3) == [{"n": 0}, {"n": 1}, {"n": 2}]


@over_both
async def test_publishing_waits_for_the_session(
    http: aiohttp.ClientSession, faye: FayeServer, kind: str
) -> None:
    async with RealtimeClient(faye.url, http, options=fast(kind)) as client:
        await client.publish("/a", "early")

        assert client.connected


async def test_what_the_server_refuses_is_an_error(
    http: aiohttp.ClientSession, faye: FayeServer
) -> None:
    def without_data(message: Message) -> Message:
        return {key: value for key, value in message.items() if key != "data"}

    extension = Extension(outgoing=without_data)
    options = fast("websocket")
    async with RealtimeClient(faye.url, http, options=options, extensions=[extension]) as client:
        with pytest.raises(PublishError, match=r"was not published: 402 Missing") as caught:
            await client.publish("/a", 1)

    assert not caught.value.is_unknown


async def test_a_connection_that_breaks_before_the_answer_leaves_the_fate_open(
    http: aiohttp.ClientSession, faye: FayeServer
) -> None:
    async with (
        TcpProxy(faye.port) as proxy,
        RealtimeClient(proxy.url, http, options=fast("websocket")) as client,
    ):
        await confirmed(client, "/a")
        proxy.stall()
        publishing = asyncio.create_task(client.publish("/a", 1))
        await asyncio.sleep(0)
        proxy.cut()
        proxy.flow()

        with pytest.raises(PublishError, match="may not have been published") as caught:
            await publishing

    assert caught.value.is_unknown


async def test_leaving_ends_the_wait(http: aiohttp.ClientSession) -> None:
    async with RealtimeClient("http://127.0.0.1:9/faye", http, options=fast()) as client:
        publishing = asyncio.create_task(client.publish("/a", 1))
        await asyncio.sleep(0)

    with pytest.raises(RealtimeClosedError, match="closed"):
        await publishing


async def test_what_is_given_up_before_it_was_sent_is_never_published(
    http: aiohttp.ClientSession, faye: FayeServer
) -> None:
    await faye.do("handshakes", value=False)
    async with RealtimeClient(faye.url, http, options=fast("websocket")) as client:
        publishing = asyncio.create_task(client.publish("/a", "late"))
        while await faye.do("refusals") < 1:
            assert not client.connected
        publishing.cancel()
        await asyncio.wait({publishing})
        await faye.do("handshakes", value=True)
        await confirmed(client, "/a")
        await client.publish("/a", "next")

        assert await deliveries(client, 1) == ["next"]


@pytest.mark.parametrize(("channel", "data"), [("/a/*", 1), ("/a", {1})])
async def test_what_cannot_be_published_is_refused_at_once(
    http: aiohttp.ClientSession, faye: FayeServer, channel: str, data: object
) -> None:
    async with RealtimeClient(faye.url, http, options=fast()) as client:
        with pytest.raises(LocalProtocolError):
            await client.publish(channel, data)
