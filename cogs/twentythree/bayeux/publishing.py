"""What is to be published, until it is sent.

An event is sent once. One that may have been published is never sent again: whoever published it
knows better whether a second one does harm.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """An event of ours. ``key`` names it among all of a session's."""

    key: int
    channel: str
    data: object


class Publications:
    """The events that wait for a session to be sent in."""

    def __init__(self) -> None:
        self._keys = count(1)
        self._waiting: dict[int, Publication] = {}

    def add(self, channel: str, data: object) -> int:
        """Have an event wait; return its key."""
        key = next(self._keys)
        self._waiting[key] = Publication(key=key, channel=channel, data=data)
        return key

    def withdraw(self, key: int) -> None:
        """Take an event back, if it is not sent yet."""
        self._waiting.pop(key, None)

    def take(self) -> Iterable[Publication]:
        """Return what waits, in its order; it waits no longer."""
        waiting, self._waiting = self._waiting, {}
        return waiting.values()
