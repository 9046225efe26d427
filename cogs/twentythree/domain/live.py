"""The life of a live event: what is remembered, against what is seen, gives the next state.

*On air* is being shown to viewers (``broadcasting_p``) while the event is not over (its
``live_status`` is not ``previous``); a mere signal is not. *Cancelled* and *over* count while
it is not on air, and over of what is soon not before its planned start, unless a real one is told;
*planned* is a start in the future; *quiet* is none of these. ::

    remembered  on air      cancelled   over      planned     quiet
    ----------  ----------  ----------  --------  ----------  ----------
    idle        start       cancel      missed    plan        -
    soon        start       cancel      missed    move        move
    live        go on       end         end       end         end
    ended       come back   -           -         plan next   -
    cancelled   start       move        -         plan        forget

start      a new broadcast, with the time at which it really began: the one step with a message
           of its own
plan       the card that says "planned", and "soon" from an hour before the start
move       another time for the same plan; what an observation does not tell stays as it was
missed     it was on and over between two looks, or never began: told on the card, not announced
cancel     told on the card; it is certain once it was seen twice, a minute apart
forget     not cancelled any more, with no start in the future
end        at the time it was seen to be off, or was last seen on if nobody looked for long
come back  within a set time of its end, three minutes by default, or on air since before it: the
           same broadcast; else a start
plan next  a plan other than the one of the broadcast that has ended, or that of one that nobody
           has seen
go on      viewers; but a start long after the broadcast was last seen is another broadcast, and
           ends this one

Each step is taken by itself, so that each broadcast's cards can be made to show its own end. A
broadcast that can not come back any more is *settled*, before anything else comes of its event:
the time for what is done once at its end. :func:`steps` gives all the steps of a look; after them
the same look again changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, StrEnum, auto

from .model import LiveObservation, LivePhase, LiveState, ObjectId

# A signal that drops and returns must not announce a second start.
SAME_BROADCAST = timedelta(minutes=3)
# What may lie between two looks (at most five minutes) with a drop of the signal in between.
_OUT_OF_SIGHT = timedelta(minutes=10)
# Two spellings of one planned time may differ by their seconds.
_SAME_PLAN = timedelta(minutes=1)
NEAR = timedelta(hours=1)
# Viewers come and go by the second; a card is edited for them once a minute,
# looks a minute apart being never quite that.
_VIEWERS_EVERY = timedelta(seconds=55)
# One answer may be a wrong one: another look after so long settles that an event is called off.
_SURE_AFTER = timedelta(seconds=55)


class LiveChange(StrEnum):
    """What one look at a live event changed."""

    NOTHING = "nothing"
    PLANNED = "planned"
    MOVED = "moved"
    CANCELLED = "cancelled"
    STARTED = "started"
    ENDED = "ended"
    SETTLED = "settled"
    DETAILS = "details"


_Step = tuple[LiveState, LiveChange]
# An end found late, its settling, a start, and the look that finds nothing more.
_MOST_STEPS = 4


@dataclass(frozen=True, slots=True)
class _Look:
    seen: LiveObservation
    now: datetime
    same_broadcast: timedelta


class _Sight(Enum):
    ON_AIR = auto()
    CANCELLED = auto()
    OVER = auto()
    PLANNED = auto()
    QUIET = auto()


def first_state(seen: LiveObservation, now: datetime) -> LiveState:
    """Return the state to remember at the first look, of which nothing is said."""
    state, _ = advance(LiveState(), seen, now)
    return replace(state, is_settled=state.phase is LivePhase.ENDED)


def advance(
    state: LiveState,
    seen: LiveObservation,
    now: datetime,
    *,
    same_broadcast: timedelta = SAME_BROADCAST,
) -> _Step:
    """Return the new state and what changed. See the table above.

    Args:
        state: what is remembered.
        seen: what the workspace says now.
        now: the time, aware.
        same_broadcast: what begins within this time after an end is the same broadcast.
    """
    look = _Look(seen, now, same_broadcast)
    step = _STEPS[state.phase].get(_sight(state, look))
    return _same(state) if step is None else step(state, look)


def steps(
    state: LiveState,
    seen: LiveObservation,
    now: datetime,
    *,
    same_broadcast: timedelta = SAME_BROADCAST,
) -> Iterator[_Step]:
    """Yield the steps that follow from one look, one after the other; at least one.

    A broadcast that has ended is settled before anything else comes of it. The last state is the
    one to remember, also where nothing changed.
    """
    change, left = LiveChange.DETAILS, _MOST_STEPS
    while left and change is not LiveChange.NOTHING:
        after, change = advance(state, seen, now, same_broadcast=same_broadcast)
        is_back = after.phase is LivePhase.LIVE and after.broadcast == state.broadcast
        if not is_back and _is_final(state, now, same_broadcast):
            after, change = replace(state, is_settled=True), LiveChange.SETTLED
        yield after, change
        state, left = after, left - 1


def _is_final(state: LiveState, now: datetime, same_broadcast: timedelta) -> bool:
    """Tell whether a broadcast that has ended is now over for good."""
    if state.phase is not LivePhase.ENDED or state.is_settled:
        return False
    return state.ended_at is None or now - state.ended_at > same_broadcast


def _sight(state: LiveState, look: _Look) -> _Sight:
    seen = look.seen
    if seen.is_broadcasting and not seen.is_over:
        return _Sight.ON_AIR
    if seen.is_cancelled:
        return _Sight.CANCELLED
    planned = seen.scheduled_at or state.scheduled_at
    is_to_come = planned is not None and planned > look.now
    # What people wait for is not over before it was to begin, unless it is told to have begun.
    is_waited_for = is_to_come and state.phase is LivePhase.SOON
    if seen.is_over and not (is_waited_for and seen.broadcast_started_at is None):
        return _Sight.OVER
    return _Sight.PLANNED if is_to_come else _Sight.QUIET


def _same(state: LiveState) -> _Step:
    return state, LiveChange.NOTHING


def _start(state: LiveState, look: _Look) -> _Step:
    viewers = _viewers(look.seen)
    after = LiveState(
        phase=LivePhase.LIVE,
        broadcast=state.broadcast + 1,
        scheduled_at=look.seen.scheduled_at or state.scheduled_at,
        started_at=_began(look) or look.now,
        viewers_now=viewers,
        viewers_peak=viewers,
        observed_at=look.now,
    )
    return after, LiveChange.STARTED


def _go_on(state: LiveState, look: _Look) -> _Step:
    seen, now = look.seen, look.now
    last = state.observed_at or state.started_at or now
    began = _began(look)
    if began is not None and began - last > _OUT_OF_SIGHT:
        return _ended(state, last)
    if now - last < _VIEWERS_EVERY:
        return _same(state)
    viewers = _viewers(seen)
    counts = [count for count in (state.viewers_peak, viewers) if count is not None]
    peak = max(counts, default=None)
    after = replace(state, viewers_now=viewers, viewers_peak=peak, observed_at=now)
    # Where only the time of the look is new, the states are equal.
    return after, LiveChange.NOTHING if after == state else LiveChange.DETAILS


def _end(state: LiveState, look: _Look) -> _Step:
    now = look.now
    last = state.observed_at or state.started_at or now
    return _ended(state, now if now - last <= _OUT_OF_SIGHT else last)


def _ended(state: LiveState, at: datetime) -> _Step:
    return replace(state, phase=LivePhase.ENDED, ended_at=at, viewers_now=None), LiveChange.ENDED


def _come_back(state: LiveState, look: _Look) -> _Step:
    now = look.now
    began = _began(look) or now
    if state.ended_at is None or began - state.ended_at > look.same_broadcast:
        return _start(state, look)
    after = replace(state, phase=LivePhase.LIVE, ended_at=None, observed_at=now, is_settled=False)
    return after, LiveChange.DETAILS


def _plan(state: LiveState, look: _Look) -> _Step:
    start = look.seen.scheduled_at or state.scheduled_at
    after = LiveState(
        phase=LivePhase.SOON,
        broadcast=state.broadcast,
        scheduled_at=start,
        is_near=is_near(start, look.now),
    )
    return after, LiveChange.PLANNED


def _plan_next(state: LiveState, look: _Look) -> _Step:
    now = look.now
    may_come_back = state.ended_at is not None and now - state.ended_at <= look.same_broadcast
    was_seen = state.started_at is not None
    if may_come_back or (was_seen and _is_same_plan(state, look.seen)):
        return _same(state)
    return _plan(state, look)


def _move(state: LiveState, look: _Look) -> _Step:
    is_on, was, start = state.phase is LivePhase.SOON, state.scheduled_at, look.seen.scheduled_at
    if _is_same_plan(state, look.seen):
        after = replace(state, is_near=is_on and is_near(was, look.now))
        return after, LiveChange.NOTHING if after == state else LiveChange.DETAILS
    after = replace(
        state,
        scheduled_at=start,
        is_near=is_on and is_near(start, look.now),
        moved_from=was if is_on and start != state.moved_from else None,
    )
    return after, LiveChange.MOVED if is_on else LiveChange.DETAILS


def _miss(state: LiveState, look: _Look) -> _Step:
    after = LiveState(
        phase=LivePhase.ENDED,
        broadcast=state.broadcast + 1,
        scheduled_at=look.seen.scheduled_at or state.scheduled_at,
        started_at=_began(look),
    )
    return after, LiveChange.ENDED


def _cancel(state: LiveState, look: _Look) -> _Step:
    moved, _ = _move(state, look)
    # Nobody waits for what was never planned.
    is_news = state.phase is LivePhase.SOON
    change = LiveChange.CANCELLED if is_news else LiveChange.DETAILS
    after = replace(moved, phase=LivePhase.CANCELLED, is_near=False, moved_from=None)
    return replace(after, observed_at=look.now), change


def _stay_cancelled(state: LiveState, look: _Look) -> _Step:
    after, change = _move(state, look)
    if state.observed_at is not None and look.now - state.observed_at >= _SURE_AFTER:
        after = replace(after, observed_at=None)
    return after, change


def is_surely_cancelled(state: LiveState) -> bool:
    """Tell whether an event was seen to be called off more than once."""
    return state.phase is LivePhase.CANCELLED and state.observed_at is None


def _forget(state: LiveState, look: _Look) -> _Step:
    moved, _ = _move(state, look)
    return replace(moved, phase=LivePhase.IDLE), LiveChange.DETAILS


def is_near(start: datetime | None, now: datetime) -> bool:
    """Tell whether a planned start is less than an hour away."""
    return start is not None and start - now <= NEAR


def _began(look: _Look) -> datetime | None:
    """Return when the broadcast began; the workspace's clock may be ahead of ours."""
    began = look.seen.broadcast_started_at
    return None if began is None else min(began, look.now)


