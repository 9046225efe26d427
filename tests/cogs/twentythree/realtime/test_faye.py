"""The client against a real Faye server, over both transports."""

import asyncio
import contextlib
import logging

import aiohttp
import pytest

from cogs.twentythree.errors import RealtimeClosedError
from cogs.twentythree.realtime import (
    Connected,
    Disconnected,
    Gap,
    MessageReceived,
    RealtimeClient,
    SubscriptionRefused,
)
from tests.fakes.faye import FayeServer
from tests.fakes.realtime_reader import confirmed, deliveries, fast, until
from tests.fakes.tcp_proxy import TcpProxy

over_both = pytest.mark.parametrize("kind", ["websocket", "long-polling"])


@over_both
async def test_many_channels_are_subscribed_and_events_come_in_order(
    http: aiohttp.ClientSession, faye: FayeServer, kind: str
) -> None:
    channels = [f"/many/{number}" for number in range(1200)]
    async with RealtimeClient(faye.url, http, options=fast(kind)) as client:
        assert await confirmed(client, *channels, "/wild/**") == {*channels, "/wild/**"}
        assert client.connected
        await faye.publish("/many/0", 1, 0, "", None, False)
        await faye.publish("/many/1199", {"n": "å"})
        await faye.publish("/wild/a/b", "w")
        await faye.publish("/else", "not ours")
        await faye.publish("/many/7", "end")

        assert (await until(client, Connected)) == (Connected(resumed=False), [])
        assert await deliveries(client, 8) == [1, 0, "", None, False, {"n": "å"}, "w", "end"]


@over_both
async def test_what_is_subscribed_to_later_comes_and_what_is_left_does_not(
    http: aiohttp.ClientSession, faye: FayeServer, kind: str
) -> None:
    async with RealtimeClient(faye.url, http, options=fast(kind)) as client:
        await confirmed(client, "/a", "/b")
        await client.unsubscribe(["/a"])
        await confirmed(client, "/c")
        await faye.publish("/a", 1)
        await faye.publish("/b", 2)
        await faye.publish("/c", 3)

        assert await deliveries(client, 2) == [2, 3]


@over_both
async def test_a_refused_channel_is_told_and_the_others_stand(
    http: aiohttp.ClientSession, faye: FayeServer, kind: str
) -> None:
    await faye.do("refuse", value="/secret/x")
    async with RealtimeClient(faye.url, http, options=fast(kind)) as client:
        assert await confirmed(client, "/a", "/secret/x", "/b", "/b.c") == {"/a", "/b"}
        assert client.standing(["/a", "/secret/x", "/b.c", "/else"]) == {"/a"}

        bad, _ = await until(client, SubscriptionRefused)
        secret, _ = await until(client, SubscriptionRefused)
        assert bad == SubscriptionRefused(channel="/b.c", error="405 Invalid channel")
        assert secret == SubscriptionRefused(channel="/secret/x", error="403 Forbidden channel")


@over_both
async def test_after_a_restart_all_is_subscribed_again_and_the_gap_is_told(
    http: aiohttp.ClientSession,
    faye: FayeServer,
    kind: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "twentythree")
    channels = [f"/0dda8a1/{number}" for number in range(1000)]
    async with RealtimeClient(faye.url, http, options=fast(kind)) as client:
        await confirmed(client, *channels)
        await faye.restart()

        await until(client, Disconnected)
        again, between = await until(client, Connected)
        gap, _ = await until(client, Gap)
        await faye.publish("/0dda8a1/999", "back")

        assert again == Connected(resumed=False)
        assert between == []
        assert gap.since < gap.until
        assert await deliveries(client, 1) == ["back"]
    levels = [record.levelname for record in caplog.records if record.name.endswith("realtime")]
    assert [level for level in levels if level != "DEBUG"] == ["WARNING", "INFO"]
    assert "0dda8a1" not in caplog.text


@over_both
async def test_a_forgotten_session_is_noticed_by_the_next_subscription(
    http: aiohttp.ClientSession, kind: str
) -> None:
    async with (
        FayeServer(timeout_s=45) as faye,
        RealtimeClient(faye.url, http, options=fast(kind)) as client,
    ):
        await confirmed(client, "/a")
        await faye.do("forget")

        assert await confirmed(client, "/b") == {"/b"}
        await until(client, Gap)
        await faye.publish("/a", 1)
        await faye.publish("/b", 2)

        assert await deliveries(client, 2) == [1, 2]


@over_both
async def test_a_forgotten_session_is_noticed_by_the_next_connect(
    http: aiohttp.ClientSession, faye: FayeServer, kind: str
) -> None:
    async with RealtimeClient(faye.url, http, options=fast(kind)) as client:
        await confirmed(client, "/a")
        await faye.do("forget")

        await until(client, Gap)
        await faye.publish("/a", 1)

        assert await deliveries(client, 1) == [1]


