"""What a reader was promised, and what it got: every event, once, or a gap over its time."""

from __future__ import annotations

from collections.abc import Iterable

from cogs.twentythree.bayeux import (
    Gap,
    MessageReceived,
    SessionEvent,
    SubscriptionAccepted,
    SubscriptionRefused,
    matching_patterns,
)


class Ledger:
    """The events are numbers. A channel is promised from its acceptance until it is dropped."""

    def __init__(self) -> None:
        self.wanted: set[str] = set()
        self.refused: set[str] = set()
        self.delivered: list[int] = []
        self.gaps: list[tuple[float, float]] = []
        self._promised: set[str] = set()
        self._owed: dict[int, tuple[float, set[str]]] = {}
        self._published = 0

    def want(self, channels: Iterable[str]) -> None:
        for channel in channels:
            self.wanted.add(channel)
            self.refused.discard(channel)

    def drop(self, channels: Iterable[str]) -> None:
        for channel in channels:
            self.wanted.discard(channel)
            self.refused.discard(channel)
            self._promised.discard(channel)
        for _, owed_to in self._owed.values():
            owed_to.difference_update(channels)

    def publish(self, channel: str, now: float) -> int:
        """Enter a new event, owed to everything it was promised on; return its number."""
        self._published += 1
        promised_on = self._promised & {channel, *matching_patterns(channel)}
        self._owed[self._published] = (now, promised_on)
        return self._published

    def take(self, event: SessionEvent) -> None:
        """Enter what the session told."""
        match event:
            case MessageReceived(channel=channel, data=int(number)):
                assert self.wanted & {channel, *matching_patterns(channel)}, "not wanted"
                self.delivered.append(number)
            case Gap():
                assert event.since <= event.until
                self.gaps.append((event.since, event.until))
            case SubscriptionAccepted():
                accepted = self.wanted & set(event.channels)
                self._promised |= accepted
                self.refused -= accepted
            case SubscriptionRefused():
                self._promised.discard(event.channel)
                self.refused |= self.wanted & {event.channel}
            case _:
                pass

    def missing(self) -> list[tuple[int, float]]:
        """Return the number and the time of each event that was owed and is unaccounted for."""
        delivered = set(self.delivered)
        return [
            (number, at)
            for number, (at, owed_to) in self._owed.items()
            if owed_to and number not in delivered and not self._is_in_a_gap(at)
        ]

    def _is_in_a_gap(self, at: float) -> bool:
        return any(since <= at <= until for since, until in self.gaps)
