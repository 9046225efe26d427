"""Logging in, and everything that can happen to a connection, with the real discord.py."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import discord
import pytest

from sandbox.chat import Channel, ChannelType, Chat, Guild
from tests.fakes.discord_client import Client
from tests.fakes.discord_rest_client import Listener
from tests.sandbox.chat.conftest import Start


async def test_a_client_knows_its_guild_and_itself_when_it_is_ready(
    chat: Chat, guild: Guild, room: Channel, client: Client
) -> None:
    assert client.user is not None
    assert (client.user.id, client.application_id) == (chat.bot.id, chat.bot.id)
    (known,) = client.guilds
    assert (known.name, known.me.id) == ("Videos", chat.bot.id)
    channel = known.get_channel(room.id)
    assert isinstance(channel, discord.TextChannel)
    assert channel.permissions_for(known.me).embed_links


async def test_a_wrong_token_is_refused_at_login(chat: Chat, start: Start) -> None:
    chat.rules.is_token_refused = True

    with pytest.raises(discord.LoginFailure):
        await start(Client())


async def test_a_token_that_is_refused_by_the_gateway_ends_the_client(
    chat: Chat, client: Client
) -> None:
    chat.rules.is_token_refused = True
    chat.gateway.drop()

    await client.wait_for_closed()


async def test_intents_that_the_application_may_not_have_are_refused(
    chat: Chat, start: Start
) -> None:
    with pytest.raises(discord.PrivilegedIntentsRequired):
        await start(Client(intents=discord.Intents.all()))


async def test_members_are_told_on_request_where_the_intent_is_allowed(
    chat: Chat, guild: Guild, start: Start
) -> None:
    chat.rules.privileged_intents = discord.Intents(members=True).value
    chat.guilds.add_member(guild.id, "ann")

    client = await start(Client(intents=discord.Intents(guilds=True, members=True)))

    names = {member.name for member in client.guilds[0].members}
    assert names == {"owner", "ann", "Sandbox bot"}


async def test_a_dropped_connection_is_resumed_and_what_was_missed_is_told(
    chat: Chat, guild: Guild, client: Client
) -> None:
    chat.rules.refuses_connections = True
    chat.gateway.drop()
    await client.wait_for_count("disconnect", 1)
    news = chat.rooms.add_channel(guild.id, "news", ChannelType.ANNOUNCEMENT)
    chat.rules.refuses_connections = False

    await client.wait_for_count("resumed", 1)

    assert client.get_channel(news.id) is not None
    assert (chat.gateway.identifies, chat.gateway.resumes) == (1, 1)


async def test_a_client_that_is_asked_to_reconnect_resumes(chat: Chat, client: Client) -> None:
    chat.gateway.ask_to_reconnect()
    await client.wait_for_count("resumed", 1)

    chat.gateway.invalidate(resumable=True)
    await client.wait_for_count("resumed", 2)

    assert chat.gateway.identifies == 1


async def test_a_client_whose_session_is_invalid_identifies_again(
    chat: Chat, client: Client
) -> None:
    chat.gateway.invalidate()
    await client.wait_for_count("ready", 2)
    assert (chat.gateway.identifies, chat.gateway.resumes) == (2, 0)

    chat.gateway.forget_sessions()
    chat.gateway.drop()
    await client.wait_for_count("ready", 3)
    assert (chat.gateway.identifies, chat.gateway.resumes) == (3, 0)


async def test_a_close_code_that_allows_it_is_followed_by_a_resume(
    chat: Chat, client: Client
) -> None:
    chat.gateway.close_all(4000)

    await client.wait_for_count("resumed", 1)


async def test_a_silent_gateway_is_left_for_another_connection(chat: Chat, start: Start) -> None:
    client = await start(Client(heartbeat_timeout=0.2))

    chat.gateway.go_silent()

    await client.wait_for_count("resumed", 1)


async def test_a_shard_is_told_of_its_own_guilds_only(chat: Chat, start: Start) -> None:
    guilds = [chat.guilds.add_guild(str(number)) for number in range(3)]

    client = await start(Client(shard_id=1, shard_count=2))

    expected = {guild.id for guild in guilds if (guild.id >> 22) % 2 == 1}
    assert {guild.id for guild in client.guilds} == expected


async def test_changes_of_the_world_are_told(chat: Chat, guild: Guild, client: Client) -> None:
    known = client.guilds[0]
    fans = chat.guilds.add_role(guild.id, "fans")
    await client.wait_for_count("guild_role_create", 1)
    chat.guilds.set_role(guild.id, fans.id, granted=["mention_everyone"], is_mentionable=True)
    await client.wait_for_count("guild_role_update", 1)
    (role,) = [one for one in known.roles if one.id == fans.id]
    assert (role.permissions.mention_everyone, role.mentionable) == (True, True)

    chat.guilds.set_roles(guild.id, chat.bot.id, [*chat.guilds.bot_roles(guild.id), fans])
    await client.wait_for_count("member_update", 1)
    assert role in known.me.roles
    chat.guilds.delete_role(guild.id, fans.id)
    await client.wait_for_count("guild_role_delete", 1)

    chat.guilds.set_system_channel(guild.id, None)
    await client.wait_for_count("guild_update", 1)
    chat.guilds.set_available(guild.id, is_available=False)
    await client.wait_for_count("guild_unavailable", 1)
    chat.guilds.set_available(guild.id, is_available=True)
    await client.wait_for_count("guild_available", 2)


async def test_the_bot_can_leave_and_join(chat: Chat, guild: Guild, client: Client) -> None:
    chat.guilds.remove_bot(guild.id)
    await client.wait_for_count("guild_remove", 1)
    assert list(client.guilds) == []

    chat.guilds.add_bot(guild.id)
    await client.wait_for_count("guild_join", 1)
    assert [one.id for one in client.guilds] == [guild.id]


_TOKEN = {"token": "sandbox-token"}


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("no JSON", 4002),
        ({"op": 99}, 4001),
        ({"op": 3, "d": {}}, 4003),
        ({"op": 2, "d": {"token": "wrong", "intents": 1}}, 4004),
        ({"op": 2, "d": {**_TOKEN, "intents": 1, "shard": [2, 2]}}, 4010),
        ({"op": 2, "d": {**_TOKEN, "intents": 1 << 40}}, 4013),
        ({"op": 2, "d": {**_TOKEN, "intents": 1, "more": "x" * 5000}}, 4002),
    ],
)
async def test_what_discord_does_not_understand_closes_the_connection(
    chat: Chat, sent: Any, code: int
) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(chat.gateway_url) as socket,
    ):
        assert (await socket.receive_json())["op"] == 10
        await socket.send_str(sent if isinstance(sent, str) else json.dumps(sent))
        await socket.receive()

        assert socket.close_code == code


async def test_heartbeats_are_acknowledged_until_they_are_not(chat: Chat) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(chat.gateway_url) as socket,
    ):
        await socket.receive_json()
        await socket.send_json({"op": 1, "d": None})
        assert (await socket.receive_json())["op"] == 11

        chat.gateway.stop_acks()
        await socket.send_json({"op": 1, "d": None})
        await socket.send_json({"op": 6, "d": {**_TOKEN, "session_id": "unknown", "seq": 1}})
        assert await socket.receive_json() == {"op": 9, "d": False, "s": None, "t": None}


async def test_a_client_that_sends_too_much_is_sent_away(chat: Chat) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(chat.gateway_url) as socket,
    ):
        for _ in range(121):
            await socket.send_json({"op": 1, "d": None})
        async for _ in socket:
            pass

        assert socket.close_code == 4008


async def test_a_sharded_bot_is_told_how_to_connect(
    chat: Chat, guild: Guild, pointed: None
) -> None:
    ready = asyncio.Event()

    class Sharded(discord.AutoShardedClient):
        async def on_ready(self) -> None:
            ready.set()

    sharded = Sharded(intents=discord.Intents(guilds=True), guild_ready_timeout=0.01)
    async with sharded:
        running = asyncio.create_task(sharded.start(chat.token))
        await ready.wait()
        assert [one.id for one in sharded.guilds] == [guild.id]
        await sharded.close()
        await running


async def test_a_resume_tells_exactly_what_was_missed_while_the_session_lives(
    chat: Chat, guild: Guild
) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(chat.gateway_url) as socket:
            await socket.receive_json()
            await socket.send_json({"op": 2, "d": {**_TOKEN, "intents": 1}})
            ready, created = await socket.receive_json(), await socket.receive_json()
            chat.gateway.drop()
            await socket.receive()
        await chat.wait_for(lambda: not chat.gateway.connections)
        chat.guilds.add_role(guild.id, "missed")
        resume = {**_TOKEN, "session_id": ready["d"]["session_id"], "seq": created["s"]}

        async with session.ws_connect(chat.gateway_url) as socket:
            await socket.receive_json()
            await socket.send_json({"op": 6, "d": resume})
            told = [await socket.receive_json() for _ in range(2)]
            chat.gateway.invalidate()
            gone = await socket.receive_json()
            await socket.send_json({"op": 6, "d": resume})
            refused = await socket.receive_json()

    assert [(frame["t"], frame["s"]) for frame in told] == [
        ("GUILD_ROLE_CREATE", 3),
        ("RESUMED", 4),
    ]
    assert (gone["op"], gone["d"]) == (refused["op"], refused["d"]) == (9, False)


async def test_nothing_is_told_of_guilds_that_the_bot_is_not_in(chat: Chat, guild: Guild) -> None:
    async with aiohttp.ClientSession() as session, Listener(chat, session) as listener:
        await listener.next("GUILD_CREATE")
        chat.rooms.add_channel(chat.guilds.add_guild(with_bot=False).id, "elsewhere")
        chat.rooms.add_channel(guild.id, "here")
        event, data = await listener.event()

    assert (event, data["name"]) == ("CHANNEL_CREATE", "here")
