"""Whether this machine's clock is right, as far as others can tell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import SimpleNamespace
from typing import Final

import aiohttp

_MOST: Final = timedelta(minutes=1)


class PeerClock:
    """Reads off another machine's answers what time it is there.

    Args:
        name: of the other machine, for people.
        now: the time here, aware.

    Attributes:
        trace: for the ``aiohttp.ClientSession`` that asks the other machine.
    """

    def __init__(self, name: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._name = name
        self._now = now
        self._ahead: timedelta | None = None
        self.trace = aiohttp.TraceConfig()
        self.trace.on_request_end.append(self._answered)

    def warning(self) -> str | None:
        """Return a sentence where this clock is wrong by more than a minute."""
        if self._ahead is None or abs(self._ahead) <= _MOST:
            return None
        minutes = round(abs(self._ahead) / timedelta(minutes=1))
        way = "ahead of" if self._ahead > timedelta(0) else "behind"
        return (
            f"This machine's clock is {minutes} {'minute' if minutes == 1 else 'minutes'} {way} "
            f"that of {self._name}; set it by a time server (NTP), or times will be wrong."
        )

    async def _answered(
        self, _: aiohttp.ClientSession, __: SimpleNamespace, told: aiohttp.TraceRequestEndParams
    ) -> None:
        try:
            there = parsedate_to_datetime(told.response.headers.get("Date", ""))
        except ValueError:
            return
        self._ahead = self._now() - (there if there.tzinfo else there.replace(tzinfo=UTC))
