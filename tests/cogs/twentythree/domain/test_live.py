from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.twentythree.domain import live
from cogs.twentythree.domain.cards import cards
from cogs.twentythree.domain.live import LiveChange, advance, first_state, steps
from cogs.twentythree.domain.model import (
    LiveObservation,
    LivePhase,
    LiveState,
)
from tests.fakes.attachments import attachment
from tests.fakes.notices import WEBINAR

NOW = datetime(2030, 1, 2, 12, tzinfo=UTC)
OBJECT = WEBINAR.object_id


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def saw(*, on: bool = False, **values: Any) -> LiveObservation:
    return LiveObservation(object_id=OBJECT, is_broadcasting=on, **values)


SOON = LiveState(phase=LivePhase.SOON, scheduled_at=at(60), is_near=True)
CANCELLED = LiveState(phase=LivePhase.CANCELLED, scheduled_at=at(60))
LIVE = LiveState(
    phase=LivePhase.LIVE,
    broadcast=1,
    scheduled_at=at(-5),
    started_at=at(-5),
    observed_at=at(-1),
)
ENDED = replace(LIVE, phase=LivePhase.ENDED, ended_at=at(-1))


class TestBeforeABroadcast:
    def test_a_start_in_the_future_makes_it_soon(self) -> None:
        state, change = advance(LiveState(), saw(scheduled_at=at(60)), NOW)

        assert state == SOON
        assert change is LiveChange.PLANNED

    @pytest.mark.parametrize("seen", [saw(), saw(scheduled_at=at(-60)), saw(scheduled_at=NOW)])
    def test_without_one_it_stays_idle(self, seen: LiveObservation) -> None:
        assert advance(LiveState(), seen, NOW) == (LiveState(), LiveChange.NOTHING)

    def test_another_time_moves_it(self) -> None:
        state, change = advance(SOON, saw(scheduled_at=at(90)), NOW)

        assert state == LiveState(
            phase=LivePhase.SOON, scheduled_at=at(90), moved_from=at(60), is_near=False
        )
        assert change is LiveChange.MOVED
        assert advance(state, saw(scheduled_at=at(60)), NOW) == (SOON, LiveChange.MOVED)

    def test_a_plan_is_near_from_an_hour_before_it(self) -> None:
        seen = saw(scheduled_at=at(61))
        planned, _ = advance(LiveState(), seen, NOW)

        near, change = advance(planned, seen, at(1))

        assert (planned.is_near, near.is_near, change) == (False, True, LiveChange.DETAILS)
        assert advance(near, seen, at(2)) == (near, LiveChange.NOTHING)

    @pytest.mark.parametrize("seen", [saw(), saw(scheduled_at=at(60.9))])
    def test_a_plan_not_told_or_spelled_otherwise_stays(self, seen: LiveObservation) -> None:
        assert advance(SOON, seen, NOW) == (SOON, LiveChange.NOTHING)

    def test_a_plan_whose_time_has_come_stays_until_something_happens(self) -> None:
        assert advance(SOON, saw(scheduled_at=at(60)), at(70)) == (SOON, LiveChange.NOTHING)
        assert advance(SOON, saw(scheduled_at=at(50)), at(70))[0].phase is LivePhase.SOON

    def test_cancelled_and_not_cancelled_any_more(self) -> None:
        state, change = advance(SOON, saw(is_cancelled=True, scheduled_at=at(60)), NOW)

        assert (state, change) == (CANCELLED, LiveChange.CANCELLED)
        assert advance(state, saw(scheduled_at=at(60)), NOW) == (SOON, LiveChange.PLANNED)
        assert advance(state, saw(), NOW) == (SOON, LiveChange.PLANNED)

    def test_cancelled_is_certain_once_it_was_seen_twice(self) -> None:
        seen = saw(is_cancelled=True, scheduled_at=at(60))
        state, _ = advance(SOON, seen, NOW)
        soon, _ = advance(state, seen, at(0.5))
        later, change = advance(soon, seen, at(1))

        told = [live.is_surely_cancelled(one) for one in (state, soon, later)]
        assert told == [False, False, True]
        assert [live.is_watched(one, at(1)) for one in (state, later)] == [True, False]
        assert (later, change) == (state, LiveChange.NOTHING)

    def test_what_is_planned_is_not_over_before(self) -> None:
        for seen in (saw(is_over=True), saw(is_over=True, scheduled_at=at(60))):
            assert advance(SOON, seen, NOW) == (SOON, LiveChange.NOTHING)
            assert advance(SOON, seen, at(61))[0].phase is LivePhase.ENDED

    def test_not_cancelled_any_more_with_no_start_to_come_is_idle(self) -> None:
        state, change = advance(CANCELLED, saw(scheduled_at=at(-5)), NOW)

        assert (state.phase, change) == (LivePhase.IDLE, LiveChange.DETAILS)

    def test_a_cancelled_event_may_still_be_moved(self) -> None:
        state, change = advance(CANCELLED, saw(is_cancelled=True, scheduled_at=at(90)), NOW)

        assert state == replace(CANCELLED, scheduled_at=at(90))
        assert change is LiveChange.DETAILS

    def test_what_was_never_planned_is_cancelled_quietly(self) -> None:
        state, change = advance(LiveState(), saw(is_cancelled=True), NOW)

        assert (state.phase, change) == (LivePhase.CANCELLED, LiveChange.DETAILS)

    def test_a_cancelled_event_that_is_over_stays_cancelled(self) -> None:
        for seen in (saw(is_over=True), saw(is_over=True, is_cancelled=True)):
            assert advance(CANCELLED, seen, NOW) == (CANCELLED, LiveChange.NOTHING)


