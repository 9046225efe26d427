"""Fair use: how fast requests and edits may follow each other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from ..relay.model import Batch, CommentNotice, LiveNotice, LivePhase, Notice

_YOUNG = timedelta(minutes=50)
_OVER = (LivePhase.ENDED, LivePhase.CANCELLED)


class RequestPace:
    """Spreads the requests of all rooms, so that many busy rooms stay below the global limit.

    It spaces beginnings and holds nothing while a request runs: a room whose requests hang
    takes no turn from the others.
    """

    def __init__(self, per_s: float) -> None:
        self._gap_s = 1 / per_s
        self._next = 0.0

    async def turn(self) -> None:
        """Wait for the next free place."""
        now = asyncio.get_running_loop().time()
        place = max(now, self._next)
        self._next = place + self._gap_s
        if place > now:
            await asyncio.sleep(place - now)


class EditPace:
    """Says when a stale message may be edited: at once where its state has changed.

    The state of a live event is its phase; that of a comment, whether it may be shown.
    """

    def __init__(
        self,
        interval_s: float,
        old_interval_s: float,
        *,
        now: Callable[[], datetime],
        clock: Callable[[], float],
    ) -> None:
        self._interval_s = interval_s
        self._old_interval_s = old_interval_s
        self._now = now
        self._clock = clock
        self._due: dict[int, tuple[tuple[str, ...], float]] = {}

    def wait_s(self, batch: Batch) -> float:
        """Return the seconds until the batch's message may be edited; 0 is now."""
        states, due = self._due.get(batch.batch_id, ((), 0.0))
        return max(0.0, due - self._clock()) if states == _states(batch) else 0.0

    def edited(self, batch: Batch) -> None:
        """Note that the message shows the batch as given."""
        now = self._clock()
        self._due = {of: (states, due) for of, (states, due) in self._due.items() if due > now}
        if all(_is_over(notice.notice) for notice in batch.notices):
            self._due.pop(batch.batch_id, None)
        else:
            is_old = self._now() - batch.created_at > _YOUNG
            self.postpone(batch, self._old_interval_s if is_old else self._interval_s)

    def postpone(self, batch: Batch, seconds: float) -> None:
        """Note that the message is not to be edited for a while, unless its state changes."""
        self._due[batch.batch_id] = (_states(batch), self._clock() + seconds)


def _states(batch: Batch) -> tuple[str, ...]:
    return tuple(_state(queued.notice) for queued in batch.notices)


def _state(notice: Notice) -> str:
    match notice:
        case LiveNotice():
            return notice.state.phase
        case CommentNotice():
            return notice.standing
        case _:
            return ""


def _is_over(notice: Notice) -> bool:
    return isinstance(notice, LiveNotice) and notice.state.phase in _OVER
