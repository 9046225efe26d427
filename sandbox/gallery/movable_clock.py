"""A clock that runs like any other, and can be put forward."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_BEGIN_HOUR = 14


class MovableClock:
    """Begins at two in the afternoon of the next day, in UTC, so that pictures show like times.

    The bot goes by the workspace's clock where that differs, by less than two days. ``is_timely``:
    it begins with this machine's clock instead.
    """

    def __init__(self, real: Callable[[], float] = time.time, *, is_timely: bool = False) -> None:
        self._real = real
        self._ahead_s = 0.0 if is_timely else self._until_begin()

    def _until_begin(self) -> float:
        real = self._real
        day = datetime.fromtimestamp(real(), UTC).replace(minute=0, second=5, microsecond=0)
        begin = day.replace(hour=_BEGIN_HOUR) + timedelta(days=1)
        return begin.timestamp() - real()

    def now(self) -> float:
        """Return seconds since 1970."""
        return self._real() + self._ahead_s

    def forward(self, **span: float) -> None:
        """Let so much time have passed: ``minutes=5``, as a ``timedelta`` takes it."""
        self._ahead_s += timedelta(**span).total_seconds()
