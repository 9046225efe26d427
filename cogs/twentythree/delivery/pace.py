"""Fair use: how fast requests and edits may follow each other, and how patient the rooms are."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..domain.batching import Batch
from ..domain.model import BoardNotice, CommentNotice, LiveNotice, LivePhase, Notice

_YOUNG = timedelta(minutes=50)
_OVER = (LivePhase.ENDED, LivePhase.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomOptions:
    """Times and bounds; the defaults are for Discord, tests take smaller ones.

    Attributes:
        nonce_window: for how long a nonce surely keeps Discord from posting twice. Discord
            says "the past few minutes"; past this, the room's history is asked.
        request_timeout_s: a request without an answer for so long counts as lost. Longer than
            discord.py's own five tries, which must not be cut short.
        edit_interval_s: a message whose state stays the same (only the viewers of a card, or the
            words of a comment, change) is edited no more often.
        old_edit_interval_s: the same for a message older than an hour, of which Discord takes
            few edits (error 30046); what is left of them is for the changes of state.
        board_interval_s: a board is edited no more often. One that Discord edits no more, for its
            age, is posted anew.
        removal_patience_s: what is to be taken away and may not be edited for longer is deleted,
            and what is left of its message posted again.
        aside_after_s: a message that Discord refuses for so long, for no known reason, holds up
            the others of its room no more.
        requests_per_s: of all rooms together, at most. Discord allows a bot 50; one is left for
            what else the host asks for.
        sweep_s: how often the store is looked through for rooms that nobody woke.
        measure_s: the outbox is counted no more often, since that takes long where much waits.
        history_limit: how many messages are looked through for one whose reply was lost.
        tell_again_s: a room that is paused again sooner is not told about again.
        calendar_look_s: the least time between two looks at what calendars are to hold.
        calendar_spacing_s: the least time between two requests for one calendar.
        calendar_edit_s: words and times of a scheduled event are edited no more often.
        calendar_unsure_s: for so long a scheduled event may still turn up whose making was not
            answered.
        post_unsure_s: for so long a post may still turn up whose opening was not answered.
        calendar_again_s: what Discord refused for a calendar, or has no room for, is tried again.
    """

    nonce_window: timedelta = timedelta(minutes=2)
    retry_first_s: float = 1.0
    retry_longest_s: float = 60.0
    pause_first_s: float = 30.0
    pause_longest_s: float = 600.0
    request_timeout_s: float = 90.0
    edit_interval_s: float = 15.0
    old_edit_interval_s: float = 600.0
    board_interval_s: float = 3.0
    removal_patience_s: float = 1.0
    aside_after_s: float = 3600.0
    requests_per_s: int = 49
    sweep_s: float = 60.0
    measure_s: float = 1.0
    history_limit: int = 500
    tell_again_s: float = 3600.0
    calendar_look_s: float = 2.0
    calendar_spacing_s: float = 1.0
    calendar_edit_s: float = 60.0
    calendar_unsure_s: float = 15.0
    post_unsure_s: float = 15.0
    calendar_again_s: float = 600.0


class Place:
    """One request among those that Discord may count in the same second."""

    def __init__(self, pace: RequestPace) -> None:
        self._pace = pace
        self._is_held = True

    def leave(self, *, is_used: bool = True) -> None:
        """Tell that the request was answered, or, if not used, that it was never sent."""
        if self._is_held:
            self._is_held = False
            self._pace.left(is_used=is_used)


class RequestPace:
    """Keeps the requests of all rooms together below the global limit, first come, first served.

    Discord counts a request at some moment between its sending and its answer, so a place is
    held from before the one until a second after the other. No second of Discord's can then
    hold more requests than there are places, however late any of them arrives. After a 429 for
    all requests there are half as many places, and one more with each second that goes well:
    others may use up the same limit.

    Args:
        places: how many requests at most; one second's worth.
        window_s: that second.
    """

    def __init__(self, places: int, *, window_s: float = 1.0) -> None:
        self._most = places
        self._window_s = window_s
        self._under_way = 0
        self._free_at: deque[float] = deque()
        self._slowed_at = -math.inf
        self._slowed_to = places
        self._closed_until = -math.inf
        self._line = asyncio.Lock()
        self._moved = asyncio.Event()

    async def turn(self) -> Place:
        """Wait for a place and take it."""
        async with self._line:
            while (wait_s := self._wait_s()) > 0:
                self._moved.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(None if wait_s == math.inf else wait_s):
                        await self._moved.wait()
            return self.take()

    def take(self) -> Place:
        """Take a place without waiting, for a request that somebody else makes."""
        self._under_way += 1
        return Place(self)

    def left(self, *, is_used: bool) -> None:
        """Count a place as left; called by the place."""
        self._under_way -= 1
        if is_used:
            self._free_at.append(_loop_time() + self._window_s)
        self._moved.set()

    def slow_down(self, after_s: float) -> None:
        """Make room after a 429 for all requests: none goes for so many seconds, then fewer."""
        now = _loop_time()
        # Several that were under way together are refused for one and the same reason.
        if now >= self._closed_until:
            self._slowed_to = max(1, self._places(now) // 2)
        self._closed_until = max(self._closed_until, now + after_s)
        self._slowed_at = self._closed_until

    def closed_s(self) -> float:
        """Return for how many seconds none goes, after a 429 for all requests."""
        return max(0.0, self._closed_until - _loop_time())

    def _wait_s(self) -> float:
        """Return the seconds until there may be a place: 0 is now, infinity: once one is left."""
        now = _loop_time()
        if now < self._closed_until:
            return self._closed_until - now
        while self._free_at and self._free_at[0] <= now:
            self._free_at.popleft()
        if self._under_way + len(self._free_at) < self._places(now):
            return 0.0
        return self._free_at[0] - now if self._free_at else math.inf

    def _places(self, now: float) -> int:
        passed = max(0.0, (now - self._slowed_at) / self._window_s)
        return int(min(self._most, self._slowed_to + passed))


def _loop_time() -> float:
    return asyncio.get_running_loop().time()


class EditPace:
    """Says when a stale message may be edited: at once where its state has changed.

    The state of a live event is its phase; that of a comment, whether it may be shown, how often
    its words were forged, what staff have done with it and who, and how often they have replied.
    """

    def __init__(
        self,
        interval_s: float,
        old_interval_s: float,
        *,
        board_interval_s: float = 3.0,
        now: Callable[[], datetime],
        clock: Callable[[], float],
    ) -> None:
        self._interval_s = interval_s
        self._old_interval_s = old_interval_s
        self._board_interval_s = board_interval_s
        self._now = now
        self._clock = clock
        # For each message the state that it shows, and that which could not be shown.
        self._due: dict[int, tuple[tuple[str, ...], float]] = {}
        self._again: dict[int, tuple[tuple[str, ...], float]] = {}

    def wait_s(self, batch: Batch) -> float:
        """Return the seconds until the batch's message may be edited; 0 is now."""
        held = (known.get(batch.batch_id, ((), 0.0)) for known in (self._due, self._again))
        now, mine = self._clock(), _states(batch)
        return max([0.0, *(due - now for states, due in held if states == mine)])

    def edited(self, batch: Batch) -> None:
        """Note that the message shows the batch as given."""
        now = self._clock()
        self._again.pop(batch.batch_id, None)
        self._due = {of: held for of, held in self._due.items() if held[1] > now}
        self._again = {of: held for of, held in self._again.items() if held[1] > now}
        if all(_is_over(notice.notice) for notice in batch.notices):
            self._due.pop(batch.batch_id, None)
        else:
            self.postpone(batch, self._interval_of(batch))

    def _interval_of(self, batch: Batch) -> float:
        if any(isinstance(one.notice, BoardNotice) for one in batch.notices):
            return self._board_interval_s
        is_old = self._now() - batch.created_at > _YOUNG
        return self._old_interval_s if is_old else self._interval_s

    def postpone(self, batch: Batch, seconds: float) -> None:
        """Note that the message is not to be edited for a while, unless its state changes."""
        self._due[batch.batch_id] = (_states(batch), self._clock() + seconds)

    def failed(self, batch: Batch, seconds: float) -> None:
        """Note that the message could not be edited, and when it may be tried again.

        What was to be shown at once still is: only an edit that changes no state keeps its
        distance as well.
        """
        states, mine = self._due.get(batch.batch_id, ((), 0.0))[0], _states(batch)
        least_s = self._interval_s if states == mine else 0.0
        self._again[batch.batch_id] = (mine, self._clock() + max(seconds, least_s))


def _states(batch: Batch) -> tuple[str, ...]:
    return tuple(_state(queued.notice) for queued in batch.notices)


def _state(notice: Notice) -> str:
    match notice:
        case LiveNotice():
            return f"{notice.state.phase} {notice.is_withdrawn}"
        case CommentNotice():
            said, replies = notice.comment, len(notice.replies)
            deeds = [(one.action.value, one.actor.user_id) for one in notice.acted]
            staff = f"{said.is_promoted} {said.status} {deeds} {replies}"
            quotes = said.answers is not None and said.answers.text != ""
            return f"{notice.standing} {notice.corrections} {quotes} {staff}"
        case BoardNotice():
            return f"{notice.is_withdrawn}"
        case _:
            return ""


def _is_over(notice: Notice) -> bool:
    return isinstance(notice, LiveNotice) and notice.state.phase in _OVER
