from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import aiohttp
import pytest
from aiohttp import web

from cogs.twentythree.api import WorkspaceClock
from cogs.twentythree.domain.live import LiveChange, advance
from cogs.twentythree.domain.model import LiveObservation, LivePhase, LiveState, ObjectId
from tests.fakes.http_endpoint import endpoint

TRUE = datetime(2030, 1, 2, 12, tzinfo=UTC)
SITE = "https://video.example.com"


def clock(wrong_by: timedelta) -> WorkspaceClock:
    return WorkspaceClock(SITE, now=lambda: TRUE + wrong_by)


@pytest.mark.parametrize("minutes", [10, -10, 0])
def test_a_wrong_clock_is_put_right_by_what_the_workspace_answers(minutes: int) -> None:
    made = clock(timedelta(minutes=minutes))
    made.heard(format_datetime(TRUE, usegmt=True))

    assert made.now() == TRUE
    assert made.ahead == timedelta(minutes=-minutes)


@pytest.mark.parametrize(
    "date",
    [
        "",
        "yesterday",
        "Tue, 01 Jan 1980 00:00:00 GMT",
        "Wed, 02 Jan 2030 12:00:20 GMT",
        "Wed, 02 Jan 2030 12:00:00 +99999999999999999999",
    ],
)
def test_nonsense_and_trifles_move_no_clock(date: str) -> None:
    made = clock(timedelta())
    made.heard(date)

    assert made.ahead == timedelta()


def test_an_old_answer_out_of_a_cache_does_not_count() -> None:
    made = clock(timedelta())
    for minutes in (0, 15):
        made.heard(format_datetime(TRUE - timedelta(minutes=minutes), usegmt=True))

    assert made.ahead == timedelta()


def test_a_clock_that_was_set_meanwhile_is_believed_again() -> None:
    wrong = timedelta(minutes=-10)
    made = WorkspaceClock(SITE, now=lambda: TRUE + wrong)
    made.heard(format_datetime(TRUE, usegmt=True))
    wrong = timedelta()
    for _ in range(8):
        made.heard(format_datetime(TRUE, usegmt=True))

    assert made.ahead == timedelta()


@pytest.mark.parametrize(("is_own", "minutes"), [(True, 10), (False, 0)])
async def test_the_answers_of_the_workspace_alone_are_heard(*, is_own: bool, minutes: int) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(headers={"Date": format_datetime(TRUE, usegmt=True)})

    async with endpoint(answer) as url:
        site = url if is_own else SITE
        made = WorkspaceClock(site, now=lambda: TRUE - timedelta(minutes=10))
        async with aiohttp.ClientSession(trace_configs=[made.trace()]) as http:
            await (await http.get(url)).read()

    assert made.ahead == timedelta(minutes=minutes)


def test_a_broadcast_soon_after_another_is_not_lost_to_a_clock_that_is_fast() -> None:
    """By our own clock, the first one would have ended after the second had begun."""
    made = clock(timedelta(minutes=10))
    made.heard(format_datetime(TRUE, usegmt=True))
    ended = LiveState(phase=LivePhase.ENDED, broadcast=1, ended_at=made.now())
    seen = LiveObservation(
        object_id=ObjectId(1),
        is_broadcasting=True,
        broadcast_started_at=TRUE + timedelta(minutes=5),
    )

    _, change = advance(ended, seen, made.now() + timedelta(minutes=5))

    assert change is LiveChange.STARTED
