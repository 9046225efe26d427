"""What time it is by the workspace's clock, however wrong the clock of this machine is.

Whether an event is planned, has begun, or has begun anew is told by comparing its times, which are
the workspace's, with the present. Every answer of HTTP says when it was given.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import SimpleNamespace

import aiohttp
from yarl import URL

# An answer takes its time, and its date has whole seconds.
_TOLERATED = timedelta(seconds=30)
# Past this, the header is nonsense.
_MOST = timedelta(days=2)
_ANSWERS = 8


def _utc_now() -> datetime:
    return datetime.now(UTC)


class WorkspaceClock:
    """Learns from the answers of a workspace how much its clock is ahead of ours.

    Args:
        site_url: the workspace; what other servers answer says nothing.
        now: the time by this machine's clock, aware.
    """

    def __init__(self, site_url: str, *, now: Callable[[], datetime] = _utc_now) -> None:
        self._origin = URL(site_url).origin()
        self._now = now
        self._ahead: deque[timedelta] = deque(maxlen=_ANSWERS)

    @property
    def ahead(self) -> timedelta:
        """How much the workspace's clock is ahead of ours; zero where that is next to nothing."""
        # An answer out of a cache is older than it seems; none is from the future.
        newest = max(self._ahead, default=timedelta())
        return newest if abs(newest) > _TOLERATED else timedelta()

    def now(self) -> datetime:
        """Return the time by the workspace's clock, as far as it is known; aware."""
        return self._now() + self.ahead

    def heard(self, date: str) -> None:
        """Take the ``Date`` of an answer that has just come in."""
        try:
            told = parsedate_to_datetime(date)
        except (ValueError, OverflowError):
            return
        if told.tzinfo is not None and abs(ahead := told - self._now()) < _MOST:
            self._ahead.append(ahead)

    def trace(self) -> aiohttp.TraceConfig:
        """Return what has the clock hear the answers of a session."""
        trace = aiohttp.TraceConfig()
        trace.on_request_end.append(self._on_end)
        return trace

    async def _on_end(
        self, _: object, __: SimpleNamespace, end: aiohttp.TraceRequestEndParams
    ) -> None:
        if end.url.origin() == self._origin:
            self.heard(end.response.headers.get("Date", ""))
