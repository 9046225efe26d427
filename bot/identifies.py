"""A budget of identifies, for all clients of the process together.

Discord allows 1,000 a day, more for a bot with very many servers, and then resets the token, which
ends the bot until a person comes. Each shard takes one.
https://discord.com/developers/docs/events/gateway#rate-limiting
"""

from __future__ import annotations

import time
from collections.abc import Callable

_DAY_S = 86_400.0
_SHARE = 0.53
# So many starts with all shards may follow each other.
_STARTS = 3


class OutOfIdentifies(Exception):  # noqa: N818 - reads as what happened
    """There was none left; ``wait_s`` is for how long."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(wait_s)
        self.wait_s = wait_s


class IdentifyBudget:
    """At most ``burst`` identifies in quick succession, and one more each ``refill_s`` seconds.

    The defaults come to 530 a day at most, whatever Discord's gateway does; ``fit`` keeps to that
    share of what Discord allows.
    """

    def __init__(
        self,
        *,
        burst: int = 50,
        refill_s: float = 180.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._burst = burst
        self._refill_s = refill_s
        self._clock = clock
        self._left = float(burst)
        self._at = clock()

    def take(self) -> None:
        """Count one identify.

        Raises:
            OutOfIdentifies: there is none left.
        """
        self._need(1)
        self._left -= 1

    def fit(self, shards: int, *, total: int, remaining: int) -> None:
        """Take over what Discord tells before a client connects its shards.

        Args:
            shards: how many identifies the client is about to make.
            total: how many Discord allows a day.
            remaining: how many of them are left.

        Raises:
            OutOfIdentifies: fewer are left than are needed; none is to be made.
        """
        self._refill()
        day = _SHARE * total
        burst = max(shards, min(max(self._burst, _STARTS * shards), int(day / 2)))
        if burst > self._burst:
            self._left += burst - self._burst
            self._burst, self._refill_s = burst, _DAY_S / (day - burst)
        self._left = min(self._left, float(remaining))
        self._need(shards)

    def _refill(self) -> None:
        now = self._clock()
        self._left = min(float(self._burst), self._left + (now - self._at) / self._refill_s)
        self._at = now

    def _need(self, count: int) -> None:
        self._refill()
        if self._left < count:
            raise OutOfIdentifies((count - self._left) * self._refill_s)
