from __future__ import annotations

import pytest

from cogs.twentythree.domain.model import CommentId, ObjectId
from cogs.twentythree.domain.reading import Verdict, common_ground, is_workspace_cheaper, served

MARKS = {
    ObjectId(1): CommentId(50),
    ObjectId(2): CommentId(40),
    ObjectId(3): CommentId(10),
    ObjectId(4): None,
}


@pytest.mark.parametrize(
    ("objects", "requests", "is_cheaper"),
    [
        (0, None, False),
        (3, None, False),
        (4, None, True),
        (500, 2, True),
        (500, 499, True),
        (500, 500, False),
        (3, 1, False),
    ],
)
def test_the_workspace_is_read_at_once_where_that_takes_fewer_requests(
    objects: int, requests: int | None, *, is_cheaper: bool
) -> None:
    assert is_workspace_cheaper(objects, requests) is is_cheaper


def test_the_ground_is_what_most_objects_share_the_newest_of_equals() -> None:
    marks = [CommentId(7), CommentId(7), CommentId(9), CommentId(3), None]

    assert common_ground(marks) == 7
    assert common_ground([CommentId(3), CommentId(9)]) == 9
    assert common_ground([None]) is None


def served_by(verdict: Verdict, *, to_end: bool = False, oldest: int | None = 30) -> set[int]:
    return set(
        served(
            MARKS,
            verdict=verdict,
            to_end=to_end,
            ground=CommentId(40),
            oldest=None if oldest is None else CommentId(oldest),
        )
    )


def test_a_reading_to_known_ground_serves_those_that_are_at_it_or_above() -> None:
    assert served_by(Verdict.REACHED) == {1, 2}


def test_a_reading_that_hit_its_bound_serves_down_to_where_it_came() -> None:
    assert served_by(Verdict.ENOUGH, oldest=45) == {1}
    assert served_by(Verdict.ENOUGH, oldest=None) == set()


def test_a_reading_of_the_whole_list_serves_all_and_a_torn_one_nobody() -> None:
    assert served_by(Verdict.REACHED, to_end=True) == {1, 2, 3, 4}
    assert served_by(Verdict.AGAIN, to_end=True) == set()
