from types import SimpleNamespace
from typing import Any

import discord
import pytest

from cogs.twentythree.relay.model import RoomId
from cogs.twentythree.rooms.budget import InvalidBudget
from cogs.twentythree.rooms.outcomes import PauseRoom, RetryLater
from cogs.twentythree.rooms.pace import RequestPace
from cogs.twentythree.rooms.posting import Poster


def error(status: int) -> discord.HTTPException:
    response: Any = SimpleNamespace(status=status, reason="")
    return discord.HTTPException(response, {"code": 0, "message": ""})


@pytest.mark.parametrize(("status", "cost"), [(401, 1), (403, 1), (429, 5), (404, 0), (503, 0)])
def test_only_what_discord_counts_is_counted(status: int, cost: int) -> None:
    budget = InvalidBudget(clock=lambda: 0.0, limit=10, window_s=600)
    budget.count(error(403))
    for _ in range(5):
        budget.count(error(status))

    assert budget.wait_s() == (600 if 1 + 5 * cost > 5 else 0)


def test_a_used_up_budget_comes_back_as_its_refusals_grow_old() -> None:
    now = [0.0]
    budget = InvalidBudget(clock=lambda: now[0], limit=10, window_s=600)
    for second in range(7):
        now[0] = float(second)
        budget.count(error(403))

    assert budget.wait_s() == 601 - 6
    now[0] = 601.0
    assert budget.wait_s() == 0


@pytest.mark.parametrize("status", [401, 403, 429])
def test_however_often_it_is_asked_ten_minutes_never_see_more_than_a_tenth(status: int) -> None:
    now, refused_at = [0.0], list[float]()
    budget = InvalidBudget(clock=lambda: now[0])
    for _ in range(20_000):
        if budget.wait_s() == 0:
            budget.count(error(status))
            refused_at += [now[0]] * (5 if status == 429 else 1)
        now[0] += 0.1

    for start in range(0, 1400, 50):
        assert sum(start <= at < start + 600 for at in refused_at) <= 1000


async def test_no_request_is_made_while_the_budget_is_used_up() -> None:
    asked: list[int] = []

    class Http:
        async def send_message(self, room_id: int, **_: object) -> None:
            asked.append(room_id)
            raise error(403)

    client: Any = SimpleNamespace(http=Http())
    poster = Poster(
        client,
        RequestPace(1000),
        request_timeout_s=5,
        history_limit=1,
        budget=InvalidBudget(clock=lambda: 0.0, limit=7),
    )
    outcomes = [await poster.post(RoomId(1), "{}", "n") for _ in range(5)]

    assert [type(one) for one in outcomes] == [PauseRoom] * 3 + [RetryLater] * 2
    assert outcomes[-1] == RetryLater(reason="too many refusals in ten minutes", after_s=600)
    assert len(asked) == 3
