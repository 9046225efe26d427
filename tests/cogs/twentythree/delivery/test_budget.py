import pytest

from cogs.twentythree.delivery.gate import TRIES, InvalidBudget, is_invalid


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
