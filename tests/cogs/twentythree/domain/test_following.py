from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from cogs.twentythree.domain.following import (
    LIVE_KEPT,
    MOST_AT_ONCE,
    VIDEO_KEPT,
    LookResult,
    choose,
    is_spent,
)
from cogs.twentythree.domain.model import LivePhase, LiveState, ObjectId, ObjectKind
from tests.fakes.attachments import ATTACHED_AT, attachment
from tests.fakes.bridge import NOW, a_follow
from tests.fakes.notices import VIDEO, WEBINAR

EVENTS = a_follow(kind=ObjectKind.LIVE)
VIDEOS = a_follow(kind=ObjectKind.VIDEO)


def ids(*numbers: int) -> tuple[ObjectId, ...]:
    return tuple(map(ObjectId, numbers))


def test_live_events_to_come_are_attached_at_the_first_look_oldest_first() -> None:
    assert choose(EVENTS, ids(9, 3, 5), ids(5), is_all=True) == LookResult(attach=ids(3, 9))


def test_videos_that_are_there_at_the_first_look_are_the_baseline() -> None:
    assert choose(VIDEOS, ids(9, 3), (), is_all=True) == LookResult(attach=(), known=ids(3, 9))


def test_where_not_all_was_seen_what_lies_below_is_old() -> None:
    first = choose(VIDEOS, ids(9, 5), (), is_all=False)
    assert first == LookResult(attach=(), known=ids(5, 9), floor=ObjectId(5))

    later = replace(VIDEOS, looked_at=NOW, floor=first.floor)
    assert choose(later, ids(2, 9, 12), ids(5, 9), is_all=False) == LookResult(
        attach=ids(12), floor=ObjectId(5)
    )


def test_an_empty_category_has_no_floor() -> None:
    assert choose(VIDEOS, (), (), is_all=False) == LookResult(attach=())


def test_a_video_that_comes_later_is_attached_whatever_its_number() -> None:
    later = replace(VIDEOS, looked_at=NOW)

    assert choose(later, ids(1, 9), ids(9), is_all=True) == LookResult(attach=ids(1))


def test_what_was_published_before_the_follow_was_made_is_old_and_what_came_since_is_new() -> None:
    made = VIDEOS.followed_at
    published = {
        ObjectId(1): made - timedelta(days=1),
        ObjectId(2): made.replace(microsecond=0),
        ObjectId(9): made + timedelta(seconds=1),
    }
    result = choose(VIDEOS, ids(1, 2, 9), (), is_all=False, published=published)

    assert (result.attach, result.known) == (ids(2, 9), ids(1))


def test_a_draft_that_is_published_late_is_new_and_many_old_ones_at_once_are_not() -> None:
    made = VIDEOS.followed_at
    published = {ObjectId(one): made - timedelta(days=one) for one in range(1, 5)}
    later = replace(VIDEOS, looked_at=NOW)
    few = choose(later, ids(1, 2, 3), (), is_all=True, published=published)
    many = choose(later, ids(1, 2, 3, 4, 9), (), is_all=True, published=published)

    floored = choose(
        replace(later, floor=ObjectId(3)), ids(1, 2, 3, 4), (), is_all=False, published=published
    )

    assert (floored.attach, floored.known) == (ids(4), ())
    assert (few.attach, few.known) == (ids(1, 2, 3), ())
    assert (many.attach, many.known) == (ids(9), ids(1, 2, 3, 4))


def test_many_at_once_are_attached_in_several_looks() -> None:
    found = ids(*range(1, MOST_AT_ONCE + 3))

    first = choose(EVENTS, found, (), is_all=True)
    assert (first.attach, first.is_done) == (found[:MOST_AT_ONCE], False)

    rest = choose(EVENTS, found, first.attach, is_all=True)
    assert (rest.attach, rest.is_done) == (found[MOST_AT_ONCE:], True)


ENDED = LiveState(phase=LivePhase.ENDED, ended_at=NOW)
CANCELLED = LiveState(phase=LivePhase.CANCELLED, scheduled_at=NOW)


@pytest.mark.parametrize(
    ("state", "since"),
    [
        (ENDED, NOW),
        (CANCELLED, NOW),
        (replace(ENDED, ended_at=None), ATTACHED_AT),
    ],
    ids=["ended", "cancelled", "missed"],
)
def test_a_live_event_stays_for_a_week_after_it_is_over(state: LiveState, since: datetime) -> None:
    event = attachment(about=WEBINAR)

    assert not is_spent(event, state, since + LIVE_KEPT)
    assert is_spent(event, state, since + LIVE_KEPT + timedelta(seconds=1))


@pytest.mark.parametrize(
    "state", [None, LiveState(), LiveState(phase=LivePhase.SOON), LiveState(phase=LivePhase.LIVE)]
)
def test_a_live_event_that_is_not_over_stays(state: LiveState | None) -> None:
    assert not is_spent(attachment(about=WEBINAR), state, NOW + timedelta(days=400))


def test_a_video_stays_for_ninety_days() -> None:
    video = attachment(about=VIDEO)

    assert not is_spent(video, None, ATTACHED_AT + VIDEO_KEPT)
    assert is_spent(video, None, ATTACHED_AT + VIDEO_KEPT + timedelta(seconds=1))
