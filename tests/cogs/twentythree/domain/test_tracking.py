from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cogs.twentythree.domain.model import CommentId
from cogs.twentythree.domain.reading import PageSeen, Span, covered, missing


def page(*ids: int, total: int | None = None, is_cached: bool = False) -> PageSeen:
    return PageSeen(ids=tuple(map(CommentId, ids)), total=total, is_cached=is_cached)


def span(newest: int, oldest: int) -> Span:
    return Span(newest=CommentId(newest), oldest=CommentId(oldest))


def test_pages_that_follow_each_other_hold_all_between_their_ends() -> None:
    assert covered([page(9, 8), page(6, 5)], to_end=False) == (span(9, 5),)
    assert covered([page(9, 8), page(6, 5)], to_end=True) == (span(9, 0),)
    assert covered([page()], to_end=True) == ()
    assert covered([], to_end=False) == ()


def test_comments_pushed_onto_the_next_page_are_no_break() -> None:
    assert covered([page(9, 8, total=5), page(8, 7, total=6)], to_end=False) == (span(9, 7),)


def test_a_deletion_between_two_pages_may_have_left_a_hole() -> None:
    pages = [page(9, 8, total=5), page(6, 5, total=4)]

    assert covered(pages, to_end=True) == (span(9, 8), span(6, 0))


def test_a_page_from_a_cache_stands_by_itself() -> None:
    pages = [page(9, 8), page(6, 5, is_cached=True), page(4, 3)]

    assert covered(pages, to_end=False) == (span(9, 8), span(6, 5), span(4, 3))


def test_promoted_comments_put_first_are_no_part_of_what_is_held() -> None:
    assert covered([page(3, 1, 9, 8), page(7, 6)], to_end=False) == (span(9, 6),)


def test_what_stood_above_the_first_of_the_list_is_missing_as_well() -> None:
    head = CommentId(12)

    assert covered([page(9, 8)], to_end=False, head=head) == (span(12, 8),)
    assert covered([page(9, 8)], to_end=False, head=CommentId(5)) == (span(9, 8),)
    assert covered([page()], to_end=True, head=head) == (span(12, 0),)
    assert covered([page()], to_end=False, head=head) == ()
    torn = [page(9, 8, total=5), page(6, 5, total=4)]
    assert covered(torn, to_end=False, head=head) == (span(12, 8), span(6, 5))
    assert covered([page(9, 8, is_cached=True)], to_end=False, head=head) == (span(9, 8),)


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
        page(*listed[at : at + size], total=len(listed)) for at in range(0, size * depth, size)
    ]
    to_end = size * depth >= len(listed)
    read = {one for seen in pages for one in seen.ids}
    found = missing(map(CommentId, there | gone), read, covered(pages, to_end=to_end))

    lowest = 0 if to_end else min(read)
    if listed:
        assert set(found) == {one for one in gone if lowest <= one <= max(listed)}
    else:
        assert found == []
