"""What a mistake of ours ends of the work beside posting and reading: nothing but itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import discord
import pytest
from discord.ext import commands

from cogs.twentythree import cog as cog_module
from cogs.twentythree.checking import findings
from cogs.twentythree.cog import TwentyThree
from cogs.twentythree.domain.model import GuildId
from cogs.twentythree.errors import StorageError
from cogs.twentythree.settings import Settings
from tests.fakes.services import FakeWiring, a_wiring

SETTINGS = Settings(site_url="https://video.example.com")


@pytest.fixture
async def wiring(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[FakeWiring]:
    async with a_wiring(tmp_path) as fake:
        monkeypatch.setattr(cog_module, "wiring", fake)
        yield fake


@pytest.fixture
async def bot(wiring: FakeWiring) -> AsyncIterator[commands.Bot]:
    async with commands.Bot("!", intents=discord.Intents(guilds=True)) as bot:
        yield bot


async def at_once(_: float) -> None:
    await asyncio.sleep(0)


async def test_a_server_that_cannot_be_greeted_ends_no_work(
    bot: commands.Bot, wiring: FakeWiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    greet: Any = wiring.rooms.greet

    async def fails(guild_id: GuildId) -> None:
        if guild_id == 6:
            raise ZeroDivisionError
        await greet(guild_id)

    async def know_servers(_: object) -> frozenset[GuildId]:
        return joined.pop() if joined else frozenset()

    joined = [frozenset({GuildId(7)}), frozenset({GuildId(6)})]
    monkeypatch.setattr(wiring.rooms, "greet", fails)
    monkeypatch.setattr(wiring.bridge, "know_servers", know_servers)
    cog = TwentyThree(bot, SETTINGS, pause=at_once)
    await bot.add_cog(cog)
    bot.dispatch("ready")
    await wiring.rooms.is_running.wait()
    await cog._servers_changed()
    await cog._servers_changed()
    await wiring.rooms.until_greeted(7)

    assert wiring.rooms.runs == 1


async def test_a_start_that_cannot_be_told_of_ends_no_work(
    bot: commands.Bot, wiring: FakeWiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = asyncio.Event()

    async def fails(*_: object) -> None:
        tried.set()
        raise ZeroDivisionError

    monkeypatch.setattr(findings, "tell_start", fails)
    await bot.add_cog(TwentyThree(bot, SETTINGS, pause=at_once))
    bot.dispatch("ready")
    await wiring.rooms.is_running.wait()
    await tried.wait()
    for _ in range(20):
        await asyncio.sleep(0)

    assert (wiring.rooms.runs, wiring.rooms.is_running.is_set()) == (1, True)


async def test_servers_that_a_mistake_kept_from_the_store_are_stored_soon(
    bot: commands.Bot, wiring: FakeWiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = iter([ZeroDivisionError(), None])

    async def know_servers(_: object) -> frozenset[GuildId]:
        if error := next(tries, None):
            raise error
        return frozenset({GuildId(7)})

    cog = TwentyThree(bot, SETTINGS, pause=at_once)
    await bot.add_cog(cog)
    bot.dispatch("ready")
    await wiring.rooms.is_running.wait()
    monkeypatch.setattr(wiring.bridge, "know_servers", know_servers)
    await cog._servers_changed()
    await wiring.rooms.until_greeted(7)

    assert wiring.rooms.runs == 1


async def test_work_that_is_failing_as_the_plugin_is_unloaded_ends(
    bot: commands.Bot, wiring: FakeWiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut, may_end = asyncio.Event(), asyncio.Event()

    async def fails() -> None:
        await wiring.rooms.is_running.wait()
        raise StorageError("The database is away.")

    run = wiring.rooms.run

    async def takes_long() -> None:
        try:
            await run()
        finally:
            # A transaction that is under way is not cut off.
            cut.set()
            await may_end.wait()

    monkeypatch.setattr(wiring.bridge, "run", fails)
    monkeypatch.setattr(wiring.rooms, "run", takes_long)
    cog = TwentyThree(bot, SETTINGS, pause=at_once)
    await bot.add_cog(cog)
    (work,) = [one for one in asyncio.all_tasks() if one.get_name() == "twentythree"]
    bot.dispatch("ready")
    await cut.wait()
    unloading = asyncio.create_task(bot.remove_cog(cog.qualified_name))
    while not work.cancelling():  # noqa: ASYNC110 - no event tells of it
        await asyncio.sleep(0)
    may_end.set()
    await unloading

    assert work.done()
