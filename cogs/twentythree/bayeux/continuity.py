"""Keeps account of the time in which events may have been missed."""

from __future__ import annotations

from .messages import MetaChannel
from .requests import PendingRequest
from .session_events import Gap

# Faye keeps a session for some two times as long as it holds a connect, CometD for less.
_TIMES_KEPT = 2.5
_LEAST_KEPT_S = 30.0
_MOST_KEPT_S = 300.0


class Continuity:
    """What the server writes is in order: a reply vouches for all that it wrote before.

    When that was is not known, but it was after the request had been made. So a reply proves the
    time of its request, never that of its coming: it may have been on its way for long, and Faye
    ends a held connect with success even where it has forgotten the session meanwhile. Events
    prove nothing: when they were written is not known at all.

    ``is_one_stream``: replies come by the way of the events, as they do not over long-polling.
    ``is_resuming``: from the taking up of a session, or the loss of an answer, until the server has
    answered a connect; until then nobody knows what it wrote whereto.
    """

    def __init__(self) -> None:
        self.is_one_stream = False
        self.is_resuming = False
        self._proven_at: float | None = None
        self._broken_since: float | None = None
        self._is_told_so_far = False
        self._kept_until = float("inf")

    @property
    def proven_at(self) -> float | None:
        """All that was published before this time, and was to come, has come."""
        return self._proven_at

    def is_too_late(self, now: float) -> bool:
        """Whether the server last took anything so long ago that it has no such session now."""
        return now > self._kept_until

    def prove(self, request: PendingRequest, now: float, timeout_s: float) -> None:
        """Note that ``request`` was answered with success, if that says anything.

        ``timeout_s`` is for how long the server holds connects.

        Faye publishes for clients that it has forgotten. Replies to polls apart, those of
        long-polling come by another way than events. What answers a probe may overtake the queue.
        """
        kept_s = min(_MOST_KEPT_S, max(_LEAST_KEPT_S, _TIMES_KEPT * timeout_s))
        self._kept_until = now + kept_s
        is_about_channels = request.kind in (MetaChannel.SUBSCRIBE, MetaChannel.UNSUBSCRIBE)
        if is_about_channels and (self.is_resuming or not self.is_one_stream):
            return
        self._proven_at = max(request.asked_at, self._proven_at or request.asked_at)

    def break_off(self) -> None:
        """Note that what came after the last sign of life may be lost."""
        if self._broken_since is None:
            self._broken_since = self._proven_at
        self._is_told_so_far = False

    def lose_answer(self) -> None:
        """Note that the server had an answer to write into that will not come.

        What it writes is lost until it turns to the next connect.
        """
        self.break_off()
        self.is_resuming = True

    def mend(self, now: float) -> list[Gap]:
        """Return the span that may be missing, now that all that is wanted stands again.

        Where the connect goes by another way than the probe, the server writes into the answer
        that was lost until it has come. Until then the span so far is told, once, and what is
        still added to it later.
        """
        is_open = self.is_resuming and not self.is_one_stream
        if self._broken_since is None or (is_open and self._is_told_so_far):
            return []
        since, self._broken_since = self._broken_since, now if is_open else None
        self._is_told_so_far = is_open
        return [Gap(since=since, until=now)]
