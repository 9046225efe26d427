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


def test_a_bot_of_few_shards_keeps_to_what_there_was() -> None:
    clock = Clock()
    budget = IdentifyBudget(clock=clock)
    budget.fit(3, total=1000, remaining=1000)

    for _ in range(50):
        budget.take()
    with pytest.raises(OutOfIdentifies) as caught:
        budget.take()
    assert caught.value.wait_s == pytest.approx(180)


@pytest.mark.parametrize(("shards", "total"), [(40, 1000), (160, 1000), (400, 4000)])
def test_a_bot_of_many_shards_may_start_with_all_of_them_and_keeps_its_share(
    shards: int, total: int
) -> None:
    clock, taken = Clock(), 0
    budget = IdentifyBudget(clock=clock)
    while clock.seconds < DAY_S:
        try:
            budget.fit(shards, total=total, remaining=total)
            for _ in range(shards):
                budget.take()
                taken += 1
        except OutOfIdentifies as out:
            clock.seconds += out.wait_s + 0.001

    assert shards <= taken <= 0.54 * total


def test_what_discord_has_left_is_not_exceeded() -> None:
    budget = IdentifyBudget(clock=Clock())

    with pytest.raises(OutOfIdentifies):
        budget.fit(3, total=1000, remaining=2)
    budget.fit(2, total=1000, remaining=2)
    budget.take()
    budget.take()
    with pytest.raises(OutOfIdentifies):
        budget.take()
