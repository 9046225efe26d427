"""The one connection: whereto it goes, and what is told of channels that were wanted late."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from typing import cast

from cogs.twentythree.errors import LocalProtocolError, RealtimeClosedError
from cogs.twentythree.intake.listener import Listener
from cogs.twentythree.realtime import Connected, RealtimeClient
from tests.fakes.realtime import FakeRealtime

_ONE, _OTHER = "https://one.example/faye", "https://other.example/faye"
_A, _B = frozenset({"/a"}), frozenset({"/a", "/b"})


class _Hearer:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def _tell(self, *what: object) -> None:
        self.told.append(what if len(what) > 1 else what[0])

    def delivered(self, channel: str, data: object) -> None:
        self._tell("delivered", data)

    def refused(self, channel: str, error: str) -> None:
        self._tell("refused")

    def subscribing(self, channels: frozenset[str]) -> None:
        self._tell("subscribing", channels)

    def connected(self) -> None:
        self._tell("connected")

    def lost(self, reason: str) -> None:
        self._tell("lost")

    def missed(self, channels: frozenset[str] | None = None) -> None:
        self._tell("missed", channels)

    async def until(self, *what: object) -> None:
        async with asyncio.timeout(5):
            while (what if len(what) > 1 else what[0]) not in self.told:  # noqa: ASYNC110 - a list has no event
                await asyncio.sleep(0)


class _House:
    """A listener, and the clients that it made."""

    def __init__(self, **times: float) -> None:
        self.hearer = _Hearer()
        self.clients: list[FakeRealtime] = []
        self.listener = Listener(self._make, self.hearer, **times)

    def _make(self, url: str) -> RealtimeClient:
        if not url.startswith("https:"):
            raise LocalProtocolError("the address of a realtime service starts with http(s)")
        self.clients.append(FakeRealtime(url))
        return cast("RealtimeClient", self.clients[-1])

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not condition():  # noqa: ASYNC110 - what is waited for has no event
                await asyncio.sleep(0)


@asynccontextmanager
async def _house(**times: float) -> AsyncGenerator[_House]:
    house = _House(**times)
    running = asyncio.create_task(house.listener.run())
    try:
        yield house
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def test_where_the_first_address_is_dead_another_one_is_used() -> None:
    async with _house() as house:
        house.listener.want(_ONE, _A)
        await house.until(lambda: len(house.clients) == 1)
        house.listener.want(_OTHER, _A)
        await house.until(lambda: len(house.clients) == 2)
        await house.clients[1].until_subscribed("/a")

        assert [client.url for client in house.clients] == [_ONE, _OTHER]


async def test_a_connection_that_works_is_not_left_for_every_other_address() -> None:
    async with _house() as house:
        house.listener.want(_ONE, _A)
        await house.until(lambda: bool(house.clients))
        house.clients[0].tell(Connected(resumed=False))
        await house.hearer.until("connected")
        house.listener.want(_OTHER, _B)
        await house.clients[0].until_subscribed("/a", "/b")

        assert len(house.clients) == 1


async def test_a_service_that_has_moved_is_followed_in_the_end() -> None:
    async with _house(dismissed_s=0.0) as house:
        house.listener.want(_ONE, _A)
        await house.until(lambda: bool(house.clients))
        house.clients[0].tell(Connected(resumed=False))
        await house.hearer.until("connected")
        house.listener.want(_OTHER, _A)
        await house.until(lambda: len(house.clients) == 2)

        assert house.clients[1].url == _OTHER


async def test_an_address_that_is_none_ends_nothing() -> None:
    async with _house() as house:
        house.listener.want("gopher://one.example", _A)
        await house.hearer.until("lost")
        house.listener.want(_ONE, _A)
        await house.until(lambda: bool(house.clients))
        await house.clients[0].until_subscribed("/a")


async def test_a_service_that_sends_us_away_is_left_for_another_at_once() -> None:
    async with _house() as house:
        house.listener.want(_ONE, _A)
        await house.until(lambda: bool(house.clients))
        house.clients[0].tell(RealtimeClosedError("gone"))
        await house.hearer.until("lost")
        house.listener.want(_OTHER, _A)
        await house.until(lambda: len(house.clients) == 2)


async def test_a_channel_whose_verdict_is_long_in_coming_is_told_as_missed_when_it_stands() -> None:
    async with _house(verdict_s=0.0) as house:
        house.listener.want(_ONE, _A)
        await house.hearer.until("missed", _A)
        house.clients[0].confirming.clear()
        house.listener.want(None, _B)
        await house.hearer.until("subscribing", frozenset({"/b"}))
        # The next change of the set is not held up.
        house.listener.want(None, _B | {"/c"})
        await house.hearer.until("subscribing", frozenset({"/c"}))
        assert ("missed", frozenset({"/b"})) not in house.hearer.told
        house.clients[0].confirming.set()

        await house.hearer.until("missed", frozenset({"/b"}))
        await house.hearer.until("missed", frozenset({"/c"}))
