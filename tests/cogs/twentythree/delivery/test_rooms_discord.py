"""The rooms through the real discord.py, where nothing that Discord asks for is slept out."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime

import discord
import pytest

from cogs.twentythree.delivery import RoomOptions
from cogs.twentythree.domain.model import GuildId, RoomId
from sandbox.chat import Chat, Limit, Role
from tests.fakes.discord_client import Client, online
from tests.fakes.discord_contract import judge
from tests.fakes.discord_rest import Impatient
from tests.fakes.discord_rest_client import QUICK
from tests.fakes.rooms import QUICK as QUICK_ROOMS
from tests.fakes.rooms import World, comments, idle
from tests.fakes.said import said

POSTS = "POST /channels/{channel_id}/messages"


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> Impatient:
    impatient = Impatient()
    monkeypatch.setattr(discord.http, "asyncio", impatient)
    return impatient


@dataclass
class Server:
    chat: Chat
    guild_id: int
    role: Role
    client: Client
    room: RoomId
    other: RoomId

    def texts(self, room_id: RoomId) -> list[str]:
        return [said(e) for one in self.chat.messages(room_id) for e in one.embeds]


@pytest.fixture
async def server(world: World) -> AsyncGenerator[Server]:
    chat = await Chat.start(QUICK)
    guild = chat.guilds.add_guild("Town")
    (role,) = chat.guilds.bot_roles(guild.id)
    room, other = (chat.rooms.add_channel(guild.id, name) for name in ("room", "other"))
    world.now, world.guild_id = datetime.now(UTC), GuildId(guild.id)
    world.attached_by = chat.owner.id
    async with online(chat) as client:
        world.client = client
        yield Server(chat, guild.id, role, client, RoomId(room.id), RoomId(other.id))
    await chat.close()
    judge(chat.posts)


async def test_a_burst_arrives_in_order_and_once_however_bad_the_connection(
    world: World, server: Server, patience: Impatient
) -> None:
    # Without headers nobody knows that there is room for more than one message of ten.
    server.chat.rules.is_rate_limited = False
    await world.attach(server.room)
    await world.say(*range(1, 61))
    for fault in (
        {"drops": True, "when": "after"},
        {"status": 502, "when": "after"},
        {"drops": True},
        {"status": 503},
        {"retry_after_s": 1.0, "is_global": True},
        {"status": 500},
    ):
        server.chat.fault("POST", f"/channels/{server.room}/messages", **fault)
    async with world.running() as rooms:
        await idle(rooms)

    assert server.texts(server.room) == comments(range(1, 61))
    assert len(server.chat.messages(server.room)) == 6
    assert not server.chat.faults.are_left


async def test_a_room_that_gets_its_permission_back_goes_on_at_once(
    world: World, server: Server
) -> None:
    chat, room, other = server.chat, server.room, server.other
    chat.rooms.set_overwrites(room, server.role, deny=["send_messages"])
    await world.attach(room)
    await world.attach(other)
    async with world.running(RoomOptions()) as rooms:
        rooms.wake(await world.say(1))
        await chat.wait_for(lambda: len(chat.dms(chat.owner.id)) == 1)
        await chat.wait_for(lambda: server.texts(other) == comments([1]))
        asked = len(chat.posts)
        rooms.recheck(server.guild_id)
        rooms.wake(await world.say(2))
        await chat.wait_for(lambda: server.texts(other) == comments([1, 2]))
        paths = [post.path for post in list(chat.posts)[asked:]]
        assert paths == [f"/channels/{other}/messages"]

        chat.rooms.set_overwrites(room, server.role)
        await server.client.wait_for_count("guild_channel_update", 2)
        rooms.recheck(server.guild_id + 1)
        rooms.recheck(server.guild_id)
        await chat.wait_for(lambda: server.texts(room) == comments([1, 2]))
        await idle(rooms)

    assert (await world.store.upkeep.counts()).paused_rooms == 0
    assert len(chat.dms(chat.owner.id)) == 1


async def test_a_stop_in_the_tail_of_a_used_up_rate_limit_is_bounded_and_repeats_nothing(
    world: World, server: Server
) -> None:
    """The fifth post is public while discord.py still sleeps out the bucket: behaviour as is."""
    chat = server.chat
    await world.attach(server.room)
    await world.say(1)
    chat.rules.limits[POSTS] = Limit(requests=1, window_s=3600.0)
    async with world.running() as rooms:
        await chat.wait_for(lambda: chat.messages(server.room))
        async with asyncio.timeout(60):
            await rooms.drain(0.01)
    chat.rules.limits.clear()
    async with online(chat) as world.client, world.running(QUICK_ROOMS) as rooms:
        await idle(rooms)

    assert server.texts(server.room) == comments([1])
    assert await world.store.outbox.rooms_with_work() == frozenset()
