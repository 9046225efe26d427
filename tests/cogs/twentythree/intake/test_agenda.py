"""What is written on the agenda, and what a reader takes up of it."""

from __future__ import annotations

import asyncio

from cogs.twentythree.domain.model import CommentId, ObjectId
from cogs.twentythree.intake.agenda import MOST_NAMED, Agenda, Hint

ONE, TWO = ObjectId(1), ObjectId(2)
FIVE, SIX, SEVEN = (frozenset([CommentId(number)]) for number in (5, 6, 7))


async def test_what_is_written_is_taken_up_once_by_each_reader() -> None:
    agenda = Agenda()
    agenda.attached(ONE)
    agenda.ask([TWO, ONE])

    readings, look_ups = await agenda.readings.take(), await agenda.look_ups.take()

    assert ([*readings.attached], [*readings.asked]) == ([ONE], [TWO, ONE])
    assert ([*look_ups.attached], [*look_ups.asked]) == ([ONE], [])
    assert agenda.readings.todo == agenda.look_ups.todo
    assert not agenda.readings.todo.asked


async def test_a_reader_waits_until_something_is_written() -> None:
    agenda = Agenda()
    taking = asyncio.create_task(agenda.readings.take())
    await asyncio.sleep(0)
    assert not taking.done()
    agenda.hint(ONE, FIVE)

    assert (await taking).hinted == {ONE: Hint(named=FIVE)}


def test_a_hint_that_names_nothing_covers_what_was_named_before_it() -> None:
    agenda = Agenda()
    agenda.hint(ONE, FIVE)
    agenda.hint(ONE, SIX)
    assert agenda.readings.todo.hinted == {ONE: Hint(named=FIVE | SIX)}
    agenda.hint(ONE)
    agenda.hint(ONE, SEVEN)

    assert agenda.readings.todo.hinted == {ONE: Hint(named=SEVEN, is_open=True)}


def test_who_names_very_much_has_all_of_it_read() -> None:
    agenda = Agenda()
    for number in range(300):
        agenda.hint(ONE, [CommentId(number)])
        assert len(agenda.readings.todo.hinted[ONE].named) <= MOST_NAMED

    assert agenda.readings.todo.hinted[ONE].is_open


def test_nothing_is_to_be_done_about_what_is_detached_unless_it_comes_again() -> None:
    agenda = Agenda()
    agenda.attached(ONE)
    agenda.ask([ONE])
    agenda.hint(ONE)
    agenda.forget(ONE)
    for todo in (agenda.readings.todo, agenda.look_ups.todo):
        assert (todo.attached, todo.asked, todo.hinted, todo.forgotten) == ({}, {}, {}, {ONE})
    agenda.attached(ONE)

    # What is taken up in this order is attached in the end.
    assert [*agenda.readings.todo.attached] == [ONE]
    assert agenda.readings.todo.forgotten == {ONE}


def test_intervals_of_all_include_those_of_some() -> None:
    agenda = Agenda()
    agenda.replan([ONE])
    agenda.replan([TWO])
    assert agenda.look_ups.todo.replanned == {ONE, TWO}
    agenda.replan()
    agenda.replan([ONE])

    assert agenda.readings.todo.replanned is None
