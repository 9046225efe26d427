"""How long to wait after failures in a row: at once, then exponential with full jitter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

_MAX_DOUBLINGS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """The first retry is immediate; the n-th waits up to ``base_s`` x 2^(n-2), capped."""

    base_s: float = 0.25
    cap_s: float = 30.0

    def delay(self, failures: int, draw: float) -> float:
        """Return the seconds to wait after ``failures`` in a row; ``draw`` is in [0, 1)."""
        if failures <= 1:
            return 0.0
        doublings = min(failures - 2, _MAX_DOUBLINGS)
        return draw * min(self.cap_s, self.base_s * 2.0**doublings)


class Attempts:
    """Counts failures in a row. Only a session that lasted ``settled_s`` ends the row.

    A mere success does not: a server, or a balancer, that accepts the handshake and refuses
    the connect would be asked as fast as it answers.
    """

    def __init__(self, backoff: Backoff, settled_s: float, draw: Callable[[], float]) -> None:
        self._backoff = backoff
        self._settled_s = settled_s
        self._draw = draw
        self._failures = 0
        self._up_since: float | None = None

    def succeeded(self, now: float) -> None:
        """Note that the session is up, or still up."""
        if self._up_since is None:
            self._up_since = now

    def failed(self, now: float) -> float:
        """Note a failure; return the seconds to wait because of it."""
        if self._up_since is not None and now - self._up_since >= self._settled_s:
            self._failures = 0
        self._up_since = None
        self._failures += 1
        return self._backoff.delay(self._failures, self._draw())
