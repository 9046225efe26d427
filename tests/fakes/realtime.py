"""A realtime client whose events the test gives."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Self

from cogs.twentythree.errors import RealtimeClosedError
from cogs.twentythree.realtime import Connected, RealtimeEvent, SubscriptionRefused


class FakeRealtime:
    """Stands for ``RealtimeClient``; ``events`` is what its reader hears."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.events: asyncio.Queue[RealtimeEvent | RealtimeClosedError] = asyncio.Queue()
        self.channels: set[str] = set()
        # What the service lets nobody listen to.
        self.refused: set[str] = set()
        # What was asked for, each time.
        self.asked: list[frozenset[str]] = []
        self.connected = False
        self.confirming = asyncio.Event()
        self.confirming.set()
        # Whether a question that is given up ends at once, and whether one was.
        self.ending, self.given_up = asyncio.Event(), asyncio.Event()
        self.ending.set()
        self.subscribed = asyncio.Condition()

    def tell(self, *events: RealtimeEvent | RealtimeClosedError) -> None:
        for event in events:
            self.connected = self.connected or isinstance(event, Connected)
            if isinstance(event, SubscriptionRefused):
                self.refused.add(event.channel)
            self.events.put_nowait(event)

    async def until_subscribed(self, *channels: str) -> None:
        async with asyncio.timeout(60), self.subscribed:
            await self.subscribed.wait_for(lambda: self.channels == set(channels))

    async def until_asked(self, *channels: str, times: int) -> None:
        async with asyncio.timeout(60), self.subscribed:
            await self.subscribed.wait_for(lambda: self.asked.count(frozenset(channels)) >= times)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.connected = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> RealtimeEvent:
        event = await self.events.get()
        if isinstance(event, RealtimeClosedError):
            raise event
        return event

    async def subscribe_confirmed(self, channels: Collection[str]) -> frozenset[str]:
        async with self.subscribed:
            self.channels |= set(channels)
            self.asked.append(frozenset(channels))
            self.subscribed.notify_all()
        try:
            await self.confirming.wait()
        except asyncio.CancelledError:
            self.given_up.set()
            await self.ending.wait()
            raise
        return self.standing(channels)

    def standing(self, channels: Collection[str]) -> frozenset[str]:
        return frozenset(channels) & self.channels - self.refused

    async def unsubscribe(self, channels: Collection[str]) -> None:
        async with self.subscribed:
            self.channels -= set(channels)
            self.subscribed.notify_all()