class TestAStart:
    @pytest.mark.parametrize("before", [LiveState(), SOON, CANCELLED], ids=lambda s: s.phase)
    def test_being_on_air_starts_a_broadcast(self, before: LiveState) -> None:
        state, change = advance(before, saw(on=True, viewers_now=3), NOW)

        assert change is LiveChange.STARTED
        assert state == LiveState(
            phase=LivePhase.LIVE,
            broadcast=1,
            scheduled_at=before.scheduled_at,
            started_at=NOW,
            viewers_now=3,
            viewers_peak=3,
        )

    def test_on_air_counts_more_than_cancelled(self) -> None:
        assert advance(SOON, saw(on=True, is_cancelled=True), NOW)[1] is LiveChange.STARTED

    def test_a_start_found_late_keeps_its_true_time(self) -> None:
        state, _ = advance(SOON, saw(on=True, broadcast_started_at=at(-45)), NOW)

        assert state.started_at == at(-45)

    def test_a_start_is_never_in_the_future(self) -> None:
        state, _ = advance(SOON, saw(on=True, broadcast_started_at=at(5)), NOW)

        assert state.started_at == NOW

    @pytest.mark.parametrize("before", [LiveState(), SOON], ids=lambda s: s.phase)
    @pytest.mark.parametrize("on", [True, False])
    def test_a_start_that_is_over_is_not_announced(self, before: LiveState, *, on: bool) -> None:
        seen = saw(on=on, is_over=True, broadcast_started_at=at(-45))

        state, change = advance(before, seen, NOW)

        assert change is LiveChange.ENDED
        assert cards(WEBINAR, state, change, [attachment()]) == ()
        assert (state.phase, state.broadcast, state.started_at, state.ended_at) == (
            LivePhase.ENDED,
            1,
            at(-45),
            None,
        )

    def test_what_was_missed_and_comes_back_is_announced(self) -> None:
        missed, _ = advance(SOON, saw(is_over=True, broadcast_started_at=at(-5)), NOW)

        state, change = advance(missed, saw(on=True, broadcast_started_at=at(-5)), NOW)

        assert (state.broadcast, change) == (2, LiveChange.STARTED)