def _is_same_plan(state: LiveState, seen: LiveObservation) -> bool:
    if seen.scheduled_at is None:
        return True
    known = state.scheduled_at
    return known is not None and abs(seen.scheduled_at - known) < _SAME_PLAN


def _viewers(seen: LiveObservation) -> int | None:
    is_count = seen.viewers_now is not None and seen.viewers_now >= 0
    return seen.viewers_now if is_count else None


_STEPS: dict[LivePhase, dict[_Sight, Callable[[LiveState, _Look], _Step]]] = {
    LivePhase.IDLE: {
        _Sight.ON_AIR: _start,
        _Sight.CANCELLED: _cancel,
        _Sight.OVER: _miss,
        _Sight.PLANNED: _plan,
    },
    LivePhase.SOON: {
        _Sight.ON_AIR: _start,
        _Sight.CANCELLED: _cancel,
        _Sight.OVER: _miss,
        _Sight.PLANNED: _move,
        _Sight.QUIET: _move,
    },
    LivePhase.LIVE: {
        _Sight.ON_AIR: _go_on,
        _Sight.CANCELLED: _end,
        _Sight.OVER: _end,
        _Sight.PLANNED: _end,
        _Sight.QUIET: _end,
    },
    LivePhase.ENDED: {
        _Sight.ON_AIR: _come_back,
        _Sight.PLANNED: _plan_next,
    },
    LivePhase.CANCELLED: {
        _Sight.ON_AIR: _start,
        _Sight.CANCELLED: _stay_cancelled,
        _Sight.PLANNED: _plan,
        _Sight.QUIET: _forget,
    },
}


