"""Keeps account of the time in which events may have been missed."""

from __future__ import annotations

from .events import Missed


class Continuity:
    """What comes over one session is in order: a sign of life vouches for all before it."""

    def __init__(self) -> None:
        # When the last sign of life came: an event or a successful reply. To be set.
        self.proven_at: float | None = None
        self._broken_since: float | None = None

    @property
    def is_broken(self) -> bool:
        """Whether something may have been missed and has not been told yet."""
        return self._broken_since is not None

    def break_off(self) -> None:
        """Note that what came after the last sign of life may be lost."""
        if self._broken_since is None:
            self._broken_since = self.proven_at

    def mend(self, now: float) -> list[Missed]:
        """Return the span that may be missing, now that nothing more can be added to it."""
        since, self._broken_since = self._broken_since, None
        return [] if since is None else [Missed(since=since, until=now)]
