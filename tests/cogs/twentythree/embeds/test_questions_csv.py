"""What a spreadsheet makes of ``questions.csv``: rows as they are, and never a formula."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cogs.twentythree.domain.deeds import Acted, Action, Actor
from cogs.twentythree.domain.model import CommentStatus, ReportNotice
from cogs.twentythree.domain.shown import ReportedQuestion, ReportedQuestions
from cogs.twentythree.embeds import Sheet, sheets_of
from cogs.twentythree.embeds.questions_csv import COLUMNS, cell, table
from tests.fakes.notices import SEEN_AT, WEBINAR, comment_notice

FORMULAS = ("=", "+", "-", "@", "\t", "\r")
MO = Acted(action=Action.ANSWER, actor=Actor(user_id=1, name="Mo"), at=SEEN_AT)


def read(text: str) -> list[list[str]]:
    """Read a table as a spreadsheet does: from bytes, in the encoding that these tell."""
    shown = text.encode().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(shown, newline="")))


def question(**values: object) -> ReportedQuestion:
    given = {"comment_id": 1, "author": "Ada", "text": "Why?", "asked_at": SEEN_AT, **values}
    return ReportedQuestion(**given)  # type: ignore[arg-type]


def sheet_of(*questions: ReportedQuestion) -> Sheet:
    asked = ReportedQuestions(count=len(questions), shown=questions)
    (found,) = sheets_of([ReportNotice(object=WEBINAR, until=SEEN_AT, questions=asked)])
    return found


def test_each_question_is_a_row_under_the_names_of_the_columns() -> None:
    asked = [
        question(),
        question(status=CommentStatus.ANSWERED, acted=(MO,), is_promoted=True, author=""),
    ]

    assert read(table(asked)) == [
        ["time", "name", "text", "state", "who acted"],
        ["2030-01-02T03:04:05Z", "Ada", "Why?", "open", ""],
        ["2030-01-02T03:04:05Z", "Guest", "Why?", "answered, promoted", "Mo (answer)"],
    ]


def test_it_is_utf_8_and_says_so() -> None:
    assert table([question(text="Hvornår? 🎬")]).encode().startswith(b"\xef\xbb\xbf")
    assert read(table([question(text="Hvornår? 🎬")]))[1][2] == "Hvornår? 🎬"


def test_times_are_in_utc_wherever_they_were_told() -> None:
    at = datetime(2030, 1, 2, 12, tzinfo=timezone(timedelta(hours=2)))

    assert read(table([question(asked_at=at)]))[1][0] == "2030-01-02T10:00:00Z"


def test_lines_and_quotes_stay_within_their_cell() -> None:
    text = 'one, "two"\nthree;four'

    rows = read(table([question(text=text), question()]))

    assert len(rows) == 3
    assert rows[1][2] == text


@pytest.mark.parametrize(
    "text",
    [
        "=HYPERLINK(A1)",
        "+1",
        "-2+3",
        "@SUM(A1)",
        " =1",
        "\u200b=1",
        "\n=1",
        "\uff1d1",
        "\u202e=1",
    ],
)
def test_a_formula_is_text(text: str) -> None:
    rows = read(table([question(text=text, author=text, acted=())]))

    assert rows[1][1].startswith("'")
    assert rows[1][2].startswith("'")


@pytest.mark.parametrize("text", ["1+1=2", "a@b", "", "'quoted'", "0", "…=1", "<=1"])
def test_what_is_none_is_left_alone(text: str) -> None:
    assert cell(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "x;=HYPERLINK(1)",
        'x;"=1',
        "x\t=1",
        "x\n=1",
        "x ;  +1",
        "x;@SUM(1)",
        "x;\u200b=1",
        "x;\uff1d1",
        "a,b;=1",
    ],
)
def test_a_formula_behind_another_separator_is_text(text: str) -> None:
    """Where lists are separated by semicolons, a spreadsheet cuts this file there."""
    for written in table([question(text=text, author="Ann")]).splitlines()[1:]:
        for part in re.split(r"[;\t]", written)[1:]:
            assert not part.strip(' "').startswith(FORMULAS), part
        assert not written.strip(' "').startswith(FORMULAS)


HOSTILE = st.text() | st.builds(
    "".join, st.lists(st.sampled_from([*FORMULAS, "\n", '"', ",", ";", " ", "\x00", "\ufeff", "1"]))
)


@settings(deadline=None)
@given(st.lists(st.tuples(HOSTILE, HOSTILE, HOSTILE), max_size=4))
def test_no_cell_that_a_spreadsheet_reads_begins_like_a_formula(
    hostile: list[tuple[str, str, str]],
) -> None:
    asked = [
        question(
            author=author,
            text=text,
            acted=(Acted(action=Action.ANSWER, actor=Actor(user_id=1, name=name), at=SEEN_AT),),
        )
        for author, text, name in hostile
    ]

    rows = read(table(asked))

    assert len(rows) == len(asked) + 1
    assert all(len(row) == len(COLUMNS) for row in rows)
    assert not [one for row in rows for one in row if one.startswith(FORMULAS)]
    assert not [one for row in rows for one in row if one.lstrip().startswith(FORMULAS)]


def test_a_report_has_one_table_and_none_without_a_question() -> None:
    assert sheet_of(question()).filename == "questions.csv"
    assert sheets_of([ReportNotice(object=WEBINAR, until=SEEN_AT), comment_notice()]) == []


def test_another_table_has_another_description() -> None:
    first, second = sheet_of(question()), sheet_of(question(text="How?"))

    assert first.description != second.description
    assert first == sheet_of(question(asked_at=SEEN_AT.astimezone(UTC)))
