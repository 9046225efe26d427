"""`docs/delivery.md` tells every outcome, as the code has it."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import discord
import pytest

from cogs.twentythree.delivery import outcomes, scheduling
from cogs.twentythree.delivery.outcomes import (
    Answer,
    GiveUp,
    PauseRoom,
    Removed,
    Reopen,
    RetryLater,
    outcome_of,
)

PAGE = Path(__file__).parents[4] / "docs" / "delivery.md"
_ROW = re.compile(r"^\| ([^|]+?) \| [^|]+ \| ([^|]+?) \|$", re.MULTILINE)
ROWS = dict(_ROW.findall(PAGE.read_text(encoding="utf-8")))
_LEAST_STATUS, _LEAST_CODE = 400, 10_000


def words(outcome: Answer) -> str:
    match outcome:
        case RetryLater(after_s=outcomes._SLOW_S):
            return "tried again in 10 minutes"
        case RetryLater(code=code):
            return "tried again, ever more slowly" if code else "tried again"
        case PauseRoom():
            return "paused"
        case Removed():
            return "delivered, then removed"
        case Reopen():
            return "opened, then sent"
        case GiveUp():
            return "given up"
        case _:
            raise AssertionError(outcome)


def error(status: int, code: int = 0) -> discord.HTTPException:
    response: Any = SimpleNamespace(status=status, reason="-")
    return discord.HTTPException(response, {"code": code, "message": "-"})


def numbers() -> list[int]:
    return [int(found[0]) for row in ROWS if (found := re.findall(r"\d{3,}", row))]


def test_every_outcome_is_in_the_table_and_no_other() -> None:
    codes = {number for number in numbers() if number >= _LEAST_CODE}
    statuses = {number for number in numbers() if number < _LEAST_CODE}

    assert codes == set(outcomes._BY_CODE)
    assert statuses == set(map(int, outcomes._BY_STATUS))


@pytest.mark.parametrize("row", [row for row in ROWS if re.search(r"\d{3,}", row)])
def test_an_answer_becomes_what_the_table_says(row: str) -> None:
    (number,) = map(int, re.findall(r"\d{3,}", row))
    is_code = number >= _LEAST_CODE
    answer = error(_LEAST_STATUS, number) if is_code else error(number)

    assert words(outcome_of(answer)) == ROWS[row]


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("no answer, or one that cannot be read", TimeoutError()),
        ("any 5xx", error(503)),
        ("any other code", error(400, 99999)),
        ("no code", error(403)),
    ],
)
def test_what_has_no_number_becomes_what_the_table_says(row: str, what: Exception) -> None:
    assert words(outcome_of(what)) == ROWS[row]


def test_every_answer_about_a_scheduled_event_is_in_its_table() -> None:
    text = PAGE.read_text(encoding="utf-8").partition("## Calendars")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+?) \| [^|]+? \|$", text, re.MULTILINE)

    told = {int(code) for row in rows for code in re.findall(r"\d{5,}", row)}
    assert told == set(scheduling._BY_CODE)
