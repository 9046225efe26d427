"""How long to wait after failures in a row: hardly at first, then exponentially longer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

_MAX_DOUBLINGS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """The first retry is immediate; ``quick`` more wait between half of ``base_s`` and all of it.

    So a path that was cut for a second is used within ``base_s`` of its healing. From then on
    each may wait twice as long as the one before, up to ``cap_s``, with full jitter, so that the
    clients of a server that went down do not come back as one.
    """

    base_s: float = 0.25
    cap_s: float = 30.0
    quick: int = 8

    def delay(self, failures: int, draw: float) -> float:
        """Return the seconds to wait after ``failures`` in a row; ``draw`` is in [0, 1)."""
        if failures <= 1:
            return 0.0
        doublings = failures - 1 - self.quick
        if doublings <= 0:
            return min(self.cap_s, self.base_s) * (1 + draw) / 2
        return draw * min(self.cap_s, self.base_s * 2.0 ** min(doublings, _MAX_DOUBLINGS))


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
