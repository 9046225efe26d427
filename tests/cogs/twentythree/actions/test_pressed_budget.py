"""Presses and readings share what the workspace may be asked, and neither holds up the other."""

from __future__ import annotations

import asyncio

from cogs.twentythree.api import RequestBudget
from cogs.twentythree.domain.acting import Effect
from cogs.twentythree.domain.deeds import Action
from cogs.twentythree.intake.turns import Turns
from tests.cogs.twentythree.actions.desk import Desk


class _Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def _counted(desk: Desk, budget: RequestBudget) -> None:
    """Have what the desk asks the workspace be noted as pressed."""
    desk.api = desk.api.counted(lambda _method, _status: budget.spend(is_pressed=True))
    desk.acting = desk.started()


async def test_a_press_does_not_wait_behind_readings_that_have_used_up_all(desk: Desk) -> None:
    clock, number = _Clock(), await desk.say()
    budget = RequestBudget(240, clock=clock)
    _counted(desk, budget)
    for _ in range(500):
        budget.spend()
    turns = Turns[str](budget, clock=clock)
    turns.ask(["a reading"])
    reading = asyncio.create_task(turns.next())

    done = await desk.acting.act(desk.wanted(Action.PROMOTE, number))

    assert (done.effect, reading.done()) == (Effect.DONE, False)
    clock.seconds += 600
    turns.ask(["another"])
    assert await reading == "a reading"


async def test_a_reading_does_not_wait_behind_many_presses(desk: Desk) -> None:
    clock, numbers = _Clock(), [await desk.say() for _ in range(40)]
    budget = RequestBudget(120, clock=clock)
    _counted(desk, budget)
    desk.workspace.log.clear()

    for number in numbers:
        await desk.acting.act(desk.wanted(Action.ANSWER, number))

    assert len(desk.workspace.log) >= 120
    turns = Turns[str](budget, clock=clock)
    turns.ask(["a reading"])
    assert await asyncio.wait_for(turns.next(), timeout=5) == "a reading"
