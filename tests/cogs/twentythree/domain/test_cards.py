from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cogs.twentythree.domain.cards import card_keys, cards, of_new_video, opening, settled, showing
from cogs.twentythree.domain.live import LiveChange
from cogs.twentythree.domain.model import (
    AtEnd,
    AttachmentRules,
    LiveNotice,
    LivePhase,
    LiveState,
    ObjectId,
    VideoNotice,
)
from cogs.twentythree.domain.shown import Series
from tests.fakes.attachments import attachment
from tests.fakes.notices import VIDEO, WEBINAR

NOW = datetime(2030, 1, 2, 12, tzinfo=UTC)
SOON = LiveState(phase=LivePhase.SOON, scheduled_at=NOW + timedelta(hours=1))
CANCELLED = replace(SOON, phase=LivePhase.CANCELLED)
LIVE = LiveState(phase=LivePhase.LIVE, broadcast=1, started_at=NOW)
ENDED = replace(LIVE, phase=LivePhase.ENDED, ended_at=NOW + timedelta(hours=1))
RULES = AttachmentRules()
SERIES = Series(started_at=NOW, step_min=1, viewers=(1, 2), comments=(0, 1))


def card(*, is_start: bool = False, is_end: bool = False, state: LiveState = ENDED) -> LiveNotice:
    return LiveNotice(object=WEBINAR, state=state, is_start=is_start, is_end=is_end)


class TestCards:
    ROOMS = (
        attachment(1, about=WEBINAR, role=77),
        attachment(2, about=WEBINAR),
        attachment(3, about=WEBINAR, live=False, role=77),
    )

    def test_a_start_is_a_message_of_its_own_and_mentions_the_role(self) -> None:
        first, second = cards(WEBINAR, LIVE, LiveChange.STARTED, self.ROOMS)

        assert (first.attachment_id, first.room_id, first.event_key) == (1, 1, "live:8:1:start")
        assert first.notice == LiveNotice(
            object=WEBINAR, state=LIVE, is_start=True, mention_role_id=77
        )
        assert second.notice == LiveNotice(object=WEBINAR, state=LIVE, is_start=True)

    @pytest.mark.parametrize("change", [LiveChange.PLANNED, LiveChange.MOVED, LiveChange.CANCELLED])
    def test_before_a_start_there_is_one_card_without_a_mention(self, change: LiveChange) -> None:
        first, _ = cards(WEBINAR, SOON, change, self.ROOMS)

        assert first.event_key == "live:8:1:soon"
        assert first.notice == LiveNotice(object=WEBINAR, state=SOON, is_start=False)

    def test_an_end_for_good_has_a_message_of_its_own_where_it_was_asked_for(self) -> None:
        asked = replace(
            self.ROOMS[0], rules=AttachmentRules(at_end=AtEnd.ANNOUNCE, mention_role_id=77)
        )

        (only,) = cards(WEBINAR, ENDED, LiveChange.SETTLED, [asked, *self.ROOMS[1:]])

        assert only.event_key == "live:8:1:end"
        assert only.notice == LiveNotice(object=WEBINAR, state=ENDED, is_start=False, is_end=True)

    def test_the_end_of_what_was_missed_is_not_announced(self) -> None:
        asked = replace(self.ROOMS[0], rules=AttachmentRules(at_end=AtEnd.ANNOUNCE))

        missed = replace(ENDED, ended_at=None)

        assert cards(WEBINAR, missed, LiveChange.SETTLED, [asked]) == ()

    @pytest.mark.parametrize("change", [LiveChange.NOTHING, LiveChange.ENDED, LiveChange.DETAILS])
    def test_anything_else_is_told_on_the_cards_there_are(self, change: LiveChange) -> None:
        assert cards(WEBINAR, ENDED, change, self.ROOMS) == ()

    @pytest.mark.parametrize(
        ("state", "number"),
        [
            (LiveState(), 1),
            (SOON, 1),
            (CANCELLED, 1),
            (LIVE, 1),
            (ENDED, 1),
            (replace(SOON, broadcast=1), 2),
            (replace(LIVE, broadcast=2), 2),
            (replace(ENDED, broadcast=3), 3),
        ],
        ids=lambda value: getattr(value, "phase", None) or str(value),
    )
    def test_a_broadcast_and_its_announcement_share_a_number(
        self, state: LiveState, number: int
    ) -> None:
        keys = tuple(f"live:8:{number}:{card}" for card in ("soon", "start", "end"))

        assert tuple(card_keys(ObjectId(8), state)) == keys


