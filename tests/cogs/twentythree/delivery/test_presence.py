"""Which servers the bot is in, with discord.py's shards and a stand-in for Discord."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast

import discord
import pytest
from discord.ext import commands

from cogs.twentythree.delivery import Presence
from cogs.twentythree.domain.model import GuildId
from sandbox.chat import Chat, ChatOptions, Guild
from tests.fakes.discord_client import pointed_at

NOW = datetime(2030, 1, 2, tzinfo=UTC)


def listed(guild_id: int) -> discord.Guild:
    """Return a server of which no more is told yet, made anew each time."""
    return cast("discord.Guild", SimpleNamespace(id=guild_id, unavailable=True))


class Sharded(commands.AutoShardedBot):
    """Waits for nothing, and notes what it was told of its shards."""

    def __init__(self) -> None:
        super().__init__("!", intents=discord.Intents(guilds=True), guild_ready_timeout=0.01)
        self.told: asyncio.Queue[tuple[str, int]] = asyncio.Queue()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        pass

    async def until(self, event: str, shard: int) -> None:
        async with asyncio.timeout(60):
            while await self.told.get() != (event, shard):
                pass

    async def on_shard_ready(self, shard: int) -> None:
        self.told.put_nowait(("ready", shard))

    async def on_shard_resumed(self, shard: int) -> None:
        self.told.put_nowait(("resumed", shard))

    async def on_shard_disconnect(self, shard: int) -> None:
        self.told.put_nowait(("disconnect", shard))


@dataclass(slots=True, kw_only=True)
class Town:
    """Three shards with a server each, and what is known of them."""

    chat: Chat
    bot: Sharded
    presence: Presence
    guilds: list[Guild] = field(default_factory=list)

    def ids(self, *shards: int) -> frozenset[int]:
        return frozenset(self.guilds[one].id for one in shards)

    def of(self, shard: int) -> GuildId:
        return GuildId(self.guilds[shard].id)


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    chat = await Chat.start(ChatOptions(shards=3, identify_window_s=0.0))
    guilds = [chat.guilds.add_guild(guild_id=(3_000_000 + one) << 22) for one in range(3)]
    with pointed_at(chat):
        async with Sharded() as bot:
            presence = Presence(bot, now=lambda: NOW)

            @bot.listen()
            async def on_shard_connect(shard: int) -> None:
                presence.listed(shard)

            running = asyncio.create_task(bot.start(chat.token))
            with presence.listening(bot):
                yield Town(chat=chat, bot=bot, presence=presence, guilds=guilds)
                await bot.close()
                await running
    await chat.close()


async def until_ready(town: Town) -> None:
    async with asyncio.timeout(60):
        await town.bot.wait_until_ready()


async def test_of_a_shard_that_was_never_there_nothing_is_known(town: Town) -> None:
    town.chat.rules.refused_shards.add(2)
    await town.bot.until("ready", 1)

    known = town.presence.membership()
    assert (known.present, known.told) == (town.ids(0, 1), frozenset({0, 1}))
    assert known.shards == 3
    assert [known.is_told_of(one.id) for one in town.guilds] == [True, True, False]
    assert known.is_told_of(town.guilds[0].id + (3 << 22))
    assert town.presence.connected == 2


async def test_a_lost_shard_is_away_for_its_servers_only_until_it_goes_on(town: Town) -> None:
    await until_ready(town)
    town.chat.rules.refused_shards.add(1)
    town.chat.gateway.drop(1)
    await town.bot.until("disconnect", 1)

    assert [town.presence.away_since(town.of(one)) for one in range(3)] == [None, NOW, None]
    assert town.presence.membership().present == town.ids(0, 1, 2)
    assert town.presence.connected == 2

    town.chat.rules.refused_shards.clear()
    await town.bot.until("resumed", 1)
    assert town.presence.away_since(town.of(1)) is None
    assert town.presence.connected == 3


async def test_a_shard_that_resumes_is_there_again(town: Town) -> None:
    await until_ready(town)
    town.chat.gateway.drop(1)
    await town.bot.until("resumed", 1)

    assert town.presence.away_since(town.of(1)) is None
    assert town.presence.membership().present == town.ids(0, 1, 2)


async def test_a_server_that_left_while_its_shard_was_away_is_not_there(town: Town) -> None:
    await until_ready(town)
    staying = town.chat.guilds.add_guild(guild_id=(3_000_004) << 22)
    await town.bot.wait_for("guild_join", timeout=60)
    town.chat.gateway.sessions.clear(1)
    town.chat.guilds.remove_bot(town.guilds[1].id)
    town.chat.gateway.drop(1)
    await town.bot.until("disconnect", 1)
    await town.bot.until("ready", 1)

    # discord.py has it still.
    assert town.bot.get_guild(town.guilds[1].id) is not None
    assert town.presence.membership().present == {*town.ids(0, 2), staying.id}

    town.chat.guilds.add_bot(town.guilds[1].id)
    back = await town.bot.wait_for("guild_join", timeout=60)
    town.presence.came(back)
    assert town.presence.membership().present == {*town.ids(0, 1, 2), staying.id}


async def test_a_client_without_shards_has_one_and_may_be_one_of_many() -> None:
    async with commands.Bot("!", intents=discord.Intents.none()) as bot:
        presence = Presence(bot, now=lambda: NOW)
        with presence.listening(bot):
            presence.all_listed()
            assert presence.membership().told == {0}
            bot.dispatch("disconnect")
            await asyncio.sleep(0)
            assert presence.away_since(GuildId(1)) == NOW
            bot.dispatch("resumed")
            await asyncio.sleep(0)
            assert presence.away_since(GuildId(1)) is None
        assert not any(bot.extra_events.values())

    async with commands.Bot(
        "!", intents=discord.Intents.none(), shard_id=2, shard_count=4
    ) as one_of_four:
        presence = Presence(one_of_four)
        presence.all_listed()
        known = presence.membership()
        assert (known.told, known.shards) == (frozenset({2}), 4)
        assert [known.is_told_of(shard << 22) for shard in range(4)] == [False, False, True, False]


def test_a_client_that_is_ready_late_takes_no_server_for_gone() -> None:
    client = SimpleNamespace(guilds=[listed(7)], shard_count=1, shard_id=None)
    presence = Presence(cast("discord.Client", client), now=lambda: NOW)
    presence.listed(0)

    presence.lost(0)
    presence.all_listed()
    assert presence.membership().present == {7}


def test_a_session_that_is_lost_before_it_was_noted_takes_no_server_for_gone() -> None:
    client = SimpleNamespace(guilds=[listed(7)], shard_count=1, shard_id=None)
    presence = Presence(cast("discord.Client", client), now=lambda: NOW)
    presence.listed(0)

    presence.lost(0)
    client.guilds = [listed(7)]
    presence.lost(0)
    presence.listed(0)
    assert presence.membership().present == {7}

    presence.lost(0)
    presence.listed(0)
    assert presence.membership().present == set()
