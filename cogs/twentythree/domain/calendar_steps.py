"""The next step of a calendar: from what is to be, what is stored and what Discord lists.

One step at a time, for what Discord lists of a broadcast: ::

    goal        scheduled                active                     not there
    ----------  -----------------------  -------------------------  --------------------------
    planned     edit what changed        edit; if moved, complete   leave it; make anew if it had
                                                                    ended and is moved
    on air      start                    edit, prolong              leave it
    over        start, then complete     complete                   leave it
    called off  cancel                   complete                   leave it
    hidden      delete                   delete                     forget it
    undecided   -                        -                          leave it
    no goal     cancel                   complete                   forget it

Discord knows no way back from completed or cancelled, and cancels nothing that is active. What is
not there and had not ended, people took out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import TypeAlias, assert_never

from .calendar import (
    LASTS,
    CalendarAim,
    CalendarFields,
    CalendarGoal,
    KeptScheduled,
    ScheduledEvent,
    ScheduledKey,
    ScheduledStage,
    ScheduledStatus,
    mark_of,
)

# Discord completes an active one by itself at its end: before that it is prolonged.
_PROLONGED_BEFORE = timedelta(minutes=15)
# A start must be in the future once the request arrives.
_SOONEST = timedelta(minutes=1)
# What is planned for later is not taken by Discord, for all that is known.
_LATEST = timedelta(days=4 * 365)


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeScheduled:
    """Make it in Discord."""

    key: ScheduledKey
    said: CalendarFields


@dataclass(frozen=True, slots=True, kw_only=True)
class EditScheduled:
    """Have it say what changed, or have another status, or both.

    ``changed`` are names of the fields of ``said``; ``status`` ``None`` leaves it.
    """

    key: ScheduledKey
    scheduled_id: int
    said: CalendarFields
    changed: tuple[str, ...] = ()
    status: ScheduledStatus | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteScheduled:
    """Delete it in Discord."""

    key: ScheduledKey
    scheduled_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteScheduled:
    """Store it so: Discord need not be asked for anything."""

    kept: KeptScheduled


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetScheduled:
    """Store nothing of it any more."""

    key: ScheduledKey


CalendarStep: TypeAlias = (
    MakeScheduled | EditScheduled | DeleteScheduled | NoteScheduled | ForgetScheduled
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarView:
    """What the next step follows from.

    Attributes:
        aims: what is to be.
        kept: what is stored.
        there: what Discord lists, all of the server, by ID; what is completed or cancelled is not.
        resting: of these, mere words and times are not edited yet.
        waiting: of these nothing is asked yet, since Discord has just refused it.
        unsure: of these, which are begun, a request may still be under way.
        may_make: whether there is room for one more, as far as is known.
    """

    aims: Sequence[CalendarAim]
    kept: Sequence[KeptScheduled]
    there: Mapping[int, ScheduledEvent]
    resting: Collection[ScheduledKey] = field(default_factory=frozenset)
    waiting: Collection[ScheduledKey] = field(default_factory=frozenset)
    unsure: Collection[ScheduledKey] = field(default_factory=frozenset)
    may_make: bool = True


def as_stored(kept: Sequence[KeptScheduled]) -> dict[int, ScheduledEvent]:
    """Return what Discord would list if it were as was stored: whether to ask it at all."""
    return {
        one.scheduled_id: ScheduledEvent(
            scheduled_id=one.scheduled_id, status=one.status, said=one.said
        )
        for one in kept
        if one.scheduled_id is not None and not one.status.is_final
    }


def next_step(view: CalendarView, now: datetime) -> CalendarStep | None:
    """Return what is to be done next; ``None``: all is as it is to be, or waits."""
    aims = {aim.key: aim for aim in view.aims}
    steps = [
        step
        for kept in view.kept
        if kept.key not in view.waiting
        for step in _steps(view, kept, aims.get(kept.key), now)
    ]
    # What takes something away goes first, then what costs no request.
    return min(steps, key=_rank, default=None) or _making(view, now)


def _rank(step: CalendarStep) -> int:
    match step:
        case DeleteScheduled():
            return 0
        case NoteScheduled() | ForgetScheduled():
            return 1
        case EditScheduled(status=ScheduledStatus()):
            return 2
        case _:
            return 3


def _steps(
    view: CalendarView, kept: KeptScheduled, aim: CalendarAim | None, now: datetime
) -> Iterator[CalendarStep]:
    match kept.stage:
        case ScheduledStage.CLOSED:
            if aim is None:
                yield ForgetScheduled(key=kept.key)
        case ScheduledStage.BEGUN:
            yield from _settling(view, kept, aim, now)
        case ScheduledStage.MADE | ScheduledStage.EDITING:
            yield from _twins(view, kept)
            there = view.there.get(kept.scheduled_id or 0)
            if there is None:
                yield from _missing(kept, aim, now)
            elif kept.stage is ScheduledStage.EDITING:
                # What came of the edit was not told.
                yield NoteScheduled(kept=_as_listed(kept, there))
            elif there.status is not kept.status:
                yield NoteScheduled(kept=replace(kept, status=there.status))
            else:
                yield from _keeping(view, kept, aim, there, now)
        case _:  # pragma: no cover
            assert_never(kept.stage)


def _settling(
    view: CalendarView, kept: KeptScheduled, aim: CalendarAim | None, now: datetime
) -> Iterator[CalendarStep]:
    """Find out what became of one whose making was not told: it is looked for by its mark."""
    found = _marked(view, kept.key)
    if found is not None:
        yield NoteScheduled(kept=_adopted(kept, found))
    elif kept.key not in view.unsure:
        # It was never made, or is gone: what there is to make, is made anew.
        is_due = aim is not None and _is_makeable(aim, now) and view.may_make
        said = None if aim is None else aim.said
        if is_due and said is not None:
            yield MakeScheduled(key=kept.key, said=said)
        elif aim is None or not _is_makeable(aim, now):
            yield ForgetScheduled(key=kept.key)


def _adopted(kept: KeptScheduled, found: ScheduledEvent) -> KeptScheduled:
    return replace(
        kept,
        stage=ScheduledStage.MADE,
        scheduled_id=found.scheduled_id,
        status=found.status,
    )


def _as_listed(kept: KeptScheduled, there: ScheduledEvent) -> KeptScheduled:
    return _adopted(replace(kept, said=there.said), there)


def _marked(view: CalendarView, key: ScheduledKey) -> ScheduledEvent | None:
    """Return the first of our scheduled events with this mark."""
    found = sorted(_all_marked(view, key), key=lambda one: one.scheduled_id)
    return found[0] if found else None


def _all_marked(view: CalendarView, key: ScheduledKey) -> Iterator[ScheduledEvent]:
    mark = mark_of(key)
    for one in view.there.values():
        if one.is_ours and one.said.location.endswith(mark):
            yield one


def _twins(view: CalendarView, kept: KeptScheduled) -> Iterator[CalendarStep]:
    """Yield the deletion of others with the same mark: only one is for a broadcast."""
    for one in _all_marked(view, kept.key):
        if one.scheduled_id != kept.scheduled_id:
            yield DeleteScheduled(key=kept.key, scheduled_id=one.scheduled_id)


def _missing(kept: KeptScheduled, aim: CalendarAim | None, now: datetime) -> Iterator[CalendarStep]:
    """Yield what follows from one that Discord lists no more."""
    if aim is None or aim.goal is CalendarGoal.HIDDEN:
        yield ForgetScheduled(key=kept.key)
    elif kept.status.is_final:
        # It ended by itself, or the bot ended it: what is planned since then is another one.
        if _is_makeable(aim, now):
            yield ForgetScheduled(key=kept.key)
    elif kept.said.end <= now:
        # Discord ends them by itself.
        yield NoteScheduled(kept=replace(kept, status=ScheduledStatus.COMPLETED))
    else:
        # People took it out.
        yield NoteScheduled(kept=replace(kept, stage=ScheduledStage.CLOSED))


def _keeping(
    view: CalendarView,
    kept: KeptScheduled,
    aim: CalendarAim | None,
    there: ScheduledEvent,
    now: datetime,
) -> Iterator[CalendarStep]:
    """Yield what is to become of one that is in the calendar."""
    is_active = there.status is ScheduledStatus.ACTIVE
    match CalendarGoal.CALLED_OFF if aim is None else aim.goal:
        case CalendarGoal.HIDDEN:
            yield DeleteScheduled(key=kept.key, scheduled_id=there.scheduled_id)
        case CalendarGoal.CALLED_OFF:
            end = ScheduledStatus.COMPLETED if is_active else ScheduledStatus.CANCELLED
            yield _turned(kept, there, end)
        case CalendarGoal.OVER:
            after = ScheduledStatus.COMPLETED if is_active else ScheduledStatus.ACTIVE
            yield _turned(kept, there, after)
        case CalendarGoal.ON_AIR if not is_active:
            yield _turned(kept, there, ScheduledStatus.ACTIVE)
        case CalendarGoal.PLANNED if is_active and _is_moved(kept, aim, now):
            # What has begun in the calendar cannot be planned again: another one takes its place.
            yield _turned(kept, there, ScheduledStatus.COMPLETED)
        case CalendarGoal.PLANNED | CalendarGoal.ON_AIR:
            yield from _editing(view, kept, aim, there, now)


def _turned(kept: KeptScheduled, there: ScheduledEvent, status: ScheduledStatus) -> EditScheduled:
    return EditScheduled(
        key=kept.key, scheduled_id=there.scheduled_id, said=kept.said, status=status
    )


def _is_moved(kept: KeptScheduled, aim: CalendarAim | None, now: datetime) -> bool:
    """Tell whether it is planned for after its end in the calendar; a delay is not that."""
    start = None if aim is None else _start(aim)
    return start is not None and start > now + _SOONEST and start >= kept.said.end


def _start(aim: CalendarAim) -> datetime | None:
    return None if aim.said is None else aim.said.start


def _editing(
    view: CalendarView,
    kept: KeptScheduled,
    aim: CalendarAim | None,
    there: ScheduledEvent,
    now: datetime,
) -> Iterator[EditScheduled]:
    said = _to_say(kept, aim, there, now)
    changed = tuple(
        one.name for one in fields(said) if getattr(said, one.name) != getattr(kept.said, one.name)
    )
    is_prolonged = aim is not None and aim.goal is CalendarGoal.ON_AIR and "end" in changed
    if changed and (is_prolonged or kept.key not in view.resting):
        yield EditScheduled(
            key=kept.key, scheduled_id=there.scheduled_id, said=said, changed=changed
        )


def _to_say(
    kept: KeptScheduled, aim: CalendarAim | None, there: ScheduledEvent, now: datetime
) -> CalendarFields:
    """Return what it is to say: its times stay where they cannot, or need not, be others."""
    before = kept.said
    goal, said = (None, before) if aim is None else (aim.goal, aim.said or before)
    is_scheduled = there.status is ScheduledStatus.SCHEDULED
    if goal is CalendarGoal.PLANNED and is_scheduled and said.start > now + _SOONEST:
        return said
    end = before.end
    if goal is CalendarGoal.ON_AIR and end - now < _PROLONGED_BEFORE:
        end = max(end, now) + LASTS
    return replace(said, start=before.start, end=end)


def _making(view: CalendarView, now: datetime) -> CalendarStep | None:
    """Return the making of what comes first of what has none yet; what is there is taken over."""
    known = {kept.key for kept in view.kept}.union(view.waiting)
    new = [
        (aim.said.start, aim.key, aim.said)
        for aim in view.aims
        if aim.key not in known and aim.said is not None and _is_makeable(aim, now)
    ]
    for _, key, said in sorted(new, key=lambda one: one[:2]):
        found = _marked(view, key)
        if found is not None:
            kept = KeptScheduled(key=key, stage=ScheduledStage.BEGUN, said=found.said)
            return NoteScheduled(kept=_adopted(kept, found))
        if view.may_make:
            return MakeScheduled(key=key, said=said)
    return None


def _is_makeable(aim: CalendarAim, now: datetime) -> bool:
    start = _start(aim)
    if aim.goal is not CalendarGoal.PLANNED or start is None:
        return False
    return now + _SOONEST < start < now + _LATEST
