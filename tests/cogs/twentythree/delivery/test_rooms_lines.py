"""Messages of many lines go through crashes and refusals as all others do."""

import re
from datetime import timedelta

import pytest

from cogs.twentythree.delivery.outcomes import GiveUp, Outcome
from tests.fakes.poster import Lost
from tests.fakes.rooms import AGAIN, ROOM, World, idle

_CARD = re.compile(r"#comment-(\d+)$")
_LINK = re.compile(r"\[»\]\([^()\s]*#comment-(\d+)\)")


@pytest.fixture(autouse=True)
async def attached(world: World) -> None:
    await world.attach(ROOM)
    world.poster.left = 1


def shown(world: World) -> list[int]:
    embeds = [embed for message in world.poster.messages for embed in message.embeds]
    found = [
        _CARD.findall(one.get("url", "")) or _LINK.findall(one["description"]) for one in embeds
    ]
    return [int(number) for numbers in found for number in numbers]


async def test_a_backlog_goes_in_few_messages_each_once_in_order(world: World) -> None:
    await world.say(*range(1, 301))
    async with world.running() as rooms:
        await idle(rooms)

    assert shown(world) == list(range(1, 301))
    assert len(world.poster.messages) == 4


async def test_a_lost_reply_is_sent_again_as_it_was(world: World) -> None:
    await world.say(*range(1, 31))
    world.poster.faults[ROOM].extend([Lost(AGAIN)])
    async with world.running() as rooms:
        await idle(rooms)

    assert shown(world) == list(range(1, 31))
    assert len(set(world.poster.attempts)) == 1


async def test_past_discords_memory_it_is_found_by_its_links(world: World) -> None:
    await world.say(*range(1, 31))
    batch = await world.batches(ROOM).start((await world.store.outbox.work(ROOM)).pending)
    assert batch is not None
    await world.store.outbox.record_attempt(batch.batch_id)
    await world.poster.post(ROOM, batch.body, batch.nonce)
    world.now += timedelta(hours=1)
    async with world.running() as again:
        await idle(again)

    assert shown(world) == list(range(1, 31))
    assert len(world.poster.searches) == 1
    assert len(world.poster.attempts) == 1


async def test_one_text_that_discord_refuses_is_left_out_with_few_requests(world: World) -> None:
    def refuse(body: str) -> Outcome | None:
        return GiveUp(reason="automod") if re.search(r"#comment-17\D", body) else None

    world.poster.refuse = refuse
    await world.say(*range(1, 33))
    async with world.running() as rooms:
        await idle(rooms)

    assert shown(world) == [number for number in range(1, 33) if number != 17]
    assert len(world.poster.attempts) == 11
    assert (world.count("delivered"), world.count("given_up")) == (31, 1)
