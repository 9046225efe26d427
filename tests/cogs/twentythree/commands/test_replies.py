from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cogs.twentythree.commands.replies import paged


@given(st.lists(st.text(st.characters(exclude_characters="\n"), min_size=1, max_size=60)))
def test_every_entry_is_on_one_page_in_order_and_no_page_is_too_long(entries: list[str]) -> None:
    pages = paged(entries, characters=80, count=3)

    assert [line for page in pages for line in page.split("\n")] == entries
    assert all(len(page) <= 80 for page in pages)
    assert all(page.count("\n") < 3 for page in pages)


def test_nothing_makes_no_page() -> None:
    assert paged([]) == []


def test_an_entry_longer_than_a_page_has_its_own() -> None:
    assert paged(["a", "b" * 50, "c"], characters=10, count=5) == ["a", "b" * 50, "c"]