class TestOpening:
    ROOM = attachment(1, about=WEBINAR, role=77)

    def test_what_is_planned_is_told_at_once(self) -> None:
        (only,) = opening(WEBINAR, SOON, self.ROOM, mentions=True)

        assert only.event_key == "live:8:1:soon"

    @pytest.mark.parametrize(("mentions", "role"), [(True, 77), (False, None)])
    def test_what_is_on_air_calls_the_role_only_if_it_is_news(
        self, *, mentions: bool, role: int | None
    ) -> None:
        (only,) = opening(WEBINAR, LIVE, self.ROOM, mentions=mentions)

        assert only.event_key == "live:8:1:start"
        assert only.notice == LiveNotice(
            object=WEBINAR, state=LIVE, is_start=True, mention_role_id=role
        )

    @pytest.mark.parametrize("state", [LiveState(), CANCELLED, ENDED], ids=lambda s: s.phase)
    def test_of_anything_else_nothing_is_told(self, state: LiveState) -> None:
        assert opening(WEBINAR, state, self.ROOM, mentions=True) == ()

    def test_nothing_is_told_where_live_state_is_off(self) -> None:
        off = attachment(1, about=WEBINAR, live=False)

        assert opening(WEBINAR, SOON, off, mentions=True) == ()


class TestShowing:
    def test_a_card_shows_the_state_but_not_when_it_was_looked_at(self) -> None:
        before = card(is_start=True, state=replace(LIVE, observed_at=NOW))

        after = showing(before, WEBINAR, replace(LIVE, viewers_now=3, observed_at=None), RULES)

        assert after.state == replace(LIVE, viewers_now=3)
        assert after.state.observed_at == NOW

    def test_a_card_that_is_to_be_deleted_stays_as_it_is(self) -> None:
        gone = replace(card(), is_withdrawn=True)

        assert showing(gone, WEBINAR, LIVE, RULES) is gone

    @pytest.mark.parametrize(("is_on", "is_replaced"), [(True, True), (False, False)])
    def test_the_message_of_the_start_takes_the_place_of_the_card_before(
        self, *, is_on: bool, is_replaced: bool
    ) -> None:
        rules = replace(RULES, announces_live=is_on)

        assert showing(card(state=SOON), WEBINAR, LIVE, rules).is_withdrawn == is_replaced
        for other in (card(is_start=True), card(is_end=True)):
            assert not showing(other, WEBINAR, LIVE, rules).is_withdrawn
        assert not showing(card(state=SOON), WEBINAR, ENDED, rules).is_withdrawn

    def test_a_series_is_of_what_has_ended(self) -> None:
        ended = replace(card(is_start=True), series=SERIES)

        again = replace(ENDED, recording_url="x")
        assert showing(ended, WEBINAR, again, RULES).series == SERIES
        assert showing(ended, WEBINAR, LIVE, RULES).series is None


class TestSettled:
    @pytest.mark.parametrize(
        ("at_end", "holders"),
        [(AtEnd.EDIT, ["start"]), (AtEnd.ANNOUNCE, ["start"]), (AtEnd.DELETE, [])],
    )
    def test_one_card_of_a_room_has_the_series(self, at_end: AtEnd, holders: list[str]) -> None:
        rules = AttachmentRules(at_end=at_end)
        named = {"soon": card(), "start": card(is_start=True), "end": card(is_end=True)}

        after = {name: settled(one, rules, SERIES) for name, one in named.items()}

        assert [name for name, one in after.items() if one.series is not None] == holders
        assert {one.is_withdrawn for one in after.values()} == {at_end is AtEnd.DELETE}


def test_a_new_video_has_a_card_of_its_own() -> None:
    card = of_new_video(attachment(3, about=VIDEO))

    assert (card.room_id, card.event_key) == (3, "video:7")
    assert card.notice == VideoNotice(object=VIDEO)


TOLD = replace(WEBINAR, description="About bread", speakers=("Ada",))


def test_a_card_says_what_its_event_is_about_and_follows_that() -> None:
    before = LiveNotice(object=TOLD, state=SOON, is_start=False)
    reworded = replace(TOLD, description="About cake", speakers=())

    assert showing(before, reworded, SOON, RULES).object == reworded
    # What is over says nothing of it, and need not follow.
    assert showing(before, reworded, CANCELLED, RULES).object == TOLD


def test_a_card_that_was_never_told_of_it_is_not_edited_for_it_alone() -> None:
    old = LiveNotice(object=WEBINAR, state=SOON, is_start=False)

    assert showing(old, TOLD, SOON, RULES) == old
    near = replace(SOON, is_near=True)
    assert showing(old, TOLD, near, RULES).object == TOLD


def test_what_was_written_is_counted_on_the_card_of_the_start_until_it_begins_again() -> None:
    start = settled(card(is_start=True), RULES, SERIES, comments=12, questions=3)

    assert (start.comments, start.questions) == (12, 3)
    assert settled(card(is_end=True), RULES, SERIES, comments=12, questions=3).comments is None
    assert showing(start, WEBINAR, ENDED, RULES).comments == 12
    again = showing(start, WEBINAR, LIVE, RULES)
    assert (again.comments, again.questions, again.series) == (None, None, None)