class TestOnAir:
    def test_viewers_are_followed_once_a_minute(self) -> None:
        state, change = advance(LIVE, saw(on=True, viewers_now=9), NOW)
        assert (state.viewers_now, state.viewers_peak, change) == (9, 9, LiveChange.DETAILS)

        assert advance(state, saw(on=True, viewers_now=99), at(0.9)) == (state, LiveChange.NOTHING)

        state, _ = advance(state, saw(on=True, viewers_now=4), at(1))
        assert (state.viewers_now, state.viewers_peak) == (4, 9)

        state, _ = advance(state, saw(on=True, viewers_now=-4), at(2))
        assert (state.viewers_now, state.viewers_peak) == (None, 9)

    def test_a_look_that_tells_nothing_new_changes_nothing_that_shows(self) -> None:
        state, change = advance(LIVE, saw(on=True), at(4))

        assert (state, change) == (LIVE, LiveChange.NOTHING)
        assert state.observed_at == at(4)

    def test_a_state_that_does_not_tell_when_it_was_seen_is_taken_as_of_its_start(self) -> None:
        old = replace(LIVE, observed_at=None)

        assert advance(old, saw(on=True), NOW)[0].observed_at == NOW
        assert advance(old, saw(), NOW)[0].ended_at == NOW
        assert advance(replace(old, started_at=None), saw(), NOW)[0].ended_at == NOW
        assert advance(replace(old, started_at=None), saw(on=True), NOW)[0].phase is LivePhase.LIVE

    def test_a_drop_nobody_saw_is_the_same_broadcast(self) -> None:
        state, change = advance(LIVE, saw(on=True, broadcast_started_at=at(4)), at(5))

        assert (state, change) == (LIVE, LiveChange.NOTHING)

    def test_another_broadcast_after_a_long_silence_ends_the_old_one_first(self) -> None:
        seen = saw(on=True, broadcast_started_at=at(1400))

        ended, change = advance(LIVE, seen, at(1440))
        assert (ended, change) == (replace(ENDED, ended_at=at(-1)), LiveChange.ENDED)

        again, change = advance(ended, seen, at(1440))
        assert (again.broadcast, again.started_at, change) == (2, at(1400), LiveChange.STARTED)


class TestAnEnd:
    @pytest.mark.parametrize(
        "seen",
        [
            saw(),
            saw(is_over=True),
            saw(on=True, is_over=True),
            saw(is_cancelled=True),
            saw(scheduled_at=at(90)),
        ],
        ids=["off", "over", "status", "cancelled", "planned"],
    )
    def test_being_off_air_ends_a_broadcast(self, seen: LiveObservation) -> None:
        state, change = advance(replace(LIVE, viewers_now=5, viewers_peak=8), seen, NOW)

        assert change is LiveChange.ENDED
        assert state == replace(ENDED, ended_at=NOW, viewers_now=None, viewers_peak=8)

    def test_an_end_found_late_is_told_as_of_when_it_was_last_seen(self) -> None:
        assert advance(LIVE, saw(), at(600))[0].ended_at == LIVE.observed_at

    @pytest.mark.parametrize("seen", [saw(), saw(is_over=True), saw(is_cancelled=True)])
    def test_what_has_ended_stays_so(self, seen: LiveObservation) -> None:
        assert advance(ENDED, seen, NOW) == (ENDED, LiveChange.NOTHING)

    @pytest.mark.parametrize("began", [None, at(1.5), at(-5)], ids=["untold", "again", "before"])
    def test_coming_back_within_three_minutes_is_the_same_broadcast(
        self, began: datetime | None
    ) -> None:
        state, change = advance(ENDED, saw(on=True, broadcast_started_at=began), at(2))

        assert (state, change) == (LIVE, LiveChange.DETAILS)

    def test_an_end_that_was_none_is_taken_back(self) -> None:
        state, change = advance(ENDED, saw(on=True, broadcast_started_at=at(-5)), at(30))

        assert (state, change) == (LIVE, LiveChange.DETAILS)

    @pytest.mark.parametrize("began", [None, at(2.5)], ids=["untold", "told"])
    def test_a_broadcast_later_is_another_one(self, began: datetime | None) -> None:
        before = replace(ENDED, viewers_peak=8)

        state, change = advance(before, saw(on=True, broadcast_started_at=began), at(2.6))

        assert (state.broadcast, state.started_at, change) == (
            2,
            began or at(2.6),
            LiveChange.STARTED,
        )
        assert (state.ended_at, state.viewers_peak) == (None, None)

    def test_a_new_plan_makes_it_soon_again(self) -> None:
        state, change = advance(ENDED, saw(scheduled_at=at(90)), at(5))

        assert state == LiveState(phase=LivePhase.SOON, broadcast=1, scheduled_at=at(90))
        assert change is LiveChange.PLANNED

    def test_the_plan_of_what_has_ended_is_no_new_one(self) -> None:
        early = replace(ENDED, scheduled_at=at(60))

        assert advance(early, saw(scheduled_at=at(60)), at(5)) == (early, LiveChange.NOTHING)

    def test_what_nobody_has_seen_may_still_come_as_it_was_planned(self) -> None:
        *_, (missed, _) = steps(LiveState(), saw(is_over=True, scheduled_at=at(60)), NOW)
        assert missed.phase is LivePhase.ENDED

        state, change = advance(missed, saw(scheduled_at=at(60)), at(5))

        assert (state.phase, change) == (LivePhase.SOON, LiveChange.PLANNED)

    def test_what_may_still_come_back_is_not_planned_anew(self) -> None:
        assert advance(ENDED, saw(scheduled_at=at(90)), at(1)) == (ENDED, LiveChange.NOTHING)


