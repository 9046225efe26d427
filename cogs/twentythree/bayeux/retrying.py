"""How long to wait after failures in a row: hardly at first, then exponentially longer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..backoff import backoff_s

# A held connect that ended sooner, or before half of what the server advised, was not held.
_QUICK_S = 0.5
_AT_ONCE_S = 0.01
_QUICK_ALLOWED = 3
_LEAST_PAUSE_S = 0.1
_MOST_PAUSE_S = 1.0
_LEAST_LIMIT_S = 1.0
_BELOW_LIMIT = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryDelays:
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
        pause_s = backoff_s(failures - self.quick, first_s=self.base_s, longest_s=self.cap_s)
        is_quick = failures <= self.quick + 1
        return pause_s * (1 + draw) / 2 if is_quick else pause_s * draw


class Attempts:
    """Counts failures in a row. Only a session that lasted ``settled_s`` ends the row.

    A mere success does not: a server, or a balancer, that accepts the handshake and refuses
    the connect would be asked as fast as it answers.
    """

    def __init__(self, backoff: RetryDelays, settled_s: float, draw: Callable[[], float]) -> None:
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


class Pace:
    """How soon connects follow one another, and for how long each is to be held.

    To look at: ``hold_s``, ``None`` as long as the server knows best.
    """

    def __init__(self) -> None:
        self.hold_s: float | None = None
        self._cut_after_s = 0.0
        self._quick = 0

    def cut(self, took_s: float) -> None:
        """Note that something on the way ended a held connect after ``took_s``.

        Where it did so twice at the same age it has a limit, which the server is to stay below:
        what was written into an answer that does not come is lost.
        """
        limit_s = min(took_s, self._cut_after_s)
        if limit_s >= _LEAST_LIMIT_S and abs(took_s - self._cut_after_s) <= limit_s / 5:
            self.hold_s = limit_s * _BELOW_LIMIT
        self._cut_after_s = took_s

    def delay(self, took_s: float, timeout_s: float, *, is_empty: bool) -> float:
        """Return the seconds to wait after a connect that took ``took_s``.

        None, but after several that a server did not hold, with nothing to tell. ``timeout_s`` is
        how long it was to hold them; where that is not at all, the way alone may take some time.
        The pause stays below what would let the session expire.
        """
        is_quick = took_s < max(_AT_ONCE_S, min(_QUICK_S, timeout_s / 2 or _QUICK_S))
        if not (is_quick and is_empty):
            self._quick = 0
            return 0.0
        self._quick += 1
        if self._quick <= _QUICK_ALLOWED:
            return 0.0
        longest_s = min(_MOST_PAUSE_S, timeout_s / 2 or _MOST_PAUSE_S)
        return backoff_s(self._quick - _QUICK_ALLOWED, first_s=_LEAST_PAUSE_S, longest_s=longest_s)
