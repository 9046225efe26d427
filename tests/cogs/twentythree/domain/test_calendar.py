"""What is to be done in a calendar next: stored, platform and Discord as a table."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cogs.twentythree.domain.calendar import (
    LASTS,
    CoveredEvent,
    KeptScheduled,
    ScheduledEvent,
    ScheduledStage,
    ScheduledStatus,
)
from cogs.twentythree.domain.calendar_steps import (
    CalendarStep,
    CalendarView,
    DeleteScheduled,
    EditScheduled,
    ForgetScheduled,
    MakeScheduled,
    NoteScheduled,
    as_stored,
    next_step,
)
from cogs.twentythree.domain.model import LivePhase, LiveState
from cogs.twentythree.embeds import calendar_aim
from tests.fakes.calendars import (
    HOUR,
    KEY,
    NOW,
    SCHEDULED_ID,
    SOON,
    START,
    covered,
    kept,
    said_of,
    there,
)

_SCHEDULED, _ACTIVE = ScheduledStatus.SCHEDULED, ScheduledStatus.ACTIVE
_COMPLETED, _CANCELLED = ScheduledStatus.COMPLETED, ScheduledStatus.CANCELLED
_BEGUN, _MADE, _CLOSED = ScheduledStage.BEGUN, ScheduledStage.MADE, ScheduledStage.CLOSED
_LIVE = LiveState(
    phase=LivePhase.LIVE, broadcast=1, scheduled_at=START, started_at=START, observed_at=START
)
_ENDED = replace(_LIVE, phase=LivePhase.ENDED, ended_at=START + HOUR)
_OVER = replace(_ENDED, is_settled=True)
_MISSED = replace(_OVER, started_at=None)
_OFF = replace(SOON, phase=LivePhase.CANCELLED)


def moved(to: timedelta) -> CoveredEvent:
    return covered(replace(SOON, scheduled_at=START + to))


def make(event: CoveredEvent | None = None) -> CalendarStep:
    return MakeScheduled(key=KEY, said=said_of(event))


def edit(
    *changed: str, event: CoveredEvent | None = None, status: ScheduledStatus | None = None
) -> CalendarStep:
    return EditScheduled(
        key=KEY, scheduled_id=SCHEDULED_ID, said=said_of(event), changed=changed, status=status
    )


def note(one: KeptScheduled) -> CalendarStep:
    return NoteScheduled(kept=one)


def closed() -> KeptScheduled:
    return replace(kept(), stage=_CLOSED)


_FORGET = ForgetScheduled(key=KEY)
_DELETE = DeleteScheduled(key=KEY, scheduled_id=SCHEDULED_ID)
_FOUND = replace(kept(), said=there().said)
_NEW_TITLE = covered(title="New")
_NO_PICTURE = covered(picture_url=None)

# The event, what is kept, what Discord lists, and the step.
_CASES: dict[
    str,
    tuple[CoveredEvent | None, KeptScheduled | None, ScheduledEvent | None, CalendarStep | None],
] = {
    "planned, nothing there": (covered(), None, None, make()),
    "planned and there": (covered(), kept(), there(), None),
    "planned too soon": (moved(-24 * HOUR + timedelta(seconds=30)), None, None, None),
    "planned too late": (moved(5 * 365 * 24 * HOUR), None, None, None),
    "found on air": (covered(_LIVE), None, None, None),
    "found cancelled": (covered(_OFF), None, None, None),
    "found over": (covered(_OVER), None, None, None),
    "found not public": (covered(is_public=False), None, None, None),
    "found gone": (covered(is_gone=True), None, None, None),
    "without an address": (covered(url=""), None, None, None),
    "there without being kept": (covered(), None, there(), note(_FOUND)),
    "somebody else's with our mark": (covered(), None, there(is_ours=False), make()),
    "renamed": (_NEW_TITLE, kept(), there(), edit("name", event=_NEW_TITLE)),
    "renamed by hand": (covered(), kept(), there(name="Theirs"), None),
    "moved": (moved(HOUR), kept(), there(), edit("start", "end", event=moved(HOUR))),
    "another picture": (_NO_PICTURE, kept(), there(), edit("picture_url", event=_NO_PICTURE)),
    "on air": (covered(_LIVE), kept(), there(), edit(status=_ACTIVE)),
    "on air, begun by itself": (covered(_LIVE), kept(), there(_ACTIVE), note(kept(_MADE, _ACTIVE))),
    "on air and active": (covered(_LIVE), kept(_MADE, _ACTIVE), there(_ACTIVE), None),
    "ended, may come back": (covered(_ENDED), kept(_MADE, _ACTIVE), there(_ACTIVE), None),
    "over": (covered(_OVER), kept(_MADE, _ACTIVE), there(_ACTIVE), edit(status=_COMPLETED)),
    "over, not begun in the calendar": (covered(_OVER), kept(), there(), edit(status=_ACTIVE)),
    "missed": (covered(_MISSED), kept(), there(), edit(status=_CANCELLED)),
    "cancelled": (covered(_OFF), kept(), there(), edit(status=_CANCELLED)),
    "cancelled while active": (
        covered(_OFF),
        kept(_MADE, _ACTIVE),
        there(_ACTIVE),
        edit(status=_COMPLETED),
    ),
    "cancelled, done": (covered(_OFF), kept(_MADE, _CANCELLED), None, None),
    "planned again": (covered(), kept(_MADE, _CANCELLED), None, _FORGET),
    "not followed": (None, kept(), there(), edit(status=_CANCELLED)),
    "not followed, done": (None, kept(_MADE, _CANCELLED), None, _FORGET),
    "deleted on the platform": (covered(is_gone=True), kept(), there(), edit(status=_CANCELLED)),
    "not public": (covered(is_public=False), kept(), there(), _DELETE),
    "not public while active": (
        covered(_LIVE, is_public=False),
        kept(_MADE, _ACTIVE),
        there(_ACTIVE),
        _DELETE,
    ),
    "not public, done": (covered(is_public=False), kept(), None, _FORGET),
    "not public, begun": (covered(is_public=False), kept(_BEGUN), there(), note(kept())),
    "taken out by people": (covered(), kept(), None, note(closed())),
    "taken out and moved": (moved(HOUR), closed(), None, None),
    "taken out, then not public": (covered(is_public=False), closed(), None, None),
    "taken out, not followed": (None, closed(), None, _FORGET),
    "begun and there": (covered(), kept(_BEGUN), there(), note(kept())),
    "begun, not there": (covered(), kept(_BEGUN), None, make()),
    "begun, moved since": (moved(HOUR), kept(_BEGUN), None, make(moved(HOUR))),
    "begun, cancelled since": (covered(_OFF), kept(_BEGUN), None, _FORGET),
    "begun, not followed": (None, kept(_BEGUN), there(), note(kept())),
}


def view(
    event: CoveredEvent | None,
    one: KeptScheduled | None,
    *listed: ScheduledEvent | None,
    **more: object,
) -> CalendarView:
    return CalendarView(
        aims=[] if event is None else [calendar_aim(event)],
        kept=[] if one is None else [one],
        there={each.scheduled_id: each for each in listed if each is not None},
        **more,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(("event", "one", "listed", "step"), _CASES.values(), ids=_CASES)
def test_what_is_to_be_done(
    event: CoveredEvent | None,
    one: KeptScheduled | None,
    listed: ScheduledEvent | None,
    step: CalendarStep | None,
) -> None:
    assert next_step(view(event, one, listed), NOW) == step


def test_what_may_still_turn_up_is_not_made_again_yet() -> None:
    assert next_step(view(covered(), kept(_BEGUN), unsure=[KEY]), NOW) is None
    assert next_step(view(covered(), kept(_BEGUN), there(), unsure=[KEY]), NOW) == note(kept())


def test_of_two_with_one_mark_the_first_stays() -> None:
    second = there(scheduled_id=SCHEDULED_ID + 1)

    assert next_step(view(covered(), kept(_BEGUN), second, there()), NOW) == note(kept())
    deletion = DeleteScheduled(key=KEY, scheduled_id=second.scheduled_id)
    assert next_step(view(covered(), kept(), second, there()), NOW) == deletion


def test_a_full_calendar_gets_no_more() -> None:
    assert next_step(view(covered(), None, may_make=False), NOW) is None
    assert next_step(view(covered(), kept(_BEGUN), may_make=False), NOW) is None


def test_words_rest_and_states_do_not() -> None:
    on_air = view(covered(_LIVE), kept(), there(), resting=[KEY])

    assert next_step(view(_NEW_TITLE, kept(), there(), resting=[KEY]), NOW) is None
    assert next_step(on_air, NOW) == edit(status=_ACTIVE)
    assert next_step(view(covered(_LIVE), kept(), there(), waiting=[KEY]), NOW) is None


def test_a_broadcast_that_lasts_prolongs_it() -> None:
    on_air = view(covered(_LIVE), kept(_MADE, _ACTIVE), there(_ACTIVE), resting=[KEY])
    end = START + LASTS

    assert next_step(on_air, end - timedelta(minutes=20)) is None
    step = next_step(on_air, end - timedelta(minutes=10))
    assert isinstance(step, EditScheduled)
    assert (step.changed, step.said.end) == (("end",), end + LASTS)


def test_one_that_has_begun_waits_for_a_delay_and_gives_way_to_another_time() -> None:
    begun, active = kept(_MADE, _ACTIVE), there(_ACTIVE)
    now = START + timedelta(minutes=5)

    assert next_step(view(moved(timedelta(minutes=30)), begun, active), now) is None
    assert next_step(view(moved(24 * HOUR), begun, active), now) == edit(status=_COMPLETED)
    done = replace(begun, status=_COMPLETED)
    assert next_step(view(moved(24 * HOUR), done), now) == _FORGET


def test_one_that_ended_by_itself_was_not_taken_out() -> None:
    now = START + 2 * LASTS
    ended = next_step(view(covered(), kept(_MADE, _ACTIVE)), now)

    assert ended == note(kept(_MADE, _COMPLETED))
    assert next_step(view(covered(), kept(_MADE, _COMPLETED)), now) is None
    assert next_step(view(moved(24 * HOUR), kept(_MADE, _COMPLETED)), now) == _FORGET


def test_the_broadcast_after_has_one_of_its_own() -> None:
    again = covered(replace(SOON, broadcast=1))

    assert next_step(view(again, kept(), there()), NOW) == edit(status=_CANCELLED)
    assert next_step(view(again, kept(_MADE, _CANCELLED)), NOW) == _FORGET
    step = next_step(view(again, None), NOW)
    assert isinstance(step, MakeScheduled)
    assert step.key == (KEY.object_id, 2)


def test_what_is_taken_away_goes_first_and_the_next_start_comes_first() -> None:
    other = covered(replace(SOON, scheduled_at=START - HOUR), object_id=KEY.object_id + 1)
    hidden = covered(object_id=KEY.object_id + 2, is_public=False)
    three = CalendarView(
        aims=[calendar_aim(one) for one in (covered(), other, hidden)],
        kept=[replace(kept(), key=hidden.key)],
        there={SCHEDULED_ID: there(location="https://x")},
    )

    assert isinstance(next_step(three, NOW), DeleteScheduled)
    first = next_step(replace(three, kept=[], there={}), NOW)
    assert isinstance(first, MakeScheduled)
    assert first.key == other.key


def test_nobody_is_asked_where_all_is_as_it_was_stored() -> None:
    stored = [kept(), replace(kept(_MADE, _CANCELLED), key=KEY._replace(broadcast=0))]

    assert list(as_stored(stored)) == [SCHEDULED_ID]
    assert as_stored([kept(_BEGUN)]) == {}
