"""Keeps account of the time in which events may have been missed."""

from __future__ import annotations

from .events import Missed


class Continuity:
    """What the server writes is in order: a reply vouches for all that it wrote before.

    When that was is not known, but it was after the request had been made. So a reply proves the
    time of its request, never that of its coming: it may have been on its way for long, and Faye
    ends a held connect with success even where it has forgotten the session meanwhile. Events
    prove nothing: when they were written is not known at all.
    """

    def __init__(self) -> None:
        self._proven_at: float | None = None
        self._broken_since: float | None = None
        self._is_told_so_far = False

    @property
    def is_broken(self) -> bool:
        """Whether something may have been missed and has not been told yet."""
        return self._broken_since is not None

    @property
    def proven_at(self) -> float | None:
        """All that was published before this time, and was to come, has come."""
        return self._proven_at

    def prove(self, asked_at: float) -> None:
        """Note a successful reply to a request made at ``asked_at``."""
        self._proven_at = max(asked_at, self._proven_at or asked_at)

    def break_off(self) -> None:
        """Note that what came after the last sign of life may be lost."""
        if self._broken_since is None:
            self._broken_since = self._proven_at
        self._is_told_so_far = False

    def mend(self, now: float) -> list[Missed]:
        """Return the span that may be missing, now that nothing more can be added to it."""
        since, self._broken_since = self._broken_since, None
        self._is_told_so_far = False
        return [] if since is None else [Missed(since=since, until=now)]

    def tell_so_far(self, now: float) -> list[Missed]:
        """Return, once, the span so far. What is still added to it is left to ``mend``."""
        if self._broken_since is None or self._is_told_so_far:
            return []
        since, self._broken_since = self._broken_since, now
        self._is_told_so_far = True
        return [Missed(since=since, until=now)]
