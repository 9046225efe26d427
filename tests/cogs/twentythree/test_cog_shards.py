"""What the cog makes of shards, and of many servers at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import discord
import pytest
from discord.ext import commands

from cogs.twentythree import cog as cog_module
from cogs.twentythree.cog import TwentyThree
from cogs.twentythree.domain.model import GuildId
from cogs.twentythree.domain.troubles import Kind
from cogs.twentythree.settings import Settings
from tests.fakes.services import FakeWiring, a_wiring

SETTINGS = Settings(site_url="https://video.example.com")
GUILD = cast("discord.Guild", SimpleNamespace(id=1))


@pytest.fixture
async def wiring(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[FakeWiring]:
    async with a_wiring(tmp_path) as fake:
        monkeypatch.setattr(cog_module, "wiring", fake)
        yield fake


@pytest.fixture
async def bot(wiring: FakeWiring) -> AsyncIterator[commands.AutoShardedBot]:
    intents = discord.Intents(guilds=True)
    async with commands.AutoShardedBot("!", intents=intents, shard_count=3) as bot:
        yield bot


async def test_the_work_begins_with_the_first_shard(
    bot: commands.AutoShardedBot, wiring: FakeWiring
) -> None:
    await bot.add_cog(TwentyThree(bot, SETTINGS))
    bot.dispatch("shard_connect", 1)
    bot.dispatch("shard_ready", 1)
    async with asyncio.timeout(60):
        await wiring.rooms.is_running.wait()

    known = await wiring.bridge.until_told()
    assert (known.told, known.shards) == (frozenset({1}), 3)


async def test_what_is_wrong_with_a_shard_is_wrong_for_its_servers_only(
    bot: commands.AutoShardedBot,
) -> None:
    cog = TwentyThree(bot, SETTINGS)
    await bot.add_cog(cog)
    bot.dispatch("shard_disconnect", 1)
    await asyncio.sleep(0)

    away = [
        Kind.SHARD_AWAY in await cog.faults(GuildId(shard << 22), writes=False)
        for shard in range(3)
    ]
    assert away == [False, True, False]
    assert await cog.problems() == []


async def test_servers_that_come_together_are_told_of_together(
    bot: commands.AutoShardedBot, wiring: FakeWiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = 0
    is_slow = asyncio.Event()

    async def know_servers(_: object) -> frozenset[GuildId]:
        nonlocal told
        told += 1
        await is_slow.wait()
        return frozenset()

    cog = TwentyThree(bot, SETTINGS)
    await bot.add_cog(cog)
    monkeypatch.setattr(wiring.bridge, "know_servers", know_servers)
    coming = [asyncio.create_task(cog.on_guild_came_or_went(GUILD)) for _ in range(1_000)]
    await asyncio.sleep(0)
    is_slow.set()
    await asyncio.gather(*coming)

    # Once for who came first, and once for all who came meanwhile.
    assert told == 2
