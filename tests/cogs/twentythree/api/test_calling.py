from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.twentythree.api import RequestBudget
from cogs.twentythree.api.calling import Caller
from cogs.twentythree.api.credentials import Anonymous, ApiConfig, Bearer
from cogs.twentythree.api.methods import comment_list, photo_list, site_get
from cogs.twentythree.errors import (
    AccessDeniedError,
    ConfigurationError,
    CredentialsRefusedError,
    UnknownObjectError,
    UnreadableAnswerError,
    WorkspaceError,
    WorkspaceUnreachableError,
)
from tests.cogs.twentythree.api.recorded import answer, body
from tests.fakes.site import Handler, ScriptedSite, drop, page, status

NOW = datetime(2030, 3, 17, 18, 0, tzinfo=UTC)
V1, V2 = "/api/photo/list", "/api/2/photo/list"
EMPTY_V1 = {"status": "ok", "permission_level": "anonymous", "photos": []}

Make = Callable[..., Caller]


@pytest.fixture
async def site() -> AsyncIterator[ScriptedSite]:
    async with ScriptedSite() as made:
        yield made


@pytest.fixture
def counted() -> list[tuple[str, int]]:
    return []


@pytest.fixture
async def make(site: ScriptedSite, counted: list[tuple[str, int]]) -> AsyncIterator[Make]:
    async with aiohttp.ClientSession() as http:

        def made(now: Callable[[], datetime] = lambda: NOW, **options: Any) -> Caller:
            config: dict[str, Any] = {"site_url": site.url, "retry_wait_s": 0.001} | options
            return Caller(
                http,
                ApiConfig(**config),
                on_request=lambda method, code: counted.append((method, code)),
                now=now,
                nonce=lambda: "nonce",
            )

        yield made


async def test_version_2_is_tried_first_and_kept(site: ScriptedSite, make: Make) -> None:
    site.answer(V2, page())
    caller = make()

    await caller.call(photo_list())
    await caller.call(photo_list())

    assert caller.version == "2"
    assert site.paths() == [V2, V2]


async def test_version_1_is_used_where_version_2_is_no_api(site: ScriptedSite, make: Make) -> None:
    site.answer(V1, EMPTY_V1)
    caller = make()

    await caller.call(photo_list())
    await caller.call(photo_list())

    assert caller.version == "1"
    assert site.paths() == [V2, V1, V1]


async def test_a_page_in_place_of_one_answer_keeps_nobody_from_version_2_for_ever(
    site: ScriptedSite, make: Make
) -> None:
    later = timedelta()
    site.answer(V2, "<html>Back soon")
    site.answer(V1, EMPTY_V1)
    caller = make(now=lambda: NOW + later)
    await caller.call(photo_list())
    site.answer(V2, page())
    await caller.call(photo_list())
    assert site.paths() == [V2, V1, V1]

    later = timedelta(hours=1, seconds=1)
    await caller.call(photo_list())
    later *= 3
    await caller.call(photo_list())
    assert caller.version == "2"
    assert site.paths()[3:] == [V2, V2]


async def test_where_there_is_no_version_2_it_is_looked_for_once_an_hour(
    site: ScriptedSite, make: Make
) -> None:
    later = timedelta()
    site.answer(V1, EMPTY_V1)
    caller = make(now=lambda: NOW + later)
    for hours in (0, 0, 1.1, 1.1, 2.3):
        later = timedelta(hours=hours)
        await caller.call(photo_list())
        assert caller.version == "1"

    assert site.paths() == [V2, V1, V1, V2, V1, V1, V2, V1]


async def test_an_error_of_the_api_settles_the_version_too(site: ScriptedSite, make: Make) -> None:
    site.answer(V2, answer("v2_error_no_such_object.json"), status=404)
    caller = make()

    with pytest.raises(UnknownObjectError):
        await caller.call(photo_list())
    with pytest.raises(UnknownObjectError):
        await caller.call(photo_list())

    assert site.paths() == [V2, V2]


async def test_a_site_without_any_api_settles_nothing(site: ScriptedSite, make: Make) -> None:
    caller = make()

    with pytest.raises(UnreadableAnswerError):
        await caller.call(photo_list())
    with pytest.raises(UnreadableAnswerError):
        await caller.call(photo_list())

    assert site.paths() == [V2, V1, V2, V1]


async def test_a_server_error_is_no_reason_to_change_the_version(
    site: ScriptedSite, make: Make
) -> None:
    site.answer(V2, "<html>", status=500)
    caller = make(attempts=1)

    with pytest.raises(WorkspaceUnreachableError):
        await caller.call(photo_list())

    assert site.paths() == [V2]


@pytest.mark.parametrize(("version", "path"), [("1", V1), ("2", V2)])
async def test_a_configured_version_is_never_left(
    site: ScriptedSite, make: Make, version: str, path: str
) -> None:
    caller = make(version=version)

    with pytest.raises(UnreadableAnswerError):
        await caller.call(photo_list())

    assert site.paths() == [path]
    assert caller.version == version


