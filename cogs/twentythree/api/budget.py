"""How many requests a minute the workspace gets at most, and which go first when it is much."""

from __future__ import annotations

from collections.abc import Callable

_MINUTE_S = 60.0


class RequestBudget:
    """A bucket that each request fills a little, and time empties.

    It is asked before a piece of work begins, and told of each request; work that takes more
    requests than there was room for delays what comes next. What is not urgent stops at half of
    the bucket, so that it never delays what is.

    Args:
        per_minute: requests in the long run; any minute has at most a quarter more, and what was
            under way.
        clock: monotonic seconds.
    """

    def __init__(self, per_minute: float, *, clock: Callable[[], float]) -> None:
        self._per_s = per_minute / _MINUTE_S
        self._size = max(1.0, per_minute / 4)
        self._clock = clock
        self._level = 0.0
        self._at = clock()

    def spend(self) -> None:
        """Note a request."""
        self._level = self._now() + 1

    def wait_s(self, *, is_urgent: bool) -> float:
        """Return the seconds until work may begin; 0 is now."""
        most = self._size if is_urgent else self._size / 2
        return max(0.0, (self._now() - most) / self._per_s)

    def _now(self) -> float:
        now = self._clock()
        self._level = max(0.0, self._level - (now - self._at) * self._per_s)
        self._at = now
        return self._level
