"""A publisher that numbers its events, and the account of what became of each."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count, pairwise
from typing import Self

from cogs.twentythree.realtime import Gap, MessageReceived, RealtimeClient, RealtimeEvent
from tests.fakes.faye import FayeServer

CHANNEL = "/numbered"
_PACE_S = 0.01
_PATIENCE_S = 60.0


class NumberedEvents:
    """``async with NumberedEvents(faye, client) as events``: publishes and reads all the while.

    The server takes one command at a time, so all commands go through here. The publisher's clock
    is the client's, ``time.monotonic``.
    """

    def __init__(self, faye: FayeServer, client: RealtimeClient) -> None:
        self._faye = faye
        self._client = client
        self._server = asyncio.Lock()
        self._numbers = count()
        self._published: list[tuple[float, float]] = []
        self._told: list[RealtimeEvent] = []
        self._news = asyncio.Condition()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        async with asyncio.timeout(_PATIENCE_S):
            assert await self._client.subscribe_confirmed([CHANNEL])
        self._tasks = [asyncio.create_task(self._publish()), asyncio.create_task(self._read())]
        await self.published(5)
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def do(self, command: str) -> object:
        """Have the server do something."""
        async with self._server:
            return await self._faye.do(command)

    async def restart(self) -> None:
        async with self._server:
            await self._faye.restart()

    async def published(self, more: int) -> None:
        """Wait until ``more`` events are published."""
        number = len(self._published) + more
        await self._until(lambda: len(self._published) >= number)

    @asynccontextmanager
    async def telling(self, kind: type[RealtimeEvent]) -> AsyncIterator[None]:
        """Wait at the end until the reader was told an event of ``kind`` since the beginning."""
        before = self._number_of(kind)
        yield
        await self._until(lambda: self._number_of(kind) > before)

    def _number_of(self, kind: type[RealtimeEvent]) -> int:
        return sum(isinstance(event, kind) for event in self._told)

    async def check(self) -> None:
        """Each event, up to one that is published now, came once or lies in a gap."""
        now = len(self._published)
        await self._until(lambda: any(number > now for number in self.delivered()))
        async with asyncio.timeout(_PATIENCE_S):
            await self._client.subscribe_confirmed(["/fence"])
        until = max(self.delivered())
        assert all(one < other for one, other in pairwise(self.delivered()))
        missing = self._missing(until)
        assert not missing, f"{missing} are in no gap of {self.gaps()}"

    def delivered(self) -> list[int]:
        return [
            n for e in self._told if isinstance(e, MessageReceived) and isinstance(n := e.data, int)
        ]

    def gaps(self) -> list[Gap]:
        return [event for event in self._told if isinstance(event, Gap)]

    def _missing(self, until: int) -> list[tuple[int, float]]:
        delivered = set(self.delivered())
        return [
            (number, sent)
            for number, (sent, done) in enumerate(self._published[:until])
            if number not in delivered
            and not any(gap.since <= done and sent <= gap.until for gap in self.gaps())
        ]

    async def _publish(self) -> None:
        while True:
            async with self._server:
                sent = time.monotonic()
                await self._faye.publish(CHANNEL, next(self._numbers))
                self._published.append((sent, time.monotonic()))
            await self._tell()
            await asyncio.sleep(_PACE_S)

    async def _read(self) -> None:
        async for event in self._client:
            self._told.append(event)
            await self._tell()

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def _until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(_PATIENCE_S), self._news:
            await self._news.wait_for(condition)