class TestSteps:
    """What one look makes of an event, as a list of changes and the last state."""

    @staticmethod
    def look(
        state: LiveState, seen: LiveObservation, now: datetime = NOW, same: timedelta | None = None
    ) -> tuple[list[LiveChange], LiveState]:
        options = {} if same is None else {"same_broadcast": same}
        taken = list(steps(state, seen, now, **options))
        return [change for _, change in taken], taken[-1][0]

    def test_a_look_that_finds_nothing_is_one_step(self) -> None:
        assert self.look(SOON, saw()) == ([LiveChange.NOTHING], SOON)

    def test_an_end_is_settled_when_it_can_not_come_back_any_more(self) -> None:
        changes, ended = self.look(replace(LIVE, observed_at=at(0)), saw())
        assert changes == [LiveChange.ENDED, LiveChange.NOTHING]
        assert not ended.is_settled

        assert self.look(ended, saw(), at(3)) == ([LiveChange.NOTHING], ended)
        changes, settled = self.look(ended, saw(), at(3.1))
        assert changes == [LiveChange.SETTLED, LiveChange.NOTHING]
        assert settled == replace(ended, is_settled=True)
        assert self.look(settled, saw(), at(4)) == ([LiveChange.NOTHING], settled)

    def test_the_time_for_coming_back_can_be_set(self) -> None:
        ended = replace(ENDED, ended_at=NOW)

        assert self.look(ended, saw(), at(1.1), timedelta(minutes=1))[1].is_settled
        back, state = self.look(ended, saw(on=True), at(9), timedelta(minutes=10))
        assert (back[0], state.broadcast) == (LiveChange.DETAILS, 1)
        again, state = self.look(ended, saw(on=True), at(2), timedelta(minutes=1))
        assert (again[:2], state.broadcast) == ([LiveChange.SETTLED, LiveChange.STARTED], 2)

    def test_an_end_found_late_is_settled_and_a_new_start_follows_in_the_same_look(self) -> None:
        changes, state = self.look(LIVE, saw(on=True, broadcast_started_at=at(1400)), at(1440))

        assert changes == [
            LiveChange.ENDED,
            LiveChange.SETTLED,
            LiveChange.STARTED,
            LiveChange.NOTHING,
        ]
        assert (state.broadcast, state.started_at) == (2, at(1400))

    def test_a_broadcast_is_settled_before_the_next_is_planned(self) -> None:
        changes, state = self.look(ENDED, saw(scheduled_at=at(90)), at(5))

        assert changes == [LiveChange.SETTLED, LiveChange.PLANNED, LiveChange.NOTHING]
        assert not state.is_settled

    def test_what_was_missed_is_settled_at_once(self) -> None:
        changes, state = self.look(SOON, saw(is_over=True), at(61))

        assert changes == [LiveChange.ENDED, LiveChange.SETTLED, LiveChange.NOTHING]
        assert state.is_settled

    def test_what_was_over_at_the_first_look_is_settled(self) -> None:
        assert first_state(saw(is_over=True), NOW).is_settled

    def test_an_end_that_was_none_is_not_settled_first(self) -> None:
        changes, state = self.look(ENDED, saw(on=True, broadcast_started_at=at(-5)), at(30))

        assert changes == [LiveChange.DETAILS, LiveChange.NOTHING]
        assert (state.broadcast, state.phase) == (1, LivePhase.LIVE)

    def test_an_end_that_was_none_is_not_settled_any_more(self) -> None:
        settled = replace(ENDED, is_settled=True)

        _, state = self.look(settled, saw(on=True, broadcast_started_at=at(-5)), at(30))

        assert (state.phase, state.is_settled) == (LivePhase.LIVE, False)