@over_both
async def test_the_connection_outlives_many_server_timeouts(
    http: aiohttp.ClientSession, kind: str
) -> None:
    async with (
        # Faye forgets a session after two timeouts: longer than a busy machine stands still.
        FayeServer(timeout_s=0.5) as faye,
        RealtimeClient(faye.url, http, options=fast(kind)) as client,
    ):
        await confirmed(client, "/a")
        while await faye.do("held") < 6:
            await faye.publish("/a", 1)
            assert await deliveries(client, 1) == [1]

        assert client.connected


async def test_a_cut_loses_nothing_that_the_server_could_keep(
    http: aiohttp.ClientSession, faye: FayeServer
) -> None:
    async with (
        TcpProxy(faye.port) as proxy,
        RealtimeClient(proxy.url, http, options=fast("websocket")) as client,
    ):
        await confirmed(client, "/a")
        proxy.is_refusing = True
        proxy.cut()
        await until(client, Disconnected)
        await faye.publish("/a", 1, 2, 3)
        proxy.is_refusing = False

        # What the server kept comes before its reply that says the session stands.
        _, before = await until(client, Connected)
        await until(client, Gap)

        assert [event for event in before if isinstance(event, MessageReceived)] == [
            MessageReceived("/a", number) for number in (1, 2, 3)
        ]


async def cut_until_noticed(client: RealtimeClient, proxy: TcpProxy) -> Connected:
    """Cut the connection again if it was between two polls, where nothing is lost by a cut."""
    for _ in range(4):
        proxy.cut()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):
                return (await until(client, Connected))[0]
    raise AssertionError("four cuts went unnoticed")


@over_both
async def test_a_cut_session_is_resumed(http: aiohttp.ClientSession, kind: str) -> None:
    async with (
        FayeServer(timeout_s=45) as faye,
        TcpProxy(faye.port) as proxy,
        RealtimeClient(proxy.url, http, options=fast(kind)) as client,
    ):
        await confirmed(client, "/a")
        await until(client, Connected)
        again = await cut_until_noticed(client, proxy)
        await until(client, Gap)
        await faye.publish("/a", 1)

        assert again == Connected(resumed=True)
        assert await deliveries(client, 1) == [1]


async def test_a_path_that_went_silent_is_noticed_and_replaced(
    http: aiohttp.ClientSession,
) -> None:
    async with (
        FayeServer(timeout_s=600) as faye,
        TcpProxy(faye.port) as proxy,
        RealtimeClient(
            proxy.url, http, options=fast("websocket", heartbeat_s=0.1, websocket_close_s=0.05)
        ) as client,
    ):
        await confirmed(client, "/a")
        proxy.stall()
        await until(client, Disconnected)
        proxy.cut()
        proxy.flow()
        await until(client, Gap)
        await faye.publish("/a", "back")

        assert await deliveries(client, 1) == ["back"]


async def test_a_poll_that_is_never_answered_is_given_up(http: aiohttp.ClientSession) -> None:
    async with (
        FayeServer(timeout_s=0.5) as faye,
        TcpProxy(faye.port) as proxy,
        RealtimeClient(proxy.url, http, options=fast("long-polling")) as client,
    ):
        await confirmed(client, "/a")
        proxy.stall()
        await until(client, Disconnected)
        proxy.cut()
        proxy.flow()
        await until(client, Gap)

        assert client.connected


async def test_where_upgrades_are_eaten_long_polling_does_the_job(
    http: aiohttp.ClientSession, faye: FayeServer
) -> None:
    async with TcpProxy(faye.port) as proxy:
        proxy.eats_upgrades = True
        options = fast(open_timeout_s=0.1)
        async with RealtimeClient(proxy.url, http, options=options) as client:
            await confirmed(client, "/a")
            await faye.publish("/a", 1)

            assert await deliveries(client, 1) == [1]


async def test_once_upgrades_get_through_again_the_client_moves_back_up(
    http: aiohttp.ClientSession, faye: FayeServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "twentythree.realtime")
    async with TcpProxy(faye.port) as proxy:
        proxy.eats_upgrades = True
        options = fast(open_timeout_s=0.1, websocket_retry_s=0.1)
        async with RealtimeClient(proxy.url, http, options=options) as client:
            await confirmed(client, "/a")
            await until(client, Connected)
            proxy.eats_upgrades = False

            moved, _ = await until(client, Disconnected)
            again, _ = await until(client, Connected)
            await until(client, Gap)
            await faye.publish("/a", 1)

            assert moved.reason == "a WebSocket gets through"
            assert again == Connected(resumed=False)
            assert await deliveries(client, 1) == [1]
    assert "connected over websocket" in caplog.text


