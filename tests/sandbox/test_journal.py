"""The journal: what is read on in it, and what is lost."""

from __future__ import annotations

import asyncio

from sandbox.journal import Journal


def test_what_was_written_after_a_number_is_read_in_order() -> None:
    journal: Journal[str] = Journal()
    for one in ("a", "b", "c"):
        journal.add(one)

    assert journal.last == 3
    assert journal.after(0) == ["a", "b", "c"]
    assert journal.after(2) == ["c"]
    assert journal.after(3) == []


def test_what_is_not_there_any_more_or_not_yet_is_told_apart_from_nothing() -> None:
    journal: Journal[int] = Journal(kept=2)
    for one in range(5):
        journal.add(one)

    assert journal.after(3) == [3, 4]
    assert journal.after(2) is None
    assert journal.after(1) is None
    assert journal.after(6) is None


async def test_a_reader_waits_for_the_next_item() -> None:
    journal: Journal[str] = Journal()
    readers = [asyncio.create_task(journal.wait(number)) for number in (0, 1)]
    await asyncio.sleep(0)

    journal.add("a")
    await asyncio.wait_for(readers[0], 60)
    assert not readers[1].done()

    journal.add("b")
    await asyncio.wait_for(readers[1], 60)
    await asyncio.wait_for(journal.wait(1), 60)
