"""What is wrong on the way out: Discord's limits, and rooms whose messages it does not take."""

from __future__ import annotations

from typing import Any

from cogs.twentythree.delivery.gate import Gate, InvalidBudget
from cogs.twentythree.delivery.outcomes import RetryLater
from cogs.twentythree.delivery.pace import RequestPace
from cogs.twentythree.domain.troubles import Fault, Kind
from tests.fakes.rooms import AGAIN, OTHER, ROOM, World, idle


async def test_limits_of_discord_are_told_while_they_last() -> None:
    seconds = 0.0
    pace, budget = RequestPace(10), InvalidBudget(clock=lambda: seconds, limit=10)
    client: Any = None
    gate = Gate(client, pace, budget)
    assert gate.faults() == {}
    # A short one is over before anybody has read of it.
    pace.slow_down(1.0)
    assert gate.faults() == {}
    pace.slow_down(60.0)
    assert gate.faults() == {Kind.DISCORD_LIMIT: Fault(said="60 s")}
    budget.count(6)
    assert gate.faults().keys() == {Kind.DISCORD_LIMIT, Kind.MANY_REFUSALS}
    seconds = 601.0

    assert gate.faults().keys() == {Kind.DISCORD_LIMIT}


async def test_a_room_whose_messages_are_not_taken_is_told_until_they_are(
    world: World,
) -> None:
    await world.attach(ROOM)
    await world.say(1)
    world.poster.faults[ROOM].extend([RetryLater(reason="status 503")] * 3)
    async with world.running() as rooms:
        await world.poster.until(lambda: len(world.poster.attempts) == 3)
        assert rooms.faults({ROOM}) == {Kind.NOT_TAKEN: Fault(count=1, said="status 503")}
        assert rooms.faults() == rooms.faults({ROOM})
        assert rooms.faults({OTHER}) == {}
        await idle(rooms)

        assert rooms.faults() == {}


async def test_one_message_that_fails_once_is_no_trouble(world: World) -> None:
    await world.attach(ROOM)
    await world.say(1)
    world.poster.faults[ROOM].append(AGAIN)
    async with world.running() as rooms:
        await world.poster.until(lambda: len(world.poster.attempts) == 2)
        assert rooms.faults() == {}
        await idle(rooms)
