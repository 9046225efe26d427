"""A bot's guilds spread over several connections, as Discord spreads them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from sandbox.chat import Chat, ChatOptions, Guild

_TOKEN = {"token": "sandbox-token"}


@pytest.fixture
async def chat() -> AsyncIterator[Chat]:
    options = ChatOptions(shards=3, max_concurrency=2, now=lambda: 1_900_000_000.0)
    started = await Chat.start(options)
    yield started
    await started.close()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def guild_of(chat: Chat, shard: int, count: int = 3) -> Guild:
    return chat.guilds.add_guild(guild_id=(1_000_000 * count + shard) << 22)


async def identified(
    chat: Chat, http: aiohttp.ClientSession, shard: list[int]
) -> aiohttp.ClientWebSocketResponse:
    socket = await http.ws_connect(chat.gateway_url)
    await socket.receive_json()
    await socket.send_json({"op": 2, "d": {**_TOKEN, "intents": 1, "shard": shard}})
    return socket


async def test_the_bot_is_told_how_many_shards_there_are_to_be_and_how_many_starts_are_left(
    chat: Chat, http: aiohttp.ClientSession
) -> None:
    await (await identified(chat, http, [0, 3])).receive()
    headers = {"Authorization": f"Bot {chat.token}"}
    async with http.get(f"{chat.api_url}/gateway/bot", headers=headers) as answer:
        told = await answer.json()

    limits = told["session_start_limit"]
    assert (told["shards"], limits["max_concurrency"], limits["remaining"]) == (3, 2, 999)


async def test_each_shard_is_told_of_its_own_guilds(
    chat: Chat, http: aiohttp.ClientSession
) -> None:
    guilds = [guild_of(chat, shard) for shard in range(3)]
    sockets = [await identified(chat, http, [shard, 3]) for shard in range(2)]
    ready = [await socket.receive_json() for socket in sockets]
    for socket in sockets:
        await socket.receive_json()

    chat.guilds.add_role(guilds[1].id, "of the second")
    (_, second) = sockets
    news = await second.receive_json()

    listed = [[int(one["id"]) for one in frame["d"]["guilds"]] for frame in ready]
    assert listed == [[guilds[0].id], [guilds[1].id]]
    assert (news["t"], news["d"]["guild_id"]) == ("GUILD_ROLE_CREATE", str(guilds[1].id))
    assert not chat.gateway.is_ready


@pytest.mark.parametrize("shard", [[3, 3], [-1, 3], ["0", 1], [0], "0", None])
async def test_a_shard_that_is_none_is_sent_away(
    chat: Chat, http: aiohttp.ClientSession, shard: list[int]
) -> None:
    socket = await identified(chat, http, shard)
    await socket.receive()

    assert socket.close_code == 4010


async def test_too_many_guilds_for_one_connection_need_shards(
    chat: Chat, http: aiohttp.ClientSession
) -> None:
    for number in range(2_501):
        chat.guilds.add_guild(guild_id=(number + 1) << 22)
    socket = await identified(chat, http, [0, 1])
    await socket.receive()

    assert socket.close_code == 4011


async def test_shards_that_identify_at_once_are_told_to_come_back(
    chat: Chat, http: aiohttp.ClientSession
) -> None:
    frames = [await (await identified(chat, http, [shard, 3])).receive_json() for shard in range(3)]

    # The first and the third share a turn.
    assert [(one["op"], one["t"]) for one in frames] == [(0, "READY"), (0, "READY"), (9, None)]


async def test_one_shard_may_be_kept_away(chat: Chat, http: aiohttp.ClientSession) -> None:
    sockets = [await identified(chat, http, [shard, 3]) for shard in range(2)]
    for socket in sockets:
        await socket.receive_json()
    chat.rules.refused_shards.add(1)
    chat.gateway.drop(1)
    await sockets[1].receive()
    again = await identified(chat, http, [1, 3])
    await again.receive()

    assert [one.closed for one in (*sockets, again)] == [False, True, True]
