from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cogs.twentythree.domain.model import CommentStatus, LivePhase, LiveState, ReportNotice
from cogs.twentythree.domain.reporting import with_questions
from cogs.twentythree.domain.shown import ReportedQuestion
from cogs.twentythree.embeds import body_json, identity, message
from cogs.twentythree.embeds.text import units
from tests.fakes.notices import SEEN_AT, SERIES, WEBINAR, comment_notice

OVER = LiveState(
    phase=LivePhase.ENDED,
    broadcast=1,
    started_at=SEEN_AT - timedelta(minutes=65),
    ended_at=SEEN_AT,
    viewers_peak=230,
    is_settled=True,
)
REPORT = ReportNotice(object=WEBINAR, until=SEEN_AT, state=OVER, comments=57)


def question(
    number: int = 1, status: CommentStatus = CommentStatus.OPEN, **values: Any
) -> ReportedQuestion:
    return ReportedQuestion(
        comment_id=number,
        status=status,
        **{"author": "Ada", "text": f"Question {number}?", "asked_at": SEEN_AT, **values},
    )


def asked(*found: ReportedQuestion, is_whole: bool = True) -> ReportNotice:
    return with_questions(REPORT, found, is_whole=is_whole)


def embed_of(report: ReportNotice, *, with_charts: bool = False) -> dict[str, Any]:
    return message([report], with_charts=with_charts)["embeds"][0]


def lines_of(report: ReportNotice) -> list[str]:
    return str(embed_of(report)["description"]).split("\n")


def test_a_report_says_how_long_how_many_and_what_was_not_answered() -> None:
    report = asked(
        question(1),
        question(2, CommentStatus.ANSWERED),
        question(3, CommentStatus.DISMISSED),
        question(4, is_promoted=True),
    )

    embed = embed_of(report)

    assert embed["title"] == "The webinar"
    assert embed["description"].split("\n") == [
        "**Report** · lasted 1 h 5 min · 230 watching at the peak",
        "57 comments · 4 questions · 1 answered · 1 dismissed",
        "",
        "**Not answered: 2**",
        "- **Ada**: Question 1? [↗](https://video.example.com/bridge#comment-1)",
        "- ⭐ **Ada**: Question 4? [↗](https://video.example.com/bridge#comment-4)",
    ]


@pytest.mark.parametrize(
    ("state", "first"),
    [
        (None, "**Report**"),
        (LiveState(phase=LivePhase.SOON, scheduled_at=SEEN_AT), "**Report**"),
        (
            replace(OVER, phase=LivePhase.LIVE, ended_at=None),
            "**Report** · live since <t:1893549545:t> · 230 watching at the peak",
        ),
        (
            replace(OVER, started_at=SEEN_AT, viewers_peak=None),
            "**Report** · lasted less than a minute",
        ),
        (
            replace(OVER, started_at=SEEN_AT - timedelta(minutes=7), viewers_peak=0),
            "**Report** · lasted 7 min · 0 watching at the peak",
        ),
    ],
    ids=["a video", "planned", "on air", "short", "without an hour"],
)
def test_what_there_was_of_a_broadcast_is_said(state: LiveState | None, first: str) -> None:
    assert lines_of(replace(REPORT, state=state))[0] == first


def test_where_nothing_is_open_it_is_said() -> None:
    assert lines_of(asked(question(1, CommentStatus.ANSWERED)))[-1] == "No question is left open."
    assert lines_of(asked())[1:] == ["57 comments · 0 questions"]
    assert lines_of(replace(asked(), comments=None))[1:] == ["0 questions"]
    assert lines_of(replace(asked(), comments=1))[1:] == ["1 comment · 0 questions"]


def test_where_nobody_keeps_questions_none_are_counted() -> None:
    assert lines_of(replace(REPORT, are_questions_kept=False))[1:] == [
        "57 comments · questions are kept where `actions` are on"
    ]


def test_more_than_a_message_holds_are_counted() -> None:
    report = asked(*(question(number, text="long " * 99) for number in range(1, 200)))

    *_, last = lines = lines_of(report)

    listed = sum(line.startswith("- ") for line in lines)
    assert last == f"and {199 - listed} more"
    assert listed > 10
    assert units("\n".join(lines)) <= 4096


def test_what_its_readers_may_not_see_is_counted_and_said_to_be() -> None:
    report = asked(question(1), question(2, is_promoted=True), is_whole=False)

    assert lines_of(report)[3:] == [
        "**Not answered: 2**",
        "- ⭐ **Ada**: Question 2? [↗](https://video.example.com/bridge#comment-2)",
        "-# Questions that nobody promoted are counted here, and not shown.",
    ]


def test_viewers_words_are_shown_as_they_were_typed() -> None:
    report = asked(question(1, author="*Ada* @everyone", text="# [a](https://x.test)\n<@1> `b`"))

    assert lines_of(report)[4] == (
        r"- **\*Ada\* \@everyone**: \# \[a\](<https://x.test>) \<\@1\> \`b\` "
        "[↗](https://video.example.com/bridge#comment-1)"
    )
    assert message([report])["allowed_mentions"] == {"parse": []}


def test_a_question_without_words_or_an_address_is_still_a_line() -> None:
    about = replace(WEBINAR, url="javascript:x")
    report = replace(asked(question(1, author="", text=" ")), object=about)

    assert "url" not in embed_of(report)
    assert lines_of(report)[-1] == "- **Guest**: *(no text)*"


def test_the_chart_is_text_where_it_is_no_picture() -> None:
    report = replace(REPORT, series=SERIES)

    assert "Viewers `" in embed_of(report)["description"]
    pictured = embed_of(report, with_charts=True)
    assert "Viewers `" not in pictured["description"]
    assert pictured["image"]["url"].startswith("attachment://chart-")


def test_its_files_are_named_charts_first() -> None:
    report = replace(asked(question()), series=SERIES)

    body = message([report], with_charts=True, with_sheets=True)
    chart, table = body["attachments"]
    assert (chart["id"], table["id"]) == (0, 1)
    assert chart["filename"].startswith("chart-")
    assert table["filename"] == "questions.csv"
    (alone,) = message([report], with_sheets=True)["attachments"]
    assert (alone["id"], alone["filename"]) == (0, "questions.csv")
    assert "attachments" not in message([report])


def test_what_its_files_hold_is_part_of_the_body() -> None:
    """What a message shows is told from its body: a table with other words is another."""
    reports = [asked(question(1, text=f"{'long ' * 99}{end}")) for end in ("one", "two")]

    assert len({body_json([one]) for one in reports}) == 1
    assert len({body_json([one], with_sheets=True) for one in reports}) == 2


def test_a_report_is_told_from_other_reports_and_from_comments() -> None:
    first = asked(question(1))
    later = replace(first, until=SEEN_AT + timedelta(minutes=1))
    found = [identity(message([one])["embeds"]) for one in (first, later, comment_notice(1))]

    assert len(set(found)) == 3
    assert identity(message([asked(question(9))])["embeds"]) == found[0]
