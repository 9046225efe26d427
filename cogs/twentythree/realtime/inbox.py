"""The bounded queue between the protocol and its reader."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import assert_never

from ..errors import RealtimeClosedError
from .events import Connected, Delivery, Disconnected, Gap, RealtimeEvent, SubscriptionRefused


class Inbox:
    """Never makes the writer wait, and never grows past ``size`` events.

    When it is full it keeps what it has, and from then on only a summary of what comes, until
    the reader has emptied it: one Gap, the refused channels, and the last change of state.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._events: deque[RealtimeEvent] = deque()
        self._gap: Gap | None = None
        self._refused: dict[str, SubscriptionRefused] = {}
        self._state: Connected | Disconnected | None = None
        self._is_summing_up = False
        self._has_news = asyncio.Event()
        self._is_closed = False
        self._error: str | None = None

    def put(self, event: RealtimeEvent, now: float) -> None:
        """Add ``event``, or take it into the summary."""
        if self._is_summing_up or len(self._events) >= self._size:
            self._is_summing_up = True
            self._sum_up(event, now)
        else:
            self._events.append(event)
        self._has_news.set()

    def close(self, error: str | None = None) -> None:
        """End the stream after what is in it; only the first call counts."""
        if not self._is_closed:
            self._is_closed = True
            self._error = error
            self._has_news.set()

    async def get(self) -> RealtimeEvent:
        """Return the next event.

        Raises:
            StopAsyncIteration: the stream has ended.
            RealtimeClosedError: the stream has ended by an error.
        """
        while True:
            if not self._events:
                self._lay_open()
            if self._events:
                return self._events.popleft()
            if self._error is not None:
                raise RealtimeClosedError(self._error)
            if self._is_closed:
                raise StopAsyncIteration
            self._has_news.clear()
            await self._has_news.wait()

    def _sum_up(self, event: RealtimeEvent, now: float) -> None:
        match event:
            case Delivery():
                self._widen(now, now)
            case Gap():
                self._widen(event.since, event.until)
            case SubscriptionRefused():
                self._refused[event.channel] = event
            case Connected() | Disconnected():
                self._state = event
            case _:
                assert_never(event)

    def _widen(self, since: float, until: float) -> None:
        if self._gap is not None:
            since, until = min(since, self._gap.since), max(until, self._gap.until)
        self._gap = Gap(since=since, until=until)

    def _lay_open(self) -> None:
        self._is_summing_up = False
        self._events.extend(self._refused.values())
        if self._state is not None:
            self._events.append(self._state)
        if self._gap is not None:
            self._events.append(self._gap)
        self._gap, self._state = None, None
        self._refused.clear()