async def test_one_call_may_ask_in_another_version(site: ScriptedSite, make: Make) -> None:
    site.answer(V1, EMPTY_V1)
    site.answer(V2, page())
    caller = make()

    await caller.call(photo_list())
    await caller.call(photo_list(), "1")
    await caller.call(photo_list())

    assert site.paths() == [V2, V1, V2]


async def test_a_short_failure_is_ridden_out(
    site: ScriptedSite, make: Make, counted: list[tuple[str, int]]
) -> None:
    # aiohttp itself repeats a GET whose connection was cut, once.
    site.handle(V2, drop, drop, status(503), *_ok())

    await make(version="2").call(photo_list())

    assert counted == [("photo/list", 0), ("photo/list", 503), ("photo/list", 200)]


async def test_a_failure_that_lasts_is_passed_on_after_a_few_attempts(
    site: ScriptedSite, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    site.handle(V2, status(503))
    caller = make(version="2", attempts=3)

    with pytest.raises(WorkspaceUnreachableError) as caught:
        await caller.call(photo_list())

    assert caught.value.code == "503"
    assert len(site.seen) == 3


async def test_a_workspace_that_is_away_is_asked_once_and_told_of_once(
    site: ScriptedSite, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "twentythree.api")
    site.handle(V2, *[status(503)] * 5, *_ok())
    caller = make(version="2", attempts=3)

    for _ in range(3):
        with pytest.raises(WorkspaceUnreachableError):
            await caller.call(photo_list())
    await caller.call(photo_list())
    await caller.call(photo_list())

    told = [(r.levelname, r.message) for r in caplog.records if r.name == "twentythree.api"]
    assert told == [
        ("WARNING", "photo/list: no answer (503)"),
        ("DEBUG", "photo/list: no answer (503)"),
        ("DEBUG", "photo/list: no answer (503)"),
        ("INFO", "the workspace answers again"),
    ]


async def test_too_many_requests_are_not_made_more(site: ScriptedSite, make: Make) -> None:
    site.handle(V2, status(429))

    with pytest.raises(WorkspaceUnreachableError) as caught:
        await make(version="2").call(photo_list())

    assert caught.value.code == "429"
    assert len(site.seen) == 1


async def test_a_refusal_is_not_asked_again(site: ScriptedSite, make: Make) -> None:
    site.answer(V2, body("v1_error_permission_denied.json"), status=403)

    with pytest.raises(AccessDeniedError):
        await make(version="2").call(photo_list())

    assert len(site.seen) == 1


async def test_no_two_reads_share_an_answer_of_the_cache(site: ScriptedSite, make: Make) -> None:
    site.answer(V2, page())
    caller = make(version="2")

    for _ in range(3):
        await caller.call(photo_list())

    epoch = int(NOW.timestamp())
    times = [query["time"] for query in site.queries(V2)]
    assert times == [str(epoch), str(epoch + 1), str(epoch + 2)]


async def test_a_cached_answer_is_noted(
    site: ScriptedSite, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "twentythree.api")
    site.answer(V2, page(cached=1))

    assert (await make().call(photo_list())).is_cached

    assert "photo/list: answered from a cache" in caplog.messages


@pytest.mark.parametrize(
    ("credentials", "kind"),
    [(Anonymous(), AccessDeniedError), (Bearer("sesame"), CredentialsRefusedError)],
)
async def test_a_stranger_is_not_told_that_credentials_are_wrong(
    site: ScriptedSite, make: Make, credentials: object, kind: type[Exception]
) -> None:
    refusal = {"status": "error", "code": "missing_authentication", "message": "Log in"}
    site.answer(V2, refusal, status=401)

    with pytest.raises(kind):
        await make(version="2", credentials=credentials).call(photo_list())


@pytest.mark.parametrize(("level", "is_one"), [("read", True), ("anonymous", False)])
async def test_the_level_is_asked_for_once(
    site: ScriptedSite, make: Make, level: str, *, is_one: bool
) -> None:
    site.answer("/api/2/site/get", page({"site_id": 1}, level=level))
    caller = make()

    assert [await caller.is_reader(), await caller.is_reader()] == [is_one, is_one]
    assert len(site.seen) == 1


async def test_any_answer_tells_the_level(site: ScriptedSite, make: Make) -> None:
    site.answer(V2, page(level="admin"))
    site.answer("/api/2/comment/list", page(level=""))
    caller = make()

    await caller.call(photo_list())
    await caller.call(comment_list())

    assert await caller.is_reader()
    assert caller.level == "admin"


async def test_an_answer_without_a_level_is_that_of_a_stranger(
    site: ScriptedSite, make: Make
) -> None:
    site.answer("/api/2/site/get", page({"site_id": 1}, level=""))
    caller = make()

    assert not await caller.is_reader()
    assert caller.level == ""


async def test_who_may_not_even_ask_is_no_reader(site: ScriptedSite, make: Make) -> None:
    site.answer("/api/2/site/get", body("v1_error_permission_denied.json"), status=403)

    assert not await make().is_reader()


async def test_credentials_never_go_over_plain_http(make: Make) -> None:
    with pytest.raises(ConfigurationError) as caught:
        make(site_url="http://video.example.com", credentials=Bearer("sesame"))

    assert "TWENTYTHREE_SITE_URL" in str(caught.value)
    assert "sesame" not in str(caught.value)
    make(site_url="http://video.example.com")


async def test_the_site_itself_can_be_asked_for(site: ScriptedSite, make: Make) -> None:
    site.answer("/api/site/get", json.loads(body("v1_site_get.json")))

    rows = (await make(version="1").call(site_get())).rows

    assert rows[0]["site_name"] == "Example"


def _ok() -> list[Any]:
    async def respond(_: Any) -> Any:
        return aiohttp.web.json_response(page())

    return [respond]


@pytest.mark.parametrize("ending", [status(403), *_ok()], ids=["refusal", "answer"])
async def test_why_a_workspace_is_of_no_use_is_known_until_it_answers(
    site: ScriptedSite, make: Make, ending: Handler
) -> None:
    site.handle(V2, status(503), status(401), ending)
    caller = make(version="2", attempts=1, credentials=Bearer(token="t"))
    troubles = [caller.trouble]

    for _ in range(3):
        with contextlib.suppress(WorkspaceError):
            await caller.call(photo_list())
        troubles.append(caller.trouble)

    kinds = [None if one is None else type(one) for one in troubles]
    assert kinds == [None, WorkspaceUnreachableError, CredentialsRefusedError, None]


class Clock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_a_burst_is_taken_and_what_is_not_urgent_stops_at_a_quarter_of_it() -> None:
    clock = Clock()
    budget = RequestBudget(240, clock=clock)
    for _ in range(30):
        assert budget.wait_s(is_urgent=False) == 0
        budget.spend()
    budget.spend()

    assert budget.wait_s(is_urgent=False) == pytest.approx(0.25)
    for _ in range(89):
        assert budget.wait_s(is_urgent=True) == 0
        budget.spend()
    budget.spend()
    assert budget.wait_s(is_urgent=True) == pytest.approx(0.25)
    clock.seconds += 0.25
    assert budget.wait_s(is_urgent=True) == pytest.approx(0)


def test_what_took_more_than_there_was_room_for_is_waited_out() -> None:
    clock = Clock()
    budget = RequestBudget(60, clock=clock)
    for _ in range(60):
        budget.spend()

    assert budget.wait_s(is_urgent=True) == pytest.approx(30)
    clock.seconds += 3_600
    assert budget.wait_s(is_urgent=False) == 0


def test_what_is_pressed_takes_half_of_the_budget_at_most() -> None:
    clock = Clock()
    budget = RequestBudget(240, clock=clock)
    for _ in range(1_000):
        budget.spend(is_pressed=True)
    for _ in range(60):
        assert budget.wait_s(is_urgent=True) == 0
        budget.spend()
    budget.spend()

    assert budget.wait_s(is_urgent=True) == pytest.approx(0.25)


@given(per_minute=st.integers(20, 600), a_second=st.integers(0, 60))
def test_however_much_is_pressed_half_of_the_budget_is_left(per_minute: int, a_second: int) -> None:
    clock = Clock()
    budget = RequestBudget(per_minute, clock=clock)
    read = longest = 0.0
    for _ in range(300):
        clock.seconds += 1
        for _ in range(a_second):
            budget.spend(is_pressed=True)
        longest = max(longest, budget.wait_s(is_urgent=True))
        while not budget.wait_s(is_urgent=True):
            budget.spend()
            read += 1

    assert read >= per_minute / 2 * 5
    # For what may begin with one request over, and for a quarter of a minute's pressed since.
    assert longest <= 60 / per_minute + 30


@given(
    per_minute=st.integers(10, 600),
    takes=st.lists(st.integers(1, 12), min_size=50, max_size=50),
)
def test_a_minute_has_at_most_half_more_and_what_was_under_way(
    per_minute: int, takes: list[int]
) -> None:
    clock = Clock()
    budget = RequestBudget(per_minute, clock=clock)
    asked: list[float] = []
    for requests in takes:
        clock.seconds += budget.wait_s(is_urgent=True) + 1e-6
        for _ in range(requests):
            budget.spend()
            asked.append(clock.seconds)

    most = per_minute * 1.5 + 1 + max(takes)
    assert all(sum(start <= at < start + 60 for at in asked) <= most for start in asked)
