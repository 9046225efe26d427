from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.twentythree.api import RequestBudget


class Clock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_a_burst_is_taken_and_what_is_not_urgent_stops_at_half_of_it() -> None:
    clock = Clock()
    budget = RequestBudget(240, clock=clock)
    for _ in range(30):
        assert budget.wait_s(is_urgent=False) == 0
        budget.spend()
    budget.spend()

    assert budget.wait_s(is_urgent=False) == pytest.approx(0.25)
    for _ in range(29):
        assert budget.wait_s(is_urgent=True) == 0
        budget.spend()
    budget.spend()
    assert budget.wait_s(is_urgent=True) == pytest.approx(0.25)
    clock.seconds += 0.25
    assert budget.wait_s(is_urgent=True) == pytest.approx(0)


def test_what_took_more_than_there_was_room_for_is_waited_out() -> None:
    clock = Clock()
    budget = RequestBudget(60, clock=clock)
    for _ in range(45):
        budget.spend()

    assert budget.wait_s(is_urgent=True) == pytest.approx(30)
    clock.seconds += 3_600
    assert budget.wait_s(is_urgent=False) == 0


@given(
    per_minute=st.integers(10, 600),
    takes=st.lists(st.integers(1, 12), min_size=50, max_size=50),
)
def test_a_minute_has_at_most_a_quarter_more_and_what_was_under_way(
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

    most = per_minute * 1.25 + 1 + max(takes)
    assert all(sum(start <= at < start + 60 for at in asked) <= most for start in asked)