async def test_leaving_while_moving_up_leaves_nothing_behind(
    http: aiohttp.ClientSession, faye: FayeServer
) -> None:
    tasks = asyncio.all_tasks()
    async with TcpProxy(faye.port) as proxy:
        proxy.eats_upgrades = True
        options = fast(open_timeout_s=0.1, websocket_retry_s=0.05)
        async with RealtimeClient(proxy.url, http, options=options) as client:
            await confirmed(client, "/a")

    assert asyncio.all_tasks() == tasks


async def test_a_slow_reader_is_told_of_the_gap_and_costs_nobody_the_session(
    http: aiohttp.ClientSession, faye: FayeServer
) -> None:
    options = fast("websocket", queue_size=3)
    async with RealtimeClient(faye.url, http, options=options) as client:
        await confirmed(client, "/a")
        for number in range(50):
            await faye.publish("/a", number)
        # A verdict comes behind all the events that were published before.
        await confirmed(client, "/b")

        gap, before = await until(client, Gap)
        await faye.publish("/a", "later")

        assert [event.data for event in before if isinstance(event, MessageReceived)] == [0, 1]
        assert gap.since <= gap.until
        assert await deliveries(client, 1) == ["later"]
        assert client.connected


async def test_an_event_of_megabytes_comes_as_one_that_is_not_read(
    http: aiohttp.ClientSession, faye: FayeServer
) -> None:
    async with RealtimeClient(faye.url, http, options=fast("websocket")) as client:
        await confirmed(client, "/a")
        await faye.publish("/a", "x" * 3_000_000)
        await faye.publish("/a", "x" * 200_000)

        huge, large = await deliveries(client, 2)
        assert huge is None
        assert isinstance(large, str)
        assert len(large) == 200_000


@over_both
async def test_refused_handshakes_are_repeated_until_one_is_taken(
    http: aiohttp.ClientSession, faye: FayeServer, kind: str
) -> None:
    await faye.do("handshakes", value=False)
    async with RealtimeClient(faye.url, http, options=fast(kind)) as client:
        while await faye.do("refusals") < 3:
            assert not client.connected
        await faye.do("handshakes", value=True)

        assert await confirmed(client, "/a") == {"/a"}


@over_both
async def test_a_server_that_wants_no_reconnection_ends_the_client(
    http: aiohttp.ClientSession, faye: FayeServer, kind: str
) -> None:
    async with RealtimeClient(faye.url, http, options=fast(kind)) as client:
        await confirmed(client, "/a")
        await faye.do("advise", value="none")

        with pytest.raises(RealtimeClosedError, match="advised against"):
            await until(client, Gap)
        with pytest.raises(RealtimeClosedError):
            await client.subscribe(["/b"])
        assert not client.connected


@over_both
async def test_leaving_ends_the_session_on_the_server_and_all_tasks(
    http: aiohttp.ClientSession, kind: str
) -> None:
    async with FayeServer(timeout_s=45) as faye:
        tasks = asyncio.all_tasks()
        async with RealtimeClient(faye.url, http, options=fast(kind)) as client:
            await confirmed(client, "/a")
            assert await faye.do("sessions") == 1

        assert await faye.do("sessions") == 0
        assert asyncio.all_tasks() == tasks
        assert [type(event) async for event in client] == [Connected]
        with pytest.raises(RealtimeClosedError):
            await client.unsubscribe(["/a"])


@over_both
async def test_leaving_does_not_wait_for_a_server_that_is_silent_nor_complain(
    http: aiohttp.ClientSession, faye: FayeServer, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    tasks = asyncio.all_tasks()
    async with TcpProxy(faye.port) as proxy:
        options = fast(kind, close_timeout_s=0.05, websocket_close_s=0.05, heartbeat_s=10.0)
        async with RealtimeClient(proxy.url, http, options=options) as client:
            await confirmed(client, "/a")
            proxy.stall()

    assert asyncio.all_tasks() == tasks
    assert caplog.records == []


async def test_an_event_with_the_id_of_our_connect_disturbs_nothing(
    http: aiohttp.ClientSession, faye: FayeServer
) -> None:
    async with RealtimeClient(faye.url, http, options=fast("websocket")) as client:
        await confirmed(client, "/a")
        await faye.publish_raw(
            *({"channel": "/a", "data": n, "id": str(n), "successful": True} for n in range(30))
        )

        assert await deliveries(client, 30) == list(range(30))
        assert await confirmed(client, "/b") == {"/b"}
