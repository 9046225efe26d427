"""What a process knows of its lead without asking."""

import asyncio

import pytest

from cogs.twentythree.errors import LeadLostError
from cogs.twentythree.storage.lead import Lead


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def a_lead() -> tuple[Lead, Clock]:
    clock = Clock()
    return Lead("me", clock=clock), clock


def test_before_it_is_taken_it_is_not_certain() -> None:
    lead, _ = a_lead()

    assert not lead.is_certain


def test_it_is_certain_until_the_lease_of_the_last_sign_has_run_out() -> None:
    lead, clock = a_lead()
    lead.begin(7, 110.0)
    assert lead.is_certain

    clock.now = 109.0
    lead.renew(119.0, is_awaited=True)
    clock.now = 118.9
    assert lead.is_certain
    assert lead.is_awaited

    clock.now = 119.0
    assert not lead.is_certain
    assert not lead.is_lost


def test_a_late_sign_makes_it_certain_again() -> None:
    lead, clock = a_lead()
    lead.begin(7, 110.0)
    clock.now = 200.0

    lead.renew(210.0, is_awaited=False)

    assert lead.is_certain


async def test_what_was_lost_is_lost_for_good_and_for_its_first_reason() -> None:
    lead, _ = a_lead()
    lead.begin(7, 110.0)
    waiting = asyncio.create_task(lead.lost())
    await asyncio.sleep(0)

    lead.lose("First.")
    lead.lose("Second.")
    lead.renew(120.0, is_awaited=False)

    with pytest.raises(LeadLostError, match=r"First\."):
        await waiting
    assert lead.is_lost
    assert not lead.is_certain


def test_where_nobody_can_take_it_over_it_stays() -> None:
    lead = Lead.alone()
    assert lead.is_certain

    lead.give_back()

    assert not lead.is_certain
