"""The bounded queue between the protocol and its reader."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from ..errors import RealtimeClosedError
from .events import Delivery, RealtimeEvent
from .summary import Summary

# Smaller events are bounded by their number alone.
_LIGHT = 4096


class Inbox:
    """Never makes the writer wait, and never grows past ``size`` events or ``max_bytes`` of large.

    (A frame of less than ``_LIGHT`` bytes is taken whole or not at all, so that there may be as
    many more as fit into one.)

    When it is full it keeps what it has, and from then on only a summary of what comes, until
    the reader has emptied it: the refused channels, the last change of state, and one Gap with
    the channels concerned. ``span`` tells from when to when an event that comes now may have been
    published.
    """

    def __init__(self, size: int, max_bytes: int, span: Callable[[], tuple[float, float]]) -> None:
        self._size = size
        self._max_bytes = max_bytes
        self._span = span
        self._events: deque[RealtimeEvent] = deque()
        # The large ones among the events, each with its share of ``_bytes``.
        self._large: deque[tuple[RealtimeEvent, int]] = deque()
        self._bytes = 0
        self._summary: Summary | None = None
        self._has_news = asyncio.Event()
        # Looked at before each event, where setting one that is set already would cost more.
        self._is_awaited = False
        self._is_closed = False
        self._error: str | None = None

    def put(self, event: RealtimeEvent, size: int = 0) -> None:
        """Add ``event`` of ``size`` bytes, or take it into the summary."""
        if self._summary is None and self._has_room(size):
            self._events.append(event)
            if size > _LIGHT:
                self._large.append((event, size))
                self._bytes += size
        else:
            self._summary = self._summary or Summary()
            self._summary.add(event, *self._span())
        self._has_news.set()

    def put_all(self, events: Sequence[Delivery], size: int) -> None:
        """Add events that came together in ``size`` bytes."""
        waiting = self._events
        if size <= _LIGHT and len(waiting) < self._size and self._summary is None:
            waiting += events
            if self._is_awaited:
                self._has_news.set()
        else:
            for event in events:
                self.put(event, size // len(events))

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
        while not self._events:
            if self._summary is not None:
                self._events.extend(self._summary.events())
                self._summary = None
            elif self._error is not None:
                raise RealtimeClosedError(self._error)
            elif self._is_closed:
                raise StopAsyncIteration
            else:
                self._has_news.clear()
                self._is_awaited = True
                await self._has_news.wait()
                self._is_awaited = False
        event = self._events.popleft()
        if self._large and self._large[0][0] is event:
            self._bytes -= self._large.popleft()[1]
        return event

    def _has_room(self, size: int) -> bool:
        if len(self._events) >= self._size:
            return False
        # One that is larger than all that is allowed must come through an empty queue.
        return size <= _LIGHT or not self._large or self._bytes + size <= self._max_bytes
