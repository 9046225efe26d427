from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cogs.twentythree.domain.deeds import Acted, Action, Actor
from cogs.twentythree.domain.model import (
    AttachmentRules,
    CommentId,
    CommentPolicy,
    CommentStatus,
    LivePhase,
    LiveState,
    ReportNotice,
)
from cogs.twentythree.domain.reporting import (
    MOST_QUESTIONS,
    MOST_TEXT,
    is_reported,
    report_key,
    shows_all,
    unanswered,
    under_rules,
    with_actors,
    with_questions,
)
from cogs.twentythree.domain.shown import ReportedQuestion
from tests.fakes.notices import WEBINAR

END = datetime(2030, 1, 2, 12, tzinfo=UTC)
REPORT = ReportNotice(object=WEBINAR, until=END)
OVER = LiveState(
    phase=LivePhase.ENDED,
    broadcast=1,
    started_at=END - timedelta(hours=1),
    ended_at=END,
    is_settled=True,
)
OPEN, ANSWERED, DISMISSED = CommentStatus.OPEN, CommentStatus.ANSWERED, CommentStatus.DISMISSED


def question(
    number: int = 1,
    status: CommentStatus = OPEN,
    *,
    is_promoted: bool = False,
    text: str = "Why?",
    minutes: float = -30,
) -> ReportedQuestion:
    return ReportedQuestion(
        comment_id=number,
        author="Ada",
        text=text,
        asked_at=END + timedelta(minutes=minutes),
        is_promoted=is_promoted,
        status=status,
    )


def ids(report: ReportNotice) -> list[int]:
    return [one.comment_id for one in report.questions.shown]


# Which broadcasts have one.


def test_a_broadcast_has_a_report_once_it_is_settled() -> None:
    assert is_reported(OVER)
    assert not is_reported(replace(OVER, is_settled=False))
    assert not is_reported(replace(OVER, phase=LivePhase.LIVE))
    assert not is_reported(replace(OVER, started_at=None))


def test_each_broadcast_has_a_report_of_its_own_also_where_their_count_begins_anew() -> None:
    later = replace(OVER, started_at=END + timedelta(days=1))

    assert report_key(WEBINAR.object_id, OVER) != report_key(WEBINAR.object_id, later)
    assert report_key(WEBINAR.object_id, OVER) == report_key(
        WEBINAR.object_id, replace(OVER, broadcast=2, viewers_peak=9)
    )


# What it says.


def test_all_questions_are_counted_by_what_became_of_them() -> None:
    found = [question(1), question(2, ANSWERED), question(3, DISMISSED), question(4, ANSWERED)]

    asked = with_questions(REPORT, found, is_whole=True).questions

    assert (asked.count, asked.answered, asked.dismissed, asked.open) == (4, 2, 1, 1)


def test_questions_are_told_in_the_order_in_which_they_were_asked() -> None:
    found = [question(1, minutes=-10), question(2, minutes=-40), question(3, minutes=-40)]

    assert ids(with_questions(REPORT, found, is_whole=True)) == [2, 3, 1]


def test_what_was_asked_since_is_left_out() -> None:
    report = with_questions(REPORT, [question(1), question(2, minutes=1)], is_whole=True)

    assert (ids(report), report.questions.count) == ([1], 1)


def test_a_room_that_takes_no_unpromoted_questions_is_told_how_many_there_are() -> None:
    found = [question(1), question(2, is_promoted=True), question(3, ANSWERED)]

    report = with_questions(REPORT, found, is_whole=False)

    assert (ids(report), report.questions.count, report.questions.answered) == ([2], 3, 1)


@pytest.mark.parametrize(
    ("policy", "has_board", "expected"),
    [
        (CommentPolicy.ALL, False, True),
        (CommentPolicy.PUBLIC, False, False),
        (CommentPolicy.PROMOTED, False, False),
        (CommentPolicy.NONE, False, False),
        (CommentPolicy.NONE, True, True),
    ],
)
def test_who_takes_all_or_has_a_board_may_see_all(
    policy: CommentPolicy,
    has_board: bool,  # noqa: FBT001 - pytest passes by name
    expected: bool,  # noqa: FBT001 - as above
) -> None:
    assert shows_all(policy, has_board=has_board) is expected


def test_questions_without_end_are_counted_and_told_up_to_a_bound() -> None:
    found = [question(number, text="x" * 9_999) for number in range(MOST_QUESTIONS + 5)]

    report = with_questions(REPORT, found, is_whole=True)

    assert report.questions.count == MOST_QUESTIONS + 5
    assert len(report.questions.shown) == MOST_QUESTIONS
    assert {len(one.text) for one in report.questions.shown} == {MOST_TEXT}


def test_the_unanswered_are_those_that_are_neither_answered_nor_dismissed() -> None:
    found = [question(1), question(2, ANSWERED), question(3, DISMISSED), question(4)]

    report = with_questions(REPORT, found, is_whole=True)

    assert [one.comment_id for one in unanswered(report)] == [1, 4]


def test_what_waits_is_left_where_new_rules_take_it() -> None:
    found = [question(1), question(2, is_promoted=True)]
    report = with_questions(REPORT, found, is_whole=True)

    some = under_rules(report, AttachmentRules(has_actions=True))

    assert some is not None
    assert (ids(some), some.questions.count) == ([2], 2)
    every = AttachmentRules(has_actions=True, comments=CommentPolicy.ALL)
    assert under_rules(report, every) == report
    assert under_rules(report, replace(every, has_actions=False)) is None


# Who acted.


def acted(action: Action, name: str = "Mo") -> Acted:
    return Acted(action=action, actor=Actor(user_id=1, name=name), at=END)


@pytest.mark.parametrize(
    ("of", "done", "told"),
    [
        (question(1, ANSWERED), [acted(Action.ANSWER)], ["Mo answer"]),
        (question(1, ANSWERED), [acted(Action.ANSWER), acted(Action.ANSWER, "Bo")], ["Bo answer"]),
        (question(1), [acted(Action.ANSWER), acted(Action.REOPEN, "Bo")], []),
        (question(1, DISMISSED), [acted(Action.ANSWER)], []),
        (question(1, DISMISSED), [acted(Action.ANSWER), acted(Action.DISMISS)], ["Mo dismiss"]),
        (
            question(1, ANSWERED, is_promoted=True),
            [acted(Action.PROMOTE), acted(Action.ANSWER, "Bo")],
            ["Mo promote", "Bo answer"],
        ),
        (question(1), [acted(Action.PROMOTE), acted(Action.UNPROMOTE, "Bo")], []),
        (question(1), [], []),
    ],
    ids=[
        "answered",
        "answered twice",
        "reopened",
        "dismissed by somebody on the platform",
        "answered and then dismissed",
        "promoted and answered",
        "not promoted any more",
        "nobody from here",
    ],
)
def test_it_is_told_who_made_a_question_what_it_is(
    of: ReportedQuestion, done: list[Acted], told: list[str]
) -> None:
    (found,) = with_actors([of], {CommentId(1): done, CommentId(2): [acted(Action.ANSWER)]})

    assert [f"{one.actor.name} {one.action}" for one in found.acted] == told
