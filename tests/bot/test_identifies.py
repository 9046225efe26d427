import pytest

from bot.identifies import IdentifyBudget, OutOfIdentifies

DAY_S = 86_400.0


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_a_used_up_budget_says_for_how_long() -> None:
    clock = Clock()
    budget = IdentifyBudget(burst=2, refill_s=180.0, clock=clock)
    budget.take()
    budget.take()
    clock.seconds += 60

    with pytest.raises(OutOfIdentifies) as caught:
        budget.take()
    assert caught.value.wait_s == pytest.approx(120)

    clock.seconds += 120
    budget.take()


@pytest.mark.parametrize("gap_s", [0.5, 5.0, 179.0])
def test_no_day_ever_sees_much_more_than_half_of_what_discord_allows(gap_s: float) -> None:
    clock, taken = Clock(), list[float]()
    budget = IdentifyBudget(clock=clock)
    while clock.seconds < 2 * DAY_S:
        try:
            budget.take()
            taken.append(clock.seconds)
        except OutOfIdentifies:
            pass
        clock.seconds += gap_s

    assert max(sum(at <= one < at + DAY_S for one in taken) for at in taken[::10]) <= 530


def test_a_long_rest_saves_no_more_than_the_burst() -> None:
    clock = Clock()
    budget = IdentifyBudget(burst=3, clock=clock)
    clock.seconds = 100 * DAY_S
    for _ in range(3):
        budget.take()

    with pytest.raises(OutOfIdentifies):
        budget.take()
