"""The life of a live event: what is remembered, against what is seen, gives the next state.

*On air* is being shown to viewers (``broadcasting_p``) while the event is not over (its
``live_status`` is not ``previous``); a mere signal is not. *Cancelled* and *over* count while
it is not on air; *planned* is a start in the future; *quiet* is none of these. ::

    remembered  on air      cancelled   over      planned     quiet
    ----------  ----------  ----------  --------  ----------  ----------
    idle        start       cancel      missed    plan        -
    soon        start       cancel      missed    move        move
    live        go on       end         end       end         end
    ended       come back   -           -         plan next   -
    cancelled   start       move        -         plan        forget

start      a new broadcast, with the time at which it really began: the one step with a message
           of its own
plan       the card that says "soon"
move       another time for the same plan; what an observation does not tell stays as it was
missed     it was on and over between two looks, or never began: told on the card, not announced
cancel     told on the card
forget     not cancelled any more, with no start in the future
end        at the time it was seen to be off, or was last seen on if nobody looked for long
come back  within three minutes of its end, or on air since before it: the same broadcast;
           else a start
plan next  a plan other than the one of the broadcast that has ended
go on      viewers; but a start long after the broadcast was last seen is another broadcast, and
           ends this one

One look takes one step, so that each broadcast's cards can be made to show its own end: after an
end found late, the next look takes the step that follows from it. In all other cases the same
look again changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum, StrEnum, auto

from .model import (
    Attachment,
    LiveNotice,
    LiveObservation,
    LivePhase,
    LiveState,
    NewNotice,
    ObjectId,
    ObjectInfo,
)

# A signal that drops and returns must not announce a second start.
SAME_BROADCAST = timedelta(minutes=3)
# What may lie between two looks (at most five minutes) with a drop of the signal in between.
_OUT_OF_SIGHT = timedelta(minutes=10)
# Two spellings of one planned time may differ by their seconds.
_SAME_PLAN = timedelta(minutes=1)
# Viewers come and go by the second; a card is edited for them once a minute.
_VIEWERS_EVERY = timedelta(minutes=1)


class LiveChange(StrEnum):
    """What one look at a live event changed."""

    NOTHING = "nothing"
    PLANNED = "planned"
    MOVED = "moved"
    CANCELLED = "cancelled"
    STARTED = "started"
    ENDED = "ended"
    DETAILS = "details"


_Step = tuple[LiveState, LiveChange]
# Changes after which every room has a card about what is to come; where it has one, it is edited.
_CARD_BEFORE = frozenset({LiveChange.PLANNED, LiveChange.MOVED, LiveChange.CANCELLED})


class _Sight(Enum):
    ON_AIR = auto()
    CANCELLED = auto()
    OVER = auto()
    PLANNED = auto()
    QUIET = auto()


def first_state(seen: LiveObservation, now: datetime) -> LiveState:
    """Return the state to remember at the first look, of which nothing is said."""
    state, _ = advance(LiveState(), seen, now)
    return state


def advance(state: LiveState, seen: LiveObservation, now: datetime) -> tuple[LiveState, LiveChange]:
    """Return the new state and what changed. See the table above.

    Args:
        state: what is remembered.
        seen: what the workspace says now.
        now: the time, aware.
    """
    step = _STEPS[state.phase].get(_sight(state, seen, now))
    return _same(state) if step is None else step(state, seen, now)


def cards(
    info: ObjectInfo, state: LiveState, change: LiveChange, attachments: Iterable[Attachment]
) -> tuple[NewNotice, ...]:
    """Return the cards that a change calls for; the outbox drops those that exist already.

    A start has a message of its own, which alone mentions the role. Before it there is one card,
    made when the event is planned, moved or cancelled.
    """
    is_start = change is LiveChange.STARTED
    if not is_start and change not in _CARD_BEFORE:
        return ()
    before_key, start_key = card_keys(info.object_id, state)
    return tuple(
        NewNotice(
            attachment_id=attachment.attachment_id,
            room_id=attachment.room_id,
            event_key=start_key if is_start else before_key,
            notice=LiveNotice(
                object=info,
                state=state,
                is_start=is_start,
                mention_role_id=attachment.rules.mention_role_id if is_start else None,
            ),
        )
        for attachment in attachments
        if attachment.rules.announces_live
    )


def card_keys(object_id: ObjectId, state: LiveState) -> tuple[str, str]:
    """Return the keys of the cards that show this state: the one before and that of the start.

    They hold the number of the broadcast: the present or last one, or the one to come.
    """
    is_begun = state.phase in {LivePhase.LIVE, LivePhase.ENDED}
    broadcast = state.broadcast if is_begun else state.broadcast + 1
    return f"live:{object_id}:{broadcast}:soon", f"live:{object_id}:{broadcast}:start"


def _sight(state: LiveState, seen: LiveObservation, now: datetime) -> _Sight:
    if seen.is_broadcasting and not seen.is_over:
        return _Sight.ON_AIR
    if seen.is_cancelled:
        return _Sight.CANCELLED
    if seen.is_over:
        return _Sight.OVER
    planned = seen.scheduled_at or state.scheduled_at
    return _Sight.PLANNED if planned is not None and planned > now else _Sight.QUIET


def _same(state: LiveState) -> _Step:
    return state, LiveChange.NOTHING


def _start(state: LiveState, seen: LiveObservation, now: datetime) -> _Step:
    viewers = _viewers(seen)
    after = LiveState(
        phase=LivePhase.LIVE,
        broadcast=state.broadcast + 1,
        scheduled_at=seen.scheduled_at or state.scheduled_at,
        started_at=_began(seen, now) or now,
        viewers_now=viewers,
        viewers_peak=viewers,
        observed_at=now,
    )
    return after, LiveChange.STARTED


def _go_on(state: LiveState, seen: LiveObservation, now: datetime) -> _Step:
    last = state.observed_at or state.started_at or now
    began = _began(seen, now)
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


def _end(state: LiveState, seen: LiveObservation, now: datetime) -> _Step:
    del seen
    last = state.observed_at or state.started_at or now
    return _ended(state, now if now - last <= _OUT_OF_SIGHT else last)


def _ended(state: LiveState, at: datetime) -> _Step:
    return replace(state, phase=LivePhase.ENDED, ended_at=at, viewers_now=None), LiveChange.ENDED


def _come_back(state: LiveState, seen: LiveObservation, now: datetime) -> _Step:
    began = _began(seen, now) or now
    if state.ended_at is None or began - state.ended_at > SAME_BROADCAST:
        return _start(state, seen, now)
    after = replace(state, phase=LivePhase.LIVE, ended_at=None, observed_at=now)
    return after, LiveChange.DETAILS


def _plan(state: LiveState, seen: LiveObservation, now: datetime) -> _Step:
    del now
    after = LiveState(
        phase=LivePhase.SOON,
        broadcast=state.broadcast,
        scheduled_at=seen.scheduled_at or state.scheduled_at,
    )
    return after, LiveChange.PLANNED


def _plan_next(state: LiveState, seen: LiveObservation, now: datetime) -> _Step:
    may_come_back = state.ended_at is not None and now - state.ended_at <= SAME_BROADCAST
    if may_come_back or _is_same_plan(state, seen):
        return _same(state)
    return _plan(state, seen, now)


def _move(state: LiveState, seen: LiveObservation, now: datetime) -> _Step:
    del now
    if _is_same_plan(state, seen):
        return _same(state)
    is_on = state.phase is LivePhase.SOON
    change = LiveChange.MOVED if is_on else LiveChange.DETAILS
    return replace(state, scheduled_at=seen.scheduled_at), change


def _miss(state: LiveState, seen: LiveObservation, now: datetime) -> _Step:
    after = LiveState(
        phase=LivePhase.ENDED,
        broadcast=state.broadcast + 1,
        scheduled_at=seen.scheduled_at or state.scheduled_at,
        started_at=_began(seen, now),
    )
    return after, LiveChange.ENDED


def _cancel(state: LiveState, seen: LiveObservation, now: datetime) -> _Step:
    moved, _ = _move(state, seen, now)
    # Nobody waits for what was never planned.
    is_news = state.phase is LivePhase.SOON
    change = LiveChange.CANCELLED if is_news else LiveChange.DETAILS
    return replace(moved, phase=LivePhase.CANCELLED), change


def _forget(state: LiveState, seen: LiveObservation, now: datetime) -> _Step:
    moved, _ = _move(state, seen, now)
    return replace(moved, phase=LivePhase.IDLE), LiveChange.DETAILS


def _began(seen: LiveObservation, now: datetime) -> datetime | None:
    """Return when the broadcast began; the workspace's clock may be ahead of ours."""
    began = seen.broadcast_started_at
    return None if began is None else min(began, now)


def _is_same_plan(state: LiveState, seen: LiveObservation) -> bool:
    if seen.scheduled_at is None:
        return True
    known = state.scheduled_at
    return known is not None and abs(seen.scheduled_at - known) < _SAME_PLAN


def _viewers(seen: LiveObservation) -> int | None:
    is_count = seen.viewers_now is not None and seen.viewers_now >= 0
    return seen.viewers_now if is_count else None


_STEPS: dict[LivePhase, dict[_Sight, Callable[[LiveState, LiveObservation, datetime], _Step]]] = {
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
        _Sight.CANCELLED: _move,
        _Sight.PLANNED: _plan,
        _Sight.QUIET: _forget,
    },
}
