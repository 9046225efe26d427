"""Whatever is lost on the way to a real Faye server, each event comes once or lies in a gap.

A publisher numbers its events throughout; the client's clock is the publisher's.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
import pytest

from cogs.twentythree.realtime import Connected, Disconnected, Gap, RealtimeClient
from tests.fakes.faye import FayeServer
from tests.fakes.numbered_events import NumberedEvents
from tests.fakes.realtime_reader import fast
from tests.fakes.tcp_proxy import TcpProxy

over_both = pytest.mark.parametrize("kind", ["websocket", "long-polling"])
_LASTING_S = 45.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A server, a network and a client, with events under way."""

    proxy: TcpProxy
    client: RealtimeClient
    events: NumberedEvents


@asynccontextmanager
async def _scene(
    http: aiohttp.ClientSession, *kinds: str, timeout_s: float, **options: Any
) -> AsyncGenerator[Scene]:
    async with (
        FayeServer(timeout_s=timeout_s) as faye,
        TcpProxy(faye.port) as proxy,
        RealtimeClient(proxy.url, http, options=fast(*kinds, **options)) as client,
        NumberedEvents(faye, client) as events,
    ):
        yield Scene(proxy=proxy, client=client, events=events)


@over_both
async def test_a_restart(http: aiohttp.ClientSession, kind: str) -> None:
    async with _scene(http, kind, timeout_s=0.5) as scene:
        async with scene.events.telling(Gap):
            await scene.events.restart()

        await scene.events.check()


@over_both
async def test_a_client_forgotten_under_its_held_connect(
    http: aiohttp.ClientSession, kind: str
) -> None:
    async with _scene(http, kind, timeout_s=_LASTING_S, check_s=0.1) as scene:
        async with scene.events.telling(Gap):
            await scene.events.do("forget")

        await scene.events.check()


async def test_an_evicted_client(http: aiohttp.ClientSession) -> None:
    async with _scene(http, "websocket", timeout_s=_LASTING_S) as scene:
        async with scene.events.telling(Gap):
            await scene.events.do("evict")

        await scene.events.check()


@over_both
async def test_tcp_resets_one_after_the_other(http: aiohttp.ClientSession, kind: str) -> None:
    async with _scene(http, kind, timeout_s=_LASTING_S) as scene:
        for _ in range(5):
            # Between two polls there is nothing to be cut, and nobody notices.
            scene.proxy.cut()
            await scene.events.published(4)

        await scene.events.check()


@over_both
async def test_a_cut_of_a_second(http: aiohttp.ClientSession, kind: str) -> None:
    async with _scene(http, kind, timeout_s=_LASTING_S) as scene:
        async with scene.events.telling(Gap):
            scene.proxy.is_refusing = True
            scene.proxy.cut()
            await scene.events.published(90)
            scene.proxy.is_refusing = False

        await scene.events.check()


@over_both
async def test_a_cut_that_outlasts_the_session(http: aiohttp.ClientSession, kind: str) -> None:
    async with _scene(http, kind, timeout_s=0.2) as scene:
        async with scene.events.telling(Gap):
            scene.proxy.is_refusing = True
            scene.proxy.cut()
            while await scene.events.do("sessions"):
                await scene.events.published(1)
            scene.proxy.is_refusing = False

        await scene.events.check()


@over_both
async def test_a_path_that_goes_silent_for_both_sides(
    http: aiohttp.ClientSession, kind: str
) -> None:
    times = {"heartbeat_s": 0.1, "websocket_close_s": 0.05}
    async with _scene(http, kind, timeout_s=0.5, **times) as scene:
        async with scene.events.telling(Gap):
            async with scene.events.telling(Disconnected):
                scene.proxy.stall()
            scene.proxy.cut()
            scene.proxy.flow()

        await scene.events.check()


async def test_a_silent_path_whose_server_side_dies_after_the_session_moved(
    http: aiohttp.ClientSession,
) -> None:
    times = {"heartbeat_s": 0.1, "websocket_close_s": 0.05}
    async with _scene(http, "websocket", timeout_s=_LASTING_S, **times) as scene:
        async with scene.events.telling(Gap):
            scene.proxy.swallow()
        await scene.events.published(3)
        async with scene.events.telling(Connected):
            # The server closes the new socket when it notices the old one's death.
            scene.proxy.cut_swallowed()

        await scene.events.check()


async def test_a_poll_is_swallowed_while_other_requests_are_answered() -> None:
    connector = aiohttp.TCPConnector(force_close=True)
    async with (
        aiohttp.ClientSession(connector=connector) as http,
        # What is looked for besides would find it as well.
        _scene(http, "long-polling", timeout_s=0.3, check_s=600.0) as scene,
    ):
        async with scene.events.telling(Gap):
            # Between two polls there is nothing to be swallowed.
            while not scene.proxy.has_swallowed:
                scene.proxy.swallow()
                await scene.events.published(5)
            await scene.client.subscribe_confirmed(["/more"])

        await scene.events.check()


@over_both
async def test_a_server_that_accepts_and_never_answers(
    http: aiohttp.ClientSession, faye: FayeServer, kind: str
) -> None:
    options = fast(kind, open_timeout_s=0.1)
    options = replace(options, session=replace(options.session, request_timeout_s=0.1))
    async with TcpProxy(faye.port) as proxy:
        proxy.stall()
        async with RealtimeClient(proxy.url, http, options=options) as client:
            while proxy.accepted < 3:  # noqa: ASYNC110 - the proxy's count has no event
                await asyncio.sleep(0)
            assert not client.connected
            proxy.cut()
            proxy.flow()

            async with NumberedEvents(faye, client) as events:
                await events.published(5)
                await events.check()