class TestTheFirstLook:
    @pytest.mark.parametrize(
        ("seen", "phase", "broadcast"),
        [
            (saw(), LivePhase.IDLE, 0),
            (saw(scheduled_at=at(60)), LivePhase.SOON, 0),
            (saw(is_cancelled=True), LivePhase.CANCELLED, 0),
            (saw(on=True), LivePhase.LIVE, 1),
            (saw(is_over=True), LivePhase.ENDED, 1),
        ],
        ids=lambda value: str(value)[:10] if isinstance(value, LivePhase | int) else "seen",
    )
    def test_what_is_there_already_is_remembered(
        self, seen: LiveObservation, phase: LivePhase, broadcast: int
    ) -> None:
        state = first_state(seen, NOW)

        assert (state.phase, state.broadcast) == (phase, broadcast)
        assert advance(state, seen, NOW) == (state, LiveChange.NOTHING)


def test_every_phase_has_its_steps() -> None:
    assert set(live._STEPS) == set(LivePhase)


TIMES = st.none() | st.integers(-3000, 3000).map(at)
SEEN = st.builds(
    LiveObservation,
    object_id=st.just(OBJECT),
    is_broadcasting=st.booleans(),
    is_cancelled=st.booleans(),
    is_over=st.booleans(),
    scheduled_at=TIMES,
    broadcast_started_at=TIMES,
    viewers_now=st.none() | st.integers(-1, 99),
)
LOOKS = st.lists(st.tuples(st.integers(0, 2000), SEEN), min_size=1, max_size=12)


@given(LOOKS)
def test_the_same_look_again_changes_nothing(looks: list[tuple[int, LiveObservation]]) -> None:
    state, now = LiveState(), at(-3000)
    for minutes, seen in looks:
        now += timedelta(minutes=minutes)
        before = state
        for after, change in steps(state, seen, now):
            assert (after == before) is (change is LiveChange.NOTHING)
            before = state = after

        assert list(steps(state, seen, now)) == [(state, LiveChange.NOTHING)]


@given(LOOKS)
def test_no_start_is_announced_twice_and_the_count_never_falls(
    looks: list[tuple[int, LiveObservation]],
) -> None:
    state, now = LiveState(), at(-3000)
    announced: set[int] = set()
    for minutes, seen in looks:
        now += timedelta(minutes=minutes)
        for after, change in steps(state, seen, now):
            assert state.broadcast <= after.broadcast <= state.broadcast + 1
            state = after
            if change is LiveChange.STARTED:
                assert state.broadcast not in announced
                announced.add(state.broadcast)

        is_live = state.phase is LivePhase.LIVE
        assert not is_live or state.started_at is None or state.started_at <= now


@given(LOOKS)
def test_a_broadcast_is_settled_once_and_before_another_begins(
    looks: list[tuple[int, LiveObservation]],
) -> None:
    state, now = LiveState(), at(-3000)
    for minutes, seen in looks:
        now += timedelta(minutes=minutes)
        for after, change in steps(state, seen, now):
            if change in {LiveChange.STARTED, LiveChange.PLANNED}:
                assert state.phase is not LivePhase.ENDED or state.is_settled
            if change is LiveChange.SETTLED:
                assert not state.is_settled
            state = after
