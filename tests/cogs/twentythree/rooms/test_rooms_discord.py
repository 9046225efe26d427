"""The whole way out: a real store, the real discord.py, a few routes of Discord's API."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta

import discord
import pytest

from cogs.twentythree.rooms import RoomOptions
from tests.fakes.discord_rest import (
    GUILD_ID,
    DiscordRest,
    Fault,
    Impatient,
    channel,
    guild,
    logged_in,
)
from tests.fakes.notices import WEBINAR
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


async def test_a_crash_is_made_good_by_the_nonce_and_later_by_the_history(
    world: World, server: DiscordRest
) -> None:
    """Twice the reply is lost and the process dies; once it is back soon, once it is not."""
    await world.attach(ROOM)
    for number, away in ((1, timedelta(seconds=30)), (2, timedelta(hours=5))):
        await world.say(number)
        server.faults.append(Fault(is_done=True))
        async with world.running(RoomOptions()):
            await server.until(lambda: len(server.messages) == number)  # noqa: B023
        world.now += away
        server.now += away
        if number == 2:
            server._nonces.clear()
        async with world.running() as rooms:
            await idle(rooms)

    assert texts(server, ROOM) == comments([1, 2])
    assert [path for method, path, _ in server.requests if "messages" in path][-1].startswith(
        f"channels/{ROOM}/messages"
    )
    assert ("GET", f"channels/{ROOM}/messages", None) in server.requests


async def test_a_room_that_gets_its_permission_back_goes_on_at_once(
    world: World, server: DiscordRest
) -> None:
    assert world.client is not None
    await world.attach(ROOM)
    await world.attach(OTHER)
    guild(world.client, channel(ROOM), channel(OTHER, allow=ALLOWED.value))
    server.refusals["POST", ROOM] = (403, 50013)
    server.forbidden_word = ""
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

    assert (await world.store.counts()).paused_rooms == 0
    assert len(server.in_room(1_000_077)) == 1


async def test_a_deleted_room_is_paused_with_a_reason_and_nothing_is_detached(
    world: World, server: DiscordRest
) -> None:
    await world.attach(ROOM)
    server.refusals["POST", ROOM] = (404, 10003)
    async with world.running(RoomOptions()) as rooms:
        rooms.wake(await world.say(1))
        await server.until(lambda: len(server.in_room(1_000_077)) == 1)
        await rooms.drain(5)

    (attachment,) = await world.store.attachments(room_id=ROOM)
    assert attachment.pause is not None
    assert "deleted" in attachment.pause.reason


async def test_a_word_that_automod_blocks_costs_its_comment_only(
    world: World, server: DiscordRest
) -> None:
    await world.attach(ROOM)
    await world.say(1, 2, 3)
    server.forbidden_word = "Comment 2"
    async with world.running() as rooms:
        await idle(rooms)

    assert texts(server, ROOM) == comments([1, 3])


async def test_a_card_is_one_message_from_its_start_to_its_end(
    world: World, server: DiscordRest
) -> None:
    await world.attach(ROOM, WEBINAR, mention_role_id=5)
    async with world.running() as rooms:
        await world.see(rooms, is_broadcasting=True, viewers_now=3)
        await idle(rooms)
        assert server.requests[-1][2]["allowed_mentions"] == {"parse": [], "roles": ["5"]}
        await world.see(rooms, is_broadcasting=False)
        await idle(rooms)

    (card,) = server.messages
    assert "**Ended**" in card["embeds"][0]["description"]
    assert server.requests[-1][2]["allowed_mentions"] == {"parse": []}


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
    assert await world.store.rooms_with_work() == frozenset()


async def test_a_room_in_the_tail_of_its_rate_limit_holds_up_no_other(
    world: World, server: DiscordRest
) -> None:
    await world.attach(ROOM)
    await world.attach(OTHER)
    server.limits[ROOM] = (1, 3600.0)
    async with world.running() as rooms:
        for number in (1, 2, 3):
            rooms.wake(await world.say(number))
            await server.until(lambda: len(texts(server, OTHER)) == number)  # noqa: B023

    assert texts(server, OTHER) == comments([1, 2, 3])
    assert texts(server, ROOM) == comments([1])
