"""What is kept of the events that found no room in the queue."""

from __future__ import annotations

from typing import assert_never

from .events import Connected, Delivery, Disconnected, Gap, RealtimeEvent, SubscriptionRefused

# Beyond so many channels with losses, all of them are taken to have some.
_MOST_CHANNELS = 10_000


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
            case Delivery():
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
