"""A few runs of the big property test, and the judge of all of them."""

from pathlib import Path

import pytest

from .plan import plan_of
from .running import run
from .verdict import EMPTY, Sight, leaked, lingering, vanished, wrongs

_SAID = {1: [10, 12, 14], 2: [11, 13]}


def sights(*seen: tuple[float, bool, set[int]]) -> list[Sight]:
    """What one room shows: from when on, whether it is calm, and the numbers."""
    return [Sight(at=at, is_calm=calm, shown=(frozenset(shown),)) for at, calm, shown in seen]


@pytest.mark.parametrize("seed", [13, 17, 26, 27, 40, 58])
async def test_each_comment_is_there_once_and_in_order_whatever_fails(
    tmp_path: Path, seed: int
) -> None:
    # How fast is for `python -m tests.faults` to say, on a machine that does nothing else.
    report = await run(plan_of(seed), tmp_path, most_s=20.0)
    assert not report.wrongs, f"{report}\n{report.log[-20_000:]}"


def test_a_plan_follows_from_its_seed() -> None:
    assert plan_of(5) == plan_of(5)
    assert plan_of(5) != plan_of(6)


@pytest.mark.parametrize("held", [[10, 11, 12, 13, 14], [11, 13, 10, 12, 14]])
def test_nothing_is_wrong_with_each_comment_once_and_in_order(held: list[int]) -> None:
    assert not wrongs(_SAID, held)


def test_what_may_stand_anywhere_is_in_no_order() -> None:
    held = [14, 10, 11, 12, 13]

    assert wrongs(_SAID, held) == ["the comments on 1 are not in order: [14, 10, 12]"]
    assert not wrongs(_SAID, held, {14})


@pytest.mark.parametrize(
    ("held", "words"),
    [
        ([10, 11, 13, 14], "comment 12 is missing"),
        ([10, 11, 12, 13, 12, 14], "comment 12 is there 2 times"),
        ([10, 11, 12, 13, 14, 15], "comment 15 is not to be there"),
        ([10, 11, 12, 13, EMPTY, 14], "1 messages say nothing"),
        ([12, 11, 10, 13, 14], "the comments on 1 are not in order: [12, 10, 14]"),
    ],
)
def test_what_is_wrong_with_a_room_is_told(held: list[int], words: str) -> None:
    assert words in wrongs(_SAID, held)


@pytest.mark.parametrize(
    ("seen", "since_s", "words"),
    [
        # Removed at 2 and gone at 5.5; removed at 3 and gone at 5.5; shown again.
        (sights((0, True, {1}), (5.5, True, set()), (9, True, set())), 2, ["3.5 s"]),
        (sights((0, True, {1}), (5.5, True, set()), (9, True, set())), 3, []),
        (
            sights((0, True, {1}), (2, True, set()), (4, True, {1}), (6, True, {1})),
            float("-inf"),
            ["4.0 s"],
        ),
        # What keeps the bot counts for nothing.
        (sights((0, False, {1}), (7, True, {1}), (9, True, set())), 0, []),
        (sights((0, True, {2}), (9, True, {2})), 0, []),
    ],
)
def test_what_is_untrue_may_be_shown_for_three_calm_seconds(
    seen: list[Sight], since_s: float, words: list[str]
) -> None:
    found = lingering(seen, {1: since_s})

    assert found == [f"room 1: comment 1 is not true and was shown for {one}" for one in words]


@pytest.mark.parametrize(
    ("doubtful", "is_wrong"), [({}, True), ({1: 4.0}, False), ({1: 6.0}, True)]
)
def test_what_is_true_may_not_vanish_for_a_moment(
    doubtful: dict[int, float], *, is_wrong: bool
) -> None:
    seen = sights((0, False, {1, 2}), (5, False, {2}), (5.1, True, {1, 2}))

    assert bool(vanished(seen, doubtful)) is is_wrong


def test_what_is_private_may_not_be_shown_for_a_moment() -> None:
    seen = sights((0, False, {1, 2}), (0.1, True, {1}))

    assert leaked(seen, [{2}]) == ["room 1: comment 2 is private and was shown"]
    assert not leaked(seen, [{3}])
