"""The bounded queue between the protocol and its reader."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol, assert_never

from ..bayeux import (
    Connected,
    Disconnected,
    Gap,
    HandshakeFailed,
    MessageReceived,
    SessionEvent,
    Stopped,
    SubscriptionAccepted,
    SubscriptionRefused,
)
from ..errors import RealtimeClosedError

# What a session tells, as far as it is for the client's reader.
RealtimeEvent = MessageReceived | Gap | Connected | Disconnected | SubscriptionRefused

# Smaller events are bounded by their number alone.
_LIGHT = 4096
# Beyond so many channels with losses, all of them are taken to have some.
_MOST_CHANNELS = 10_000
_CLOSED = "it was closed"


class Proven(Protocol):
    """Whatever knows up to when all has come, as a session does."""

    @property
    def proven_at(self) -> float | None:
        """All that was published before this time, and was to come, has come."""
        ...


class Inbox:
    """Never makes the writer wait, and never grows past ``size`` events or ``max_bytes`` of large.

    (A frame of less than ``_LIGHT`` bytes is taken whole or not at all, so that there may be as
    many more as fit into one.)

    When it is full it keeps what it has, and from then on only a summary of what comes, until
    the reader has emptied it: the refused channels, the last change of state, and one Gap with
    the channels concerned. An event that comes now may have been published from when ``session``
    has proven all to have come.
    """

    def __init__(
        self, size: int, max_bytes: int, session: Proven, clock: Callable[[], float]
    ) -> None:
        self._size = size
        self._max_bytes = max_bytes
        self._session = session
        self._clock = clock
        self._events: deque[RealtimeEvent] = deque()
        # The large ones among the events, each with its share of ``_bytes``.
        self._large: deque[tuple[RealtimeEvent, int]] = deque()
        self._bytes = 0
        self._summary: Summary | None = None
        # Who waits for an event, mostly one or none. An ``asyncio.Event`` takes half as long again
        # to wake one, for each event of a paced stream.
        self._readers: set[asyncio.Future[None]] = set()
        self._told = asyncio.Event()
        self._is_closed = False
        self._error: str | None = None

    def take(self, events: Sequence[SessionEvent], size: int) -> None:
        """Add what a session tells, all of it having come in ``size`` bytes."""
        is_news = False
        for event in events:
            if isinstance(event, MessageReceived):
                self.put(event, size // len(events))
                continue
            is_news = True
            if isinstance(event, Stopped):
                self.close(event.reason)
            elif not isinstance(event, SubscriptionAccepted | HandshakeFailed):
                self.put(event)
        if is_news:
            self._pass_on()

    def put(self, event: RealtimeEvent, size: int = 0) -> None:
        """Add ``event`` of ``size`` bytes, or take it into the summary."""
        if self._summary is None and self._has_room(size):
            self._events.append(event)
            if size > _LIGHT:
                self._large.append((event, size))
                self._bytes += size
        else:
            self._summary = self._summary or Summary()
            now = self._clock()
            proven_at = self._session.proven_at
            self._summary.add(event, now if proven_at is None else proven_at, now)
        self._wake()

    def put_all(self, events: Sequence[MessageReceived], size: int) -> None:
        """Add events that came together in ``size`` bytes."""
        waiting = self._events
        if size <= _LIGHT and len(waiting) < self._size and self._summary is None:
            waiting += events
            if self._readers:
                self._wake()
        else:
            for event in events:
                self.put(event, size // len(events))

    def close(self, error: str | None = None) -> None:
        """End the stream after what is in it; only the first call counts."""
        if not self._is_closed:
            self._is_closed = True
            self._error = error
            self._wake()
            self._pass_on()

    def check_open(self) -> None:
        """Look whether the stream goes on.

        Raises:
            RealtimeClosedError: it has ended.
        """
        if self._is_closed:
            raise RealtimeClosedError(self._error or _CLOSED)

    async def until_told(self) -> None:
        """Wait until a session has told anything but deliveries.

        Raises:
            RealtimeClosedError: the stream has ended.
        """
        await self._told.wait()
        self.check_open()

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
                await self._until_woken()
        event = self._events.popleft()
        if self._large and self._large[0][0] is event:
            self._bytes -= self._large.popleft()[1]
        return event

    async def _until_woken(self) -> None:
        reader = asyncio.get_running_loop().create_future()
        self._readers.add(reader)
        try:
            await reader
        finally:
            self._readers.discard(reader)

    def _wake(self) -> None:
        for reader in self._readers:
            if not reader.done():
                reader.set_result(None)

    def _has_room(self, size: int) -> bool:
        if len(self._events) >= self._size:
            return False
        # One that is larger than all that is allowed must come through an empty queue.
        return size <= _LIGHT or not self._large or self._bytes + size <= self._max_bytes

    def _pass_on(self) -> None:
        self._told.set()
        self._told.clear()


class Summary:
    """Bounded, however many events it is made of."""

    def __init__(self) -> None:
        self._span: tuple[float, float] | None = None
        self._refused: dict[str, SubscriptionRefused] = {}
        self._state: Connected | Disconnected | None = None
        self._channels: set[str] | None = set()

    def add(self, event: RealtimeEvent, since: float, until: float) -> None:
        """Take ``event`` in; if it is a delivery, it was published between these times."""
        match event:
            case MessageReceived():
                self._miss(since, until, {event.channel})
            case Gap():
                self._miss(event.since, event.until, event.channels)
            case SubscriptionRefused():
                self._refused[event.channel] = event
            case Connected() | Disconnected():
                self._state = event
            case _:
                assert_never(event)

    def events(self) -> list[RealtimeEvent]:
        """Return what there is to say, the gap last."""
        told: list[RealtimeEvent] = list(self._refused.values())
        if self._state is not None:
            told.append(self._state)
        if self._span is not None:
            since, until = self._span
            channels = None if self._channels is None else frozenset(self._channels)
            told.append(Gap(since=since, until=until, channels=channels))
        return told

    def _miss(self, since: float, until: float, channels: set[str] | frozenset[str] | None) -> None:
        if channels is None or self._channels is None:
            self._channels = None
        elif not channels <= self._channels:
            self._channels |= channels
            if len(self._channels) > _MOST_CHANNELS:
                self._channels = None
        if self._span is not None:
            since, until = min(since, self._span[0]), max(until, self._span[1])
        self._span = (since, until)
