"""Discord's IDs: they rise with time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

_EPOCH_MS: Final = 1_420_070_400_000
_TIME_SHIFT: Final = 22


class Snowflakes:
    """Gives IDs that carry the time and never fall, whatever the clock does."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._last = 0

    def next(self) -> int:
        """Return an ID higher than all before it."""
        made = (int(self._now() * 1000) - _EPOCH_MS) << _TIME_SHIFT
        self._last = max(made, self._last + 1)
        return self._last


def timestamp(seconds: float) -> str:
    """Return seconds since 1970 as Discord writes times."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")
