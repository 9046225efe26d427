from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.twentythree.domain.model import CommentId
from cogs.twentythree.domain.reading import Ground, PageSeen, Verdict, judge


def page(ids: Sequence[int], total: int | None = None) -> PageSeen:
    return PageSeen(ids=tuple(CommentId(number) for number in ids), total=total)


def after(*pages: PageSeen, watermark: int | None = None, most_pages: int = 10) -> Verdict:
    known = None if watermark is None else CommentId(watermark)
    return judge(pages, known, most_pages=most_pages)


@pytest.mark.parametrize("watermark", [7, 8, 9])
def test_a_page_that_gets_to_known_ground_is_the_last(watermark: int) -> None:
    assert after(page([9, 8, 7], 100), watermark=watermark) is Verdict.REACHED


def test_known_ground_may_have_been_deleted() -> None:
    assert after(page([9, 8, 5], 100), watermark=6) is Verdict.REACHED


def test_a_page_that_does_not_get_there_asks_for_more() -> None:
    assert after(page([9, 8, 7], 100), watermark=6) is Verdict.MORE
    assert after(page([9, 8, 7]), watermark=6) is Verdict.MORE
    assert after(page([9, 8, 7], 100)) is Verdict.MORE


def test_the_end_of_the_list_is_known_ground() -> None:
    assert after(page([9, 8], 3), page([7], 3)) is Verdict.REACHED
    assert after(page([], 0)) is Verdict.REACHED
    assert after(page([9, 8]), page([])) is Verdict.REACHED


def test_a_total_below_what_stands_on_the_page_is_no_end() -> None:
    assert after(page([9, 8, 7], 2), watermark=5) is Verdict.MORE


def test_an_overlap_of_pages_counts_once() -> None:
    assert after(page([9, 8], 4), page([8, 7], 4)) is Verdict.MORE


def test_a_reading_begins_again_when_comments_went_away_between_pages() -> None:
    assert after(page([9, 8], 5), page([6, 5], 4), watermark=5) is Verdict.AGAIN


def test_comments_that_come_in_between_do_no_harm() -> None:
    assert after(page([9, 8], 5), page([8, 7], 6), watermark=7) is Verdict.REACHED
    assert after(page([9, 8]), page([7, 6], 9), watermark=5) is Verdict.MORE
    assert after(page([9, 8], 5), page([7, 6]), watermark=5) is Verdict.MORE


def test_a_reading_is_bounded() -> None:
    assert after(page([9], 9), page([8], 9), most_pages=2) is Verdict.ENOUGH


def test_a_list_that_breaks_off_is_not_known_ground() -> None:
    assert after(page([9, 8], 500), page([], 500), watermark=5) is Verdict.ENOUGH


def test_past_the_end_of_a_list_that_grew_meanwhile_is_known_ground() -> None:
    assert after(page([9, 8], 3), page([8, 7], 4), page([], 4)) is Verdict.REACHED
    assert after(page([9, 8], 3), page([8, 7], 4), page([], 7)) is Verdict.REACHED


def test_old_promoted_comments_on_top_are_not_known_ground() -> None:
    assert after(page([5, 2, 1, 9, 8], 100), watermark=6) is Verdict.MORE
    assert after(page([5, 2, 9, 8, 6], 100), watermark=6) is Verdict.REACHED


def test_pages_of_different_times_are_no_way_to_known_ground() -> None:
    cached = replace(page([6, 5], 9), is_cached=True)

    assert after(page([9, 8], 9), cached, watermark=5) is Verdict.AGAIN
    assert after(cached, page([4, 3], 9), watermark=3) is Verdict.AGAIN
    assert after(cached, watermark=5) is Verdict.REACHED


def test_the_ground_of_an_object_without_comments_is_none() -> None:
    assert Ground(watermark=None).watermark is None


@given(
    comments=st.sets(st.integers(1, 60), max_size=40),
    size=st.integers(1, 9),
    watermark=st.none() | st.integers(1, 60),
    changes=st.lists(
        st.none() | st.tuples(st.booleans(), st.integers(0, 60)), min_size=45, max_size=45
    ),
)
def test_a_reading_that_got_there_has_all_that_is_new(
    comments: set[int],
    size: int,
    watermark: int | None,
    changes: list[tuple[bool, int] | None],
) -> None:
    listed = set(comments)
    read: set[int] = set()
    pages: list[PageSeen] = []
    newest = 100
    verdict = Verdict.MORE
    for change in changes:
        ids = sorted(listed, reverse=True)[len(pages) * size :][:size]
        read.update(ids)
        pages.append(page(ids, len(listed)))
        verdict = after(*pages, watermark=watermark, most_pages=100)
        if verdict is Verdict.AGAIN:
            pages, read = [], set()
        if verdict in {Verdict.REACHED, Verdict.ENOUGH}:
            break
        match change:
            case True, _:
                newest += 1
                listed.add(newest)
            case False, number:
                listed.discard(number)
    if verdict is Verdict.REACHED:
        first = max(pages[0].ids, default=0)
        new = {number for number in listed if (watermark or 0) < number <= first}

        assert new <= read
