from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.twentythree.domain.model import CommentId, ObjectId
from cogs.twentythree.domain.reading import (
    Ground,
    PageSeen,
    Span,
    Verdict,
    common_ground,
    covered,
    is_workspace_cheaper,
    judge,
    missing,
    served,
)


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


def a_page(*ids: int, total: int | None = None, is_cached: bool = False) -> PageSeen:
    return PageSeen(ids=tuple(map(CommentId, ids)), total=total, is_cached=is_cached)


def span(newest: int, oldest: int) -> Span:
    return Span(newest=CommentId(newest), oldest=CommentId(oldest))


def test_pages_that_follow_each_other_hold_all_between_their_ends() -> None:
    assert covered([a_page(9, 8), a_page(6, 5)], to_end=False) == (span(9, 5),)
    assert covered([a_page(9, 8), a_page(6, 5)], to_end=True) == (span(9, 0),)
    assert covered([a_page()], to_end=True) == ()
    assert covered([], to_end=False) == ()


def test_comments_pushed_onto_the_next_page_are_no_break() -> None:
    assert covered([a_page(9, 8, total=5), a_page(8, 7, total=6)], to_end=False) == (span(9, 7),)


def test_a_deletion_between_two_pages_may_have_left_a_hole() -> None:
    pages = [a_page(9, 8, total=5), a_page(6, 5, total=4)]

    assert covered(pages, to_end=True) == (span(9, 8), span(6, 0))


def test_a_page_from_a_cache_stands_by_itself() -> None:
    pages = [a_page(9, 8), a_page(6, 5, is_cached=True), a_page(4, 3)]

    assert covered(pages, to_end=False) == (span(9, 8), span(6, 5), span(4, 3))


def test_promoted_comments_put_first_are_no_part_of_what_is_held() -> None:
    assert covered([a_page(3, 1, 9, 8), a_page(7, 6)], to_end=False) == (span(9, 6),)


def test_what_stood_above_the_first_of_the_list_is_missing_as_well() -> None:
    head = CommentId(12)

    assert covered([a_page(9, 8)], to_end=False, head=head) == (span(12, 8),)
    assert covered([a_page(9, 8)], to_end=False, head=CommentId(5)) == (span(9, 8),)
    assert covered([a_page()], to_end=True, head=head) == (span(12, 0),)
    assert covered([a_page()], to_end=False, head=head) == ()
    torn = [a_page(9, 8, total=5), a_page(6, 5, total=4)]
    assert covered(torn, to_end=False, head=head) == (span(12, 8), span(6, 5))
    assert covered([a_page(9, 8, is_cached=True)], to_end=False, head=head) == (span(9, 8),)


def test_what_is_on_show_and_was_passed_without_being_seen_is_missing() -> None:
    seen = frozenset(map(CommentId, (9, 7)))
    tracked = [CommentId(one) for one in (10, 9, 8, 7, 6, 5, 3)]

    assert missing(tracked, seen, [span(9, 6), span(3, 3)]) == [8, 6, 3]


@given(
    there=st.sets(st.integers(1, 60)),
    gone=st.sets(st.integers(1, 60)),
    size=st.integers(1, 20),
    depth=st.integers(1, 5),
)
def test_a_list_that_holds_still_finds_exactly_what_is_gone_as_far_as_it_was_read(
    there: set[int], gone: set[int], size: int, depth: int
) -> None:
    listed = sorted(there - gone, reverse=True)
    pages = [
        a_page(*listed[at : at + size], total=len(listed)) for at in range(0, size * depth, size)
    ]
    to_end = size * depth >= len(listed)
    read = {one for seen in pages for one in seen.ids}
    found = missing(map(CommentId, there | gone), read, covered(pages, to_end=to_end))

    lowest = 0 if to_end else min(read)
    if listed:
        assert set(found) == {one for one in gone if lowest <= one <= max(listed)}
    else:
        assert found == []
