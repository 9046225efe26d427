"""The gate, with the real discord.py and its real session."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import discord
import pytest
from discord.http import Route

from cogs.twentythree.delivery.gate import TRIES, Gate, InvalidBudget, is_invalid
from cogs.twentythree.delivery.outcomes import (
    Delivered,
    GiveUp,
    Outcome,
    PauseRoom,
    RetryLater,
    TooManyRefusalsError,
    UncertainLeadError,
)
from cogs.twentythree.delivery.pace import Place, RequestPace
from cogs.twentythree.delivery.posting import Poster
from cogs.twentythree.domain.model import RoomId
from cogs.twentythree.embeds import body_json
from cogs.twentythree.storage import Lead
from tests.fakes.discord_rest import DiscordRest, Fault, Impatient, logged_in
from tests.fakes.notices import comment_notice

ROOM = RoomId(501)
BODY = body_json([comment_notice(1)])
# Short enough for discord.py to sleep it out.
LIMITED = {"retry_after": 3.0, "global": False}
VIA = {"Via": "1.1 google", "Retry-After": "3"}


class Pace(RequestPace):
    """A pace that never makes anybody wait, and remembers what was taken and left."""

    def __init__(self) -> None:
        super().__init__(1000)
        self.taken = self.used = self.unused = 0
        self.slowed: list[float] = []

    def take(self) -> Place:
        self.taken += 1
        return super().take()

    def left(self, *, is_used: bool) -> None:
        super().left(is_used=is_used)
        self.used += is_used
        self.unused += not is_used

    def slow_down(self, after_s: float) -> None:
        self.slowed.append(after_s)


class Budget(InvalidBudget):
    """A bound that remembers how much was counted."""

    def __init__(self) -> None:
        super().__init__(clock=lambda: 0.0, limit=20)
        self.counted = 0

    def count(self, times: int = 1) -> None:
        super().count(times)
        self.counted += times


@dataclass
class Scene:
    server: DiscordRest
    client: discord.Client
    pace: Pace
    budget: Budget
    gate: Gate
    timeout_s: float = 5

    async def post(self, nonce: str = "nonce") -> Outcome:
        poster = Poster(self.client, self.gate, request_timeout_s=self.timeout_s, history_limit=150)
        return await poster.post(ROOM, BODY, nonce)

    @property
    def refusals(self) -> int:
        return self.budget.counted


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> Impatient:
    impatient = Impatient()
    monkeypatch.setattr(discord.http, "asyncio", impatient)
    return impatient


@pytest.fixture
async def unwatched(patience: Impatient) -> AsyncGenerator[Scene]:
    server = DiscordRest()
    async with logged_in(server) as client:
        pace, budget = Pace(), Budget()
        yield Scene(server, client, pace, budget, Gate(client, pace, budget))


@pytest.fixture
async def scene(unwatched: Scene) -> AsyncGenerator[Scene]:
    with unwatched.gate.watching():
        yield unwatched
    assert unwatched.pace.taken == unwatched.pace.used + unwatched.pace.unused


async def test_what_discord_py_tries_again_is_counted_request_by_request(scene: Scene) -> None:
    scene.server.faults.extend([Fault(status=502), Fault(status=500)])

    assert isinstance(await scene.post(), Delivered)
    assert scene.pace.used == 3


async def test_limits_that_discord_py_sleeps_out_are_counted_as_refusals(scene: Scene) -> None:
    scene.server.faults.extend([Fault(status=429, headers=VIA, body=LIMITED)] * 2)

    assert isinstance(await scene.post(), Delivered)
    assert scene.refusals == 2


async def test_a_limit_shared_with_others_is_no_refusal(scene: Scene) -> None:
    headers = {**VIA, "X-RateLimit-Scope": "shared"}
    scene.server.faults.append(Fault(status=429, headers=headers, body=LIMITED))

    assert isinstance(await scene.post(), Delivered)
    assert scene.refusals == 0


async def test_refusals_of_the_rest_of_the_host_are_counted_too(scene: Scene) -> None:
    scene.server.faults.append(Fault(status=403))

    with pytest.raises(discord.Forbidden):
        await scene.client.http.get_channel(ROOM)
    assert (scene.refusals, scene.pace.used) == (1, 1)


async def test_answers_to_interactions_are_not_counted_with_the_others(scene: Scene) -> None:
    session = scene.client.http._HTTPClient__session  # type: ignore[attr-defined]
    async with session.post(f"{Route.BASE}/interactions/1/token/callback"):
        pass
    async with session.get(f"{Route.BASE.replace('127.0.0.1', 'localhost')}/users/@me"):
        pass

    assert scene.pace.taken == 0


async def test_with_the_budget_used_up_nothing_is_sent(scene: Scene) -> None:
    scene.budget.count(16)
    asked = len(scene.server.requests)

    held = RetryLater(reason="too many refusals in ten minutes", after_s=600)
    assert await scene.post() == held
    assert len(scene.server.requests) == asked
    assert (scene.pace.used, scene.pace.unused) == (0, 1)


async def test_a_budget_used_up_meanwhile_ends_what_discord_py_tries_again(scene: Scene) -> None:
    scene.budget.count(14)
    scene.server.faults.extend([Fault(status=429, headers=VIA, body=LIMITED)] * 5)

    held = RetryLater(reason="too many refusals in ten minutes", after_s=600)
    assert await scene.post() == held
    assert scene.refusals == 16


async def test_many_rooms_refused_at_once_stay_within_the_budget(scene: Scene) -> None:
    scene.server.faults.extend([Fault(status=429, headers=VIA, body=LIMITED)] * 500)
    posts = [scene.post(str(number)) for number in range(100)]

    outcomes = await asyncio.gather(*posts)

    assert {type(one) for one in outcomes} == {RetryLater}
    # Those that were under way when it was used up, and no more.
    assert 20 <= scene.refusals <= 20 + 100
    assert 500 - len(scene.server.faults) <= 20 + 100


@pytest.mark.parametrize(
    ("headers", "slowed"),
    [
        ({**VIA, "Retry-After": "3", "X-RateLimit-Global": "true"}, [3.0]),
        ({**VIA, "Retry-After": "900", "X-RateLimit-Global": "true"}, [900.0]),
        ({"Retry-After": "900"}, [0.0]),
        ({**VIA, "Retry-After": "soon", "X-RateLimit-Global": "true"}, [3.0]),
        (VIA, []),
    ],
    ids=["of all requests", "longer in its header", "of the address", "unreadable", "of the room"],
)
async def test_a_limit_that_concerns_all_rooms_slows_all_down(
    scene: Scene, headers: dict[str, str], slowed: list[float]
) -> None:
    scene.server.faults.append(Fault(status=429, headers=headers, body=LIMITED))
    await scene.post()

    assert scene.pace.slowed == slowed


@pytest.mark.parametrize(
    ("body", "reason", "after_s"),
    [
        ({"retry_after": 1163.0}, "rate limited", 1163),
        ({"retry_after": 1163.0, "code": 20028}, "the room's rate limit", 1163),
        ({"retry_after": 1163.0, "code": 30046}, "too many edits of an old message", 1163),
        ({"retry_after": 20.0, "code": 30046}, "too many edits of an old message", 20),
        ({"retry_after": 2.5, "code": 20016}, "slow mode", 3),
        ({"retry_after": 0.1, "global": True}, "rate limited", 3),
        ({"retry_after": True, "code": [], "global": 1}, "rate limited", 3),
        ({"retry_after": "1e999", "code": 10008}, "rate limited", 3),
    ],
)
async def test_a_limit_that_is_not_of_a_few_seconds_in_one_bucket_ends_the_request(
    scene: Scene, patience: Impatient, body: dict[str, Any], reason: str, after_s: float
) -> None:
    """Of body and header the longer is believed, and discord.py sleeps nothing out."""
    scene.server.faults.append(Fault(status=429, headers=VIA, body=body))

    outcome = await scene.post()

    assert not any(patience.slept)
    is_local = "global" not in body
    assert outcome == RetryLater(reason=reason, after_s=after_s, is_local=is_local)


async def test_a_limit_that_the_host_runs_into_is_left_to_discord_py(
    scene: Scene, patience: Impatient
) -> None:
    limit = Fault(status=429, headers=VIA, body={"retry_after": 700.0, "global": True})
    scene.server.faults.append(limit)

    await scene.client.get_partial_messageable(ROOM).send("hello")

    assert 700.0 in patience.slept
    assert scene.pace.slowed == [700.0]


async def test_where_the_session_is_not_found_a_cut_off_request_leaves_no_closed_lock(
    unwatched: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Sleepy(Impatient):
        async def sleep(self, seconds: float) -> None:
            if seconds == 700:
                await asyncio.Event().wait()

    monkeypatch.setattr(discord.http, "asyncio", Sleepy())
    limit = Fault(status=429, headers=VIA, body={"retry_after": 700.0, "global": True})
    unwatched.server.faults.append(limit)
    unwatched.timeout_s = 0.2

    assert isinstance(await unwatched.post(), RetryLater)
    assert isinstance(await unwatched.post(), Delivered)


async def test_a_lost_connection_gives_its_place_back(scene: Scene) -> None:
    scene.server.faults.append(Fault())

    assert isinstance(await scene.post(), RetryLater)
    assert (scene.pace.taken, scene.pace.used) == (1, 1)


async def test_a_request_that_does_not_go_out_costs_no_place(scene: Scene) -> None:
    async with scene.gate.passing():
        pass

    assert (scene.pace.taken, scene.pace.unused) == (1, 1)


@pytest.mark.parametrize(("status", "cost"), [(401, 1), (403, 1), (429, 5), (404, 0)])
async def test_where_the_session_is_not_found_refusals_are_known_by_their_errors(
    unwatched: Scene, status: int, cost: int
) -> None:
    client: Any = SimpleNamespace(http=unwatched.client.http)
    unwatched.gate = Gate(client, unwatched.pace, unwatched.budget)
    del client.http
    with unwatched.gate.watching():
        unwatched.server.faults.append(Fault(status=status))
        outcome = await unwatched.post()

    assert isinstance(outcome, RetryLater | PauseRoom | GiveUp)
    assert unwatched.refusals == cost
    assert (unwatched.pace.taken, unwatched.pace.used) == (1, 1)


async def test_the_host_keeps_its_session_as_it_was(unwatched: Scene) -> None:
    session = unwatched.client.http._HTTPClient__session  # type: ignore[attr-defined]
    before = list(session.trace_configs)
    with unwatched.gate.watching():
        assert len(session.trace_configs) == len(before) + 1

    assert session.trace_configs == before


async def test_a_held_back_request_says_for_how_long(unwatched: Scene) -> None:
    unwatched.budget.count(20)

    with pytest.raises(TooManyRefusalsError) as caught:
        async with unwatched.gate.passing():
            pass
    assert caught.value.wait_s == 600


def test_only_what_discord_counts_is_counted() -> None:
    assert [one for one in (401, 403, 404, 429, 500, 503) if is_invalid(one)] == [401, 403, 429]


def test_a_used_up_budget_comes_back_as_its_refusals_grow_old() -> None:
    now = [0.0]
    budget = InvalidBudget(clock=lambda: now[0], limit=10, window_s=600)
    for second in range(7):
        now[0] = float(second)
        budget.count()

    assert budget.wait_s() == 601 - 6
    now[0] = 601.0
    assert budget.wait_s() == 0


@pytest.mark.parametrize("cost", [1, TRIES])
def test_however_often_it_is_asked_ten_minutes_never_see_more_than_a_tenth(cost: int) -> None:
    now, refused_at = [0.0], list[float]()
    budget = InvalidBudget(clock=lambda: now[0])
    for _ in range(20_000):
        if budget.wait_s() == 0:
            budget.count(cost)
            refused_at += [now[0]] * cost
        now[0] += 0.1

    for start in range(0, 1400, 50):
        assert sum(start <= at < start + 600 for at in refused_at) <= 1000


async def test_nothing_of_the_rooms_passes_for_who_may_not_lead_any_more(
    unwatched: Scene,
) -> None:
    lead = Lead.alone()
    unwatched.gate = Gate(unwatched.client, unwatched.pace, unwatched.budget, lead)
    with unwatched.gate.watching():
        assert isinstance(await unwatched.post(), Delivered)
        lead.lose("Another leads.")

        outcome = await unwatched.post("another")

    assert isinstance(outcome, RetryLater)
    assert outcome.reason == "another bot may lead by now"
    assert len(unwatched.server.messages) == 1


async def test_what_discord_py_had_put_off_is_not_sent_either(
    unwatched: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = Lead.alone()
    unwatched.gate = Gate(unwatched.client, unwatched.pace, unwatched.budget, lead)
    sent = unwatched.client.http.request

    async def put_off(*arguments: Any, **named: Any) -> Any:
        # As a process that is frozen while a bucket is slept out.
        lead.lose("Another leads.")
        return await sent(*arguments, **named)

    monkeypatch.setattr(unwatched.client.http, "request", put_off)
    with unwatched.gate.watching():
        assert isinstance(await unwatched.post(), RetryLater)

    assert unwatched.server.messages == []
    assert unwatched.pace.taken == unwatched.pace.unused


async def test_what_waits_for_its_turn_to_be_tried_again_is_not_sent_either(
    unwatched: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = Lead.alone()
    unwatched.gate = Gate(unwatched.client, unwatched.pace, unwatched.budget, lead)
    unwatched.server.faults.append(Fault(status=502))
    taken = unwatched.pace.turn

    async def frozen() -> Place:
        if unwatched.pace.taken:
            lead.lose("Another leads.")
        return await taken()

    monkeypatch.setattr(unwatched.pace, "turn", frozen)
    with unwatched.gate.watching():
        assert isinstance(await unwatched.post(), RetryLater)

    assert unwatched.server.messages == []
    assert unwatched.pace.taken == unwatched.pace.used + unwatched.pace.unused == 2


async def test_people_are_told_by_a_process_whose_database_is_away_and_that_is_alone(
    unwatched: Scene,
) -> None:
    lead = Lead("me", clock=lambda: 20.0)
    lead.begin(1, 10.0)
    gate = Gate(unwatched.client, unwatched.pace, unwatched.budget, lead)
    async with gate.passing(is_word=True):
        pass
    with pytest.raises(UncertainLeadError):
        async with gate.passing():
            pass

    lead.renew(10.0, is_awaited=True)
    with pytest.raises(UncertainLeadError):
        async with gate.passing(is_word=True):
            pass
