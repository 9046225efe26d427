"""What is easier to see with a few routes than with all of Discord: no gateway, no waiting."""

import asyncio
from collections.abc import AsyncGenerator

import discord
import pytest

from cogs.twentythree.delivery import RoomOptions
from tests.fakes.discord_rest import (
    GUILD_ID,
    DiscordRest,
    Fault,
    Impatient,
    channel,
    guild,
    logged_in,
)
from tests.fakes.rooms import OTHER, QUICK, ROOM, World, comments, idle

ALLOWED = discord.Permissions(view_channel=True, send_messages=True, embed_links=True)


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> Impatient:
    impatient = Impatient()
    monkeypatch.setattr(discord.http, "asyncio", impatient)
    return impatient


@pytest.fixture
async def server(world: World) -> AsyncGenerator[DiscordRest]:
    server = DiscordRest()
    async with logged_in(server) as world.client:
        world.now = server.now
        yield server


def texts(server: DiscordRest, room_id: int) -> list[str]:
    return [e["description"] for one in server.in_room(room_id) for e in one["embeds"]]


async def test_a_burst_arrives_in_order_and_once_however_bad_the_connection(
    world: World, server: DiscordRest, patience: Impatient
) -> None:
    await world.attach(ROOM)
    await world.say(*range(1, 61))
    server.faults.extend(
        [
            Fault(is_done=True),
            Fault(status=502, is_done=True),
            Fault(),
            Fault(status=503),
            Fault(status=429, headers={"Via": "1.1"}, body={"retry_after": 1, "global": True}),
            Fault(status=500),
        ]
    )
    async with world.running() as rooms:
        await idle(rooms)

    assert texts(server, ROOM) == comments(range(1, 61))
    assert len(server.messages) == 6


async def test_a_room_that_gets_its_permission_back_goes_on_at_once(
    world: World, server: DiscordRest
) -> None:
    assert world.client is not None
    await world.attach(ROOM)
    await world.attach(OTHER)
    guild(world.client, channel(ROOM), channel(OTHER, allow=ALLOWED.value))
    server.refusals["POST", ROOM] = (403, 50013)
    async with world.running(RoomOptions()) as rooms:
        rooms.wake(await world.say(1))
        await server.until(lambda: len(server.in_room(1_000_077)) == 1)
        await server.until(lambda: texts(server, OTHER) == comments([1]))
        asked = len(server.requests)
        rooms.recheck(GUILD_ID)
        rooms.wake(await world.say(2))
        await server.until(lambda: texts(server, OTHER) == comments([1, 2]))
        assert [path for _, path, _ in server.requests[asked:]] == [f"channels/{OTHER}/messages"]

        guild(world.client, channel(ROOM, allow=ALLOWED.value))
        del server.refusals["POST", ROOM]
        rooms.recheck(GUILD_ID + 1)
        rooms.recheck(GUILD_ID)
        await server.until(lambda: texts(server, ROOM) == comments([1, 2]))
        await idle(rooms)

    assert (await world.store.upkeep.counts()).paused_rooms == 0
    assert len(server.in_room(1_000_077)) == 1


async def test_a_stop_in_the_tail_of_a_used_up_rate_limit_is_bounded_and_repeats_nothing(
    world: World, server: DiscordRest
) -> None:
    """The fifth post is public while discord.py still sleeps out the bucket: behaviour as is."""
    await world.attach(ROOM)
    await world.say(1)
    server.limits[ROOM] = (1, 3600.0)
    async with world.running() as rooms:
        await server.until(lambda: len(server.messages) == 1)
        async with asyncio.timeout(10):
            await rooms.drain(0.01)
    server.limits.clear()
    async with logged_in(server) as world.client, world.running(QUICK) as rooms:
        await idle(rooms)

    assert texts(server, ROOM) == comments([1])
    assert await world.store.outbox.rooms_with_work() == frozenset()
