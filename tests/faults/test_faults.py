"""A few runs of the big property test, and the judge of all of them."""

from pathlib import Path

import pytest

from .plan import plan_of
from .running import run
from .verdict import wrongs

_SAID = {1: [10, 12, 14], 2: [11, 13]}


@pytest.mark.parametrize("seed", [4, 61, 63, 73, 84, 128])
async def test_each_comment_is_there_once_and_in_order_whatever_fails(
    tmp_path: Path, seed: int
) -> None:
    report = await run(plan_of(seed), tmp_path)
    assert not report.wrongs, f"{report}\n{report.log[-20_000:]}"


def test_a_plan_follows_from_its_seed() -> None:
    assert plan_of(5) == plan_of(5)
    assert plan_of(5) != plan_of(6)


@pytest.mark.parametrize("held", [[10, 11, 12, 13, 14], [11, 13, 10, 12, 14]])
def test_nothing_is_wrong_with_each_comment_once_and_in_order(held: list[int]) -> None:
    assert not wrongs(_SAID, held)


@pytest.mark.parametrize(
    ("held", "words"),
    [
        ([10, 11, 13, 14], "comment 12 is missing"),
        ([10, 11, 12, 13, 12, 14], "comment 12 is there 2 times"),
        ([10, 11, 12, 13, 14, 15], "comment 15 was never said"),
        ([10, 11, 12, 13, -1, 14], "comment -1 was never said"),
        ([12, 11, 10, 13, 14], "the comments on 1 are not in order: [12, 10, 14]"),
    ],
)
def test_what_is_wrong_with_a_room_is_told(held: list[int], words: str) -> None:
    assert words in wrongs(_SAID, held)