RECORDING_WITHIN = timedelta(hours=48)
_FIRST_WAIT = timedelta(minutes=1)
# A quarter of the time since the end: some forty looks in all.
_PATIENCE = 4
# The platform's clock and ours differ, and so may the times of a broadcast and its recording.
_CLOCKS_DIFFER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A video that the workspace made of a live event. ``created_at``: ``None`` is not known."""

    object_id: ObjectId
    url: str
    created_at: datetime | None


def is_watched(state: LiveState, now: datetime) -> bool:
    """Tell whether the event changes by the minute.

    It does on air, when it has only just ended or been called off, and when its planned start
    comes near.
    """
    if state.phase is LivePhase.SOON:
        return is_near(state.scheduled_at, now) and not state.is_near
    is_ending = state.phase is LivePhase.ENDED and not state.is_settled
    is_in_doubt = state.phase is LivePhase.CANCELLED and not is_surely_cancelled(state)
    return state.phase is LivePhase.LIVE or is_ending or is_in_doubt


def is_recording_due(state: LiveState, last_look: datetime | None, now: datetime) -> bool:
    """Tell whether to look for the recording now.

    Looks become rarer with the time since the end, and cease two days after it. ``last_look`` is
    ``None`` where nobody has looked yet.
    """
    if state.phase is not LivePhase.ENDED or state.recording_url or state.ended_at is None:
        return False
    if not state.is_settled or now - state.ended_at > RECORDING_WITHIN:
        return False
    if last_look is None:
        return True
    return now - last_look >= max(_FIRST_WAIT, (last_look - state.ended_at) / _PATIENCE)


def recording_of(found: Iterable[Recording], state: LiveState) -> Recording | None:
    """Return the newest recording that can be one of this broadcast."""
    began = state.started_at
    fitting = [
        one
        for one in found
        if one.created_at is None or began is None or one.created_at >= began - _CLOCKS_DIFFER
    ]
    return max(fitting, key=lambda one: one.object_id, default=None)
