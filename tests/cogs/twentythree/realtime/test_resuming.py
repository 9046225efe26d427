"""After a loss the session is usable at once, although Faye withholds the answer to a connect.

While the server still holds the connect of before, it answers no other one of the same session.
Its timeout is 45 s throughout, so that nothing here can wait for its end.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from cogs.twentythree.realtime import Connected, Disconnected, Gap, MessageReceived, RealtimeClient
from tests.fakes.faye import FayeServer
from tests.fakes.realtime_reader import confirmed, deliveries, fast, until
from tests.fakes.tcp_proxy import TcpProxy

over_both = pytest.mark.parametrize("kind", ["websocket", "long-polling"])


@asynccontextmanager
async def _held(
    http: aiohttp.ClientSession, kind: str, **options: Any
) -> AsyncGenerator[tuple[FayeServer, TcpProxy, RealtimeClient]]:
    """A client whose held connect has reached the server; no deadline of its own comes soon."""
    given = fast(kind, **options)
    given = replace(given, session=replace(given.session, request_timeout_s=30.0))
    async with (
        FayeServer(timeout_s=45) as faye,
        TcpProxy(faye.port) as proxy,
        RealtimeClient(proxy.url, http, options=given) as client,
    ):
        assert await confirmed(client, "/a") == {"/a"}
        await until(client, Connected)
        await faye.holds_a_connect()
        yield faye, proxy, client


@over_both
async def test_a_reset_under_a_held_connect_is_resumed_at_once(
    http: aiohttp.ClientSession, kind: str
) -> None:
    async with _held(http, kind) as (faye, proxy, client):
        proxy.cut()
        again, _ = await until(client, Connected)
        await until(client, Gap)

        assert again == Connected(resumed=True)
        assert await confirmed(client, "/b") == {"/b"}
        await faye.publish("/a", 1)
        await faye.publish("/b", 2)
        assert await deliveries(client, 2) == [1, 2]
        assert await faye.do("sessions") == 1


async def test_a_websocket_that_went_silent_is_resumed_at_once(
    http: aiohttp.ClientSession,
) -> None:
    times = {"heartbeat_s": 0.1, "websocket_close_s": 0.05}
    async with _held(http, "websocket", **times) as (faye, proxy, client):
        proxy.swallow()
        again, _ = await until(client, Connected)
        await until(client, Gap)

        assert again == Connected(resumed=True)
        assert await confirmed(client, "/b") == {"/b"}
        await faye.publish("/a", 1)
        assert await deliveries(client, 1) == [1]
        assert await faye.do("sessions") == 1


@over_both
async def test_a_session_that_was_forgotten_meanwhile_is_made_anew_at_once(
    http: aiohttp.ClientSession, kind: str
) -> None:
    async with _held(http, kind) as (faye, proxy, client):
        proxy.is_refusing = True
        proxy.cut()
        await until(client, Disconnected)
        await faye.do("forget")
        proxy.is_refusing = False
        again, _ = await until(client, Connected)
        await until(client, Gap)

        assert again == Connected(resumed=False)
        await faye.publish("/a", 1)
        assert await deliveries(client, 1) == [1]


async def test_after_a_reset_of_a_poll_what_fell_into_its_dead_answer_lies_in_a_gap(
    http: aiohttp.ClientSession,
) -> None:
    async with _held(http, "long-polling") as (faye, proxy, client):
        proxy.is_refusing = True
        proxy.cut()
        await until(client, Disconnected)
        # Faye writes it into the answer that nobody reads, and keeps the second for the next poll.
        await faye.publish("/a", "lost")
        await faye.do("written")
        await faye.publish("/a", "kept")
        proxy.is_refusing = False
        # The answer to the poll may overtake the one to the probe.
        _, before = await until(client, Connected)
        _, between = await until(client, Gap)

        await faye.publish("/a", "next")
        kept = [one.data for one in (*before, *between) if isinstance(one, MessageReceived)]
        assert kept + await deliveries(client, 2 - len(kept)) == ["kept", "next"]
