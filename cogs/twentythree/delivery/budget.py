"""A bound on requests that Discord counts as invalid.

https://discord.com/developers/docs/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

_INVALID: Final = {
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.TOO_MANY_REQUESTS,
}
# discord.py asks so often before it gives a 429 back.
TRIES: Final = 5


def is_invalid(status: int) -> bool:
    """Say whether Discord counts an answer with this status."""
    return status in _INVALID


class InvalidBudget:
    """Counts answers 401, 403 and 429 of the last ten minutes, and says when to ask again.

    Discord bans the address of a bot after 10,000 of them. The default leaves nine tenths to
    what the rest of the host asks for, and to other bots at the same address.
    """

    def __init__(
        self, *, clock: Callable[[], float], limit: int = 1000, window_s: float = 600.0
    ) -> None:
        self._clock = clock
        self._limit = limit
        self._window_s = window_s
        self._at: deque[float] = deque(maxlen=limit)

    def wait_s(self) -> float:
        """Return the seconds until a request may be made; 0 is now."""
        now = self._clock()
        while self._at and self._at[0] <= now - self._window_s:
            self._at.popleft()
        # The next request may cost all its tries.
        spare = self._limit - TRIES - len(self._at)
        return 0.0 if spare >= 0 else self._at[-spare - 1] + self._window_s - now

    def count(self, times: int = 1) -> None:
        """Count answers that Discord counts."""
        self._at.extend([self._clock()] * times)
