"""The host's bot over several connections, with discord.py and a stand-in for Discord."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import aiohttp
import discord
import pytest

from bot.identifies import IdentifyBudget, OutOfIdentifies
from bot.shards import ShardedBot
from sandbox.chat import Chat, ChatOptions
from tests.fakes.discord_client import pointed_at

SHARDS = 3


class Quick(ShardedBot):
    """Waits for nothing between identifies."""

    def __init__(self, budget: IdentifyBudget) -> None:
        super().__init__(
            identifies=budget,
            command_prefix="!",
            intents=discord.Intents(guilds=True),
            guild_ready_timeout=0.01,
        )
        self.events: asyncio.Queue[str] = asyncio.Queue()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        await super().before_identify_hook(shard_id, initial=True)

    def dispatch(self, event: str, /, *args: object, **more: object) -> None:
        super().dispatch(event, *args, **more)
        self.events.put_nowait(event)

    async def until(self, event: str) -> None:
        async with asyncio.timeout(60):
            while await self.events.get() != event:
                pass


@pytest.fixture
async def chat() -> AsyncGenerator[Chat]:
    chat = await Chat.start(ChatOptions(shards=SHARDS, identify_window_s=0.0))
    with pointed_at(chat):
        yield chat
    await chat.close()


@asynccontextmanager
async def started(chat: Chat, budget: IdentifyBudget | None = None) -> AsyncGenerator[Quick]:
    before = asyncio.all_tasks()
    async with Quick(budget or IdentifyBudget()) as bot:
        running = asyncio.create_task(bot.start(chat.token))
        yield bot
        await bot.close()
        await asyncio.wait({running}, timeout=60)
        assert running.done()
    await asyncio.sleep(0)
    ours = {one for one in asyncio.all_tasks() - before if "discord" in repr(one.get_coro())}
    assert not ours


def budget_with(left: int) -> IdentifyBudget:
    budget = IdentifyBudget(burst=50, clock=lambda: 0.0)
    for _ in range(50 - left):
        budget.take()
    return budget


async def test_it_connects_as_many_shards_as_discord_asks_for(chat: Chat) -> None:
    guilds = [chat.guilds.add_guild(guild_id=(3_000_000 + one) << 22) for one in range(SHARDS)]
    async with started(chat) as bot:
        await bot.until("ready")

        assert {one.id for one in bot.guilds} == {one.id for one in guilds}
        assert sorted(bot.shards) == [0, 1, 2]
        assert [chat.gateway.connections, chat.gateway.identifies] == [SHARDS, SHARDS]


async def test_it_may_be_closed_before_all_shards_are_there(chat: Chat) -> None:
    async with started(chat) as bot:
        await bot.until("shard_connect")


async def test_the_first_shard_that_cannot_connect_ends_it(chat: Chat) -> None:
    chat.rules.refuses_connections = True
    async with Quick(IdentifyBudget()) as bot:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await asyncio.wait_for(bot.start(chat.token), timeout=60)


async def test_one_of_many_that_is_lost_is_not_the_end(chat: Chat) -> None:
    async with started(chat) as bot:
        await bot.until("ready")
        chat.rules.refused_shards.add(1)
        chat.gateway.drop(1)
        await bot.until("shard_disconnect")
        assert bot.is_connected

        chat.rules.refused_shards.clear()
        await bot.until("shard_resumed")
        assert not bot.is_closed()


async def test_without_any_it_is_not_connected(chat: Chat) -> None:
    async with started(chat) as bot:
        assert not bot.is_connected
        await bot.until("ready")
        chat.rules.refused_shards |= {0, 1, 2}
        chat.gateway.drop()
        # Each is lost again whenever it is tried again.
        while bot.is_connected:
            await bot.until("shard_disconnect")


async def test_it_does_not_begin_where_too_few_identifies_are_left_for_all(chat: Chat) -> None:
    async with Quick(budget_with(SHARDS - 1)) as bot:
        with pytest.raises(OutOfIdentifies):
            await asyncio.wait_for(bot.start(chat.token), timeout=60)

    assert chat.gateway.identifies == 0


async def test_a_shard_without_an_identify_waits_while_others_are_connected(chat: Chat) -> None:
    async with started(chat, budget_with(SHARDS)) as bot:
        await bot.until("ready")
        with pytest.raises(TimeoutError):
            await bot.before_identify_hook(1)

        for shard in range(SHARDS):
            await bot.on_shard_disconnect(shard)
        with pytest.raises(OutOfIdentifies):
            await bot.before_identify_hook(1)
