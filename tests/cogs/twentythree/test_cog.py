from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest
from discord import app_commands
from discord.ext import commands

from cogs.twentythree import cog as cog_module
from cogs.twentythree.cog import TwentyThree
from cogs.twentythree.domain.model import GuildId
from cogs.twentythree.domain.troubles import Fault, Kind
from cogs.twentythree.errors import ConfigurationError, StorageError, StorageLostError
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
    assert "twentythree" not in {task.get_name() for task in asyncio.all_tasks()}


async def at_once(_: float) -> None:
    await asyncio.sleep(0)


def a_cog(bot: commands.Bot) -> TwentyThree:
    return TwentyThree(bot, SETTINGS, pause=at_once)


async def test_the_work_begins_when_the_bot_is_ready(bot: commands.Bot, wiring: FakeWiring) -> None:
    await bot.add_cog(a_cog(bot))
    await asyncio.sleep(0)
    assert wiring.rooms.runs == 0

    bot.dispatch("ready")
    await wiring.rooms.is_running.wait()

    assert wiring.rooms.runs == 1


async def test_the_work_begins_at_once_in_a_bot_that_is_ready(
    bot: commands.Bot, wiring: FakeWiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot, "is_ready", lambda: True)

    await bot.add_cog(a_cog(bot))

    await wiring.rooms.is_running.wait()


async def test_unloading_leaves_nothing(bot: commands.Bot, wiring: FakeWiring) -> None:
    tasks = asyncio.all_tasks()
    for round_ in (1, 2):
        await bot.add_cog(a_cog(bot))
        bot.dispatch("ready")
        await wiring.rooms.is_running.wait()
        assert (wiring.opened, wiring.closed) == (round_, round_ - 1)
        assert [command.name for command in bot.tree.get_commands()] == ["video"]
        await bot.remove_cog("TwentyThree")

        assert (wiring.opened, wiring.closed, wiring.rooms.drained) == (round_, round_, round_)
        assert not wiring.rooms.is_running.is_set()
        assert asyncio.all_tasks() <= tasks
        assert bot.tree.get_commands() == []
        assert not any(bot.extra_events.values())


async def test_a_bot_that_closes_unloads_the_cog(wiring: FakeWiring) -> None:
    async with commands.Bot("!", intents=discord.Intents.none()) as bot:
        await bot.add_cog(a_cog(bot))

    assert wiring.closed == 1


async def test_a_cog_unloaded_before_the_bot_was_ready_stops_as_well(
    bot: commands.Bot, wiring: FakeWiring
) -> None:
    await bot.add_cog(a_cog(bot))
    await bot.remove_cog("TwentyThree")

    assert (wiring.rooms.runs, wiring.closed) == (0, 1)


async def test_a_database_that_cannot_be_used_refuses_the_load(
    bot: commands.Bot, wiring: FakeWiring
) -> None:
    wiring.refuses = StorageError("no")

    with pytest.raises(StorageError):
        await bot.add_cog(a_cog(bot))

    assert bot.cogs == {}
    assert bot.tree.get_commands() == []


async def test_a_host_with_a_command_of_this_name_refuses_the_load_and_nothing_leaks(
    bot: commands.Bot, wiring: FakeWiring
) -> None:
    own = app_commands.Group(name="video", description="The host's own")
    bot.tree.add_command(own)

    with pytest.raises(app_commands.CommandAlreadyRegistered):
        await bot.add_cog(a_cog(bot))

    assert (wiring.opened, wiring.closed) == (1, 1)
    assert bot.tree.get_commands() == [own]


async def test_settings_are_read_from_the_environment_when_none_are_given(
    bot: commands.Bot, wiring: FakeWiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TWENTYTHREE_SITE_URL", raising=False)

    with pytest.raises(ConfigurationError, match="TWENTYTHREE_SITE_URL is not set"):
        await bot.add_cog(TwentyThree(bot))


async def test_work_that_fails_is_logged_and_begun_again(
    bot: commands.Bot, wiring: FakeWiring, caplog: pytest.LogCaptureFixture
) -> None:
    wiring.rooms.crashes = 3
    waits: list[float] = []
    problems: list[str] = []

    async def pause(seconds: float) -> None:
        waits.append(seconds)
        problems.extend(await cog.problems())

    cog = TwentyThree(bot, SETTINGS, pause=pause)
    await bot.add_cog(cog)
    bot.dispatch("ready")
    with caplog.at_level(logging.ERROR, logger="twentythree.cog"):
        await wiring.rooms.is_running.wait()

    assert wiring.rooms.runs == 4
    assert [record.exc_info is not None for record in caplog.records] == [True] * 3
    assert all(0.5 * 2**n <= wait <= 2**n for n, wait in enumerate(waits))
    assert len(problems) == 3
    assert await cog.problems() == []


async def test_work_that_fails_as_may_be_expected_is_one_sentence_without_a_traceback(
    bot: commands.Bot, wiring: FakeWiring, caplog: pytest.LogCaptureFixture
) -> None:
    full = StorageError("The disk is full.")
    wiring.rooms.crashes = 1
    wiring.rooms.crash = ExceptionGroup("tasks", [full, ExceptionGroup("", [full])])
    problems: list[str] = []

    async def pause(_: float) -> None:
        problems.extend(await cog.problems())

    cog = TwentyThree(bot, SETTINGS, pause=pause)
    await bot.add_cog(cog)
    bot.dispatch("ready")
    await wiring.rooms.is_running.wait()

    (record,) = (one for one in caplog.records if one.levelno == logging.ERROR)
    assert record.message == "the work failed and is begun again: The disk is full."
    assert record.exc_info is None
    assert problems == ["The disk is full."]


async def test_one_mistake_among_expected_failures_keeps_the_traceback(
    bot: commands.Bot, wiring: FakeWiring, caplog: pytest.LogCaptureFixture
) -> None:
    mixed = [StorageError("The disk is full."), ZeroDivisionError("a mistake")]
    wiring.rooms.crashes, wiring.rooms.crash = 1, ExceptionGroup("tasks", mixed)
    await bot.add_cog(a_cog(bot))
    bot.dispatch("ready")
    await wiring.rooms.is_running.wait()

    (record,) = (one for one in caplog.records if one.levelno == logging.ERROR)
    assert record.exc_info is not None


async def test_a_failing_step_of_stopping_does_not_keep_the_others_from_being_made(
    bot: commands.Bot, wiring: FakeWiring, caplog: pytest.LogCaptureFixture
) -> None:
    wiring.rooms.drain_error = RuntimeError("stuck")
    await bot.add_cog(a_cog(bot))
    bot.dispatch("ready")
    await wiring.rooms.is_running.wait()

    await bot.remove_cog("TwentyThree")

    assert wiring.closed == 1
    assert "could not finish its posts" in caplog.text


async def test_a_step_of_stopping_that_hangs_is_left_behind(
    bot: commands.Bot,
    wiring: FakeWiring,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def drain(_: float) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(wiring.rooms, "drain", drain)
    monkeypatch.setattr(cog_module, "_DRAIN_S", -1)
    await bot.add_cog(a_cog(bot))

    await bot.remove_cog("TwentyThree")

    assert wiring.closed == 1
    assert "could not finish its posts within 0 s" in caplog.text


async def test_unloading_twice_and_news_after_it_do_nothing(
    bot: commands.Bot, wiring: FakeWiring
) -> None:
    cog = a_cog(bot)
    await bot.add_cog(cog)
    await bot.remove_cog("TwentyThree")

    await cog.cog_unload()
    await cog.on_guild_came_or_went(cast("discord.Guild", GUILD))

    assert (wiring.closed, wiring.rooms.drained, wiring.rooms.rechecked) == (1, 1, [])


async def test_problems_are_none_while_all_is_well(bot: commands.Bot, wiring: FakeWiring) -> None:
    cog = a_cog(bot)
    assert await cog.problems() == ["The plugin is not loaded."]
    await bot.add_cog(cog)

    assert await cog.problems() == []


async def test_problems_are_only_those_troubles_that_stop_everything(
    bot: commands.Bot, wiring: FakeWiring
) -> None:
    cog = a_cog(bot)
    await bot.add_cog(cog)
    wiring.rooms.wrong = {
        Kind.REALTIME_AWAY: Fault(),
        Kind.DATABASE_FULL: Fault(detail="The database /srv/bot.db is full."),
        Kind.CREDENTIALS_REFUSED: Fault(),
    }

    database, credentials = await cog.problems()

    assert database == "The database /srv/bot.db is full."
    assert credentials.startswith("The workspace does not accept the bot's credentials")


async def test_the_digest_of_the_commands_is_kept_for_the_host(
    bot: commands.Bot, wiring: FakeWiring
) -> None:
    cog = a_cog(bot)
    await cog.set_command_digest("global", "lost")
    assert await cog.command_digests() == {}
    await bot.add_cog(cog)

    await cog.set_command_digest("global", "abc")

    assert await cog.command_digests() == {"global": "abc"}


ME = SimpleNamespace(id=1, joined_at=None)
GUILD = SimpleNamespace(id=7, me=ME, preferred_locale="en-US", unavailable=False)
THING = SimpleNamespace(guild=GUILD)


@pytest.mark.parametrize(
    ("event", "arguments"),
    [
        ("guild_available", (GUILD,)),
        ("guild_join", (GUILD,)),
        ("guild_remove", (GUILD,)),
        ("guild_channel_update", (THING, THING)),
        ("guild_channel_create", (THING,)),
        ("guild_channel_delete", (THING,)),
        ("guild_role_update", (THING, THING)),
        ("guild_role_delete", (THING,)),
        ("thread_update", (THING, THING)),
        ("thread_join", (THING,)),
        ("raw_thread_delete", (SimpleNamespace(guild_id=7),)),
        ("member_update", (None, SimpleNamespace(id=1, guild=GUILD))),
        ("ready", ()),
    ],
)
async def test_a_change_in_a_server_has_its_rooms_looked_at_again(
    bot: commands.Bot,
    wiring: FakeWiring,
    monkeypatch: pytest.MonkeyPatch,
    event: str,
    arguments: tuple[Any, ...],
) -> None:
    monkeypatch.setattr(bot, "get_guild", lambda _: GUILD)
    monkeypatch.setattr(type(bot), "guilds", [GUILD])
    tasks = asyncio.all_tasks()
    await bot.add_cog(a_cog(bot))

    bot.dispatch(event, *arguments)
    await asyncio.gather(*(t for t in asyncio.all_tasks() - tasks if t.get_name() != "twentythree"))

    assert wiring.rooms.rechecked == [7]


async def test_other_members_and_unknown_servers_change_nothing(
    bot: commands.Bot, wiring: FakeWiring
) -> None:
    cog = a_cog(bot)
    await bot.add_cog(cog)

    for _, listener in cog.get_listeners():
        if listener.__name__ == "on_member_update":
            await listener(None, SimpleNamespace(id=2, guild=GUILD))
        if listener.__name__ == "on_raw_thread_delete":
            await listener(SimpleNamespace(guild_id=404))

    assert wiring.rooms.rechecked == []


async def test_a_database_that_is_gone_stops_the_plugin_and_tells_the_host(
    bot: commands.Bot, wiring: FakeWiring, caplog: pytest.LogCaptureFixture
) -> None:
    told: asyncio.Queue[str] = asyncio.Queue()
    bot.add_listener(told.put, "on_twentythree_stopped")
    wiring.rooms.crashes = 1
    wiring.rooms.crash = ExceptionGroup("", [StorageLostError("It is gone.")])
    cog = a_cog(bot)
    await bot.add_cog(cog)
    bot.dispatch("ready")

    assert await told.get() == "It is gone."
    assert await cog.problems() == ["It is gone."]
    assert wiring.rooms.runs == 1
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == [
        "It is gone."
    ]


async def test_a_lead_that_is_lost_ends_the_work_and_the_host_is_told(
    bot: commands.Bot, wiring: FakeWiring, caplog: pytest.LogCaptureFixture
) -> None:
    told: asyncio.Queue[str] = asyncio.Queue()
    bot.add_listener(told.put, "on_twentythree_superseded")
    cog = a_cog(bot)
    await bot.add_cog(cog)
    bot.dispatch("ready")
    await wiring.rooms.is_running.wait()
    assert cog._lead is not None

    cog._lead.lose("Another has taken over.")

    assert await told.get() == "Another has taken over."
    assert not wiring.rooms.is_running.is_set()
    assert await cog.problems() == ["Another has taken over."]
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_a_lead_that_is_lost_before_the_bot_is_ready_is_told_as_well(
    bot: commands.Bot, wiring: FakeWiring
) -> None:
    told: asyncio.Queue[str] = asyncio.Queue()
    bot.add_listener(told.put, "on_twentythree_superseded")
    cog = a_cog(bot)
    await bot.add_cog(cog)
    assert cog._lead is not None

    cog._lead.lose("Another has taken over.")

    assert await told.get() == "Another has taken over."
    assert wiring.rooms.runs == 0


async def test_loading_stands_by_where_that_is_asked_for(
    bot: commands.Bot, wiring: FakeWiring
) -> None:
    cog = TwentyThree(bot, SETTINGS, stands_by=True)
    loading = asyncio.create_task(bot.add_cog(cog))
    while cog.standing_by is None:  # noqa: ASYNC110 - nothing tells of it
        await asyncio.sleep(0)

    said = "Standing by since 2030-01-02 12:00:00 UTC: process 7 leads."
    assert cog.standing_by == said
    assert await cog.problems() == [said]
    assert bot.tree.get_commands() == []

    wiring.may_lead.set()
    await loading
    assert cog.standing_by is None
    assert await cog.problems() == []


async def test_standing_by_can_be_given_up(bot: commands.Bot, wiring: FakeWiring) -> None:
    cog = TwentyThree(bot, SETTINGS, stands_by=True)
    loading = asyncio.create_task(bot.add_cog(cog))
    while cog.standing_by is None:  # noqa: ASYNC110 - nothing tells of it
        await asyncio.sleep(0)

    loading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loading
    assert wiring.opened == 0
    assert bot.get_cog("TwentyThree") is None


async def test_credentials_without_a_server_to_use_them_are_warned_of(
    bot: commands.Bot, wiring: FakeWiring, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(site_url="https://video.example.com", bearer_token="bearer")  # type: ignore[arg-type]

    await bot.add_cog(TwentyThree(bot, settings, pause=at_once))

    assert "TWENTYTHREE_SERVERS names no server" in caplog.text


async def test_nothing_is_begun_before_the_bridge_knows_the_servers(
    bot: commands.Bot, wiring: FakeWiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals = iter([StorageError("The disk is full."), None])

    async def know_servers(_: object) -> frozenset[GuildId]:
        assert not wiring.rooms.is_running.is_set()
        if error := next(refusals, None):
            raise error
        return frozenset()

    monkeypatch.setattr(wiring.bridge, "know_servers", know_servers)
    cog = a_cog(bot)
    await bot.add_cog(cog)
    cog._is_ready.set()
    await wiring.rooms.is_running.wait()

    assert wiring.rooms.runs == 1


async def test_a_store_that_fails_while_a_server_goes_is_logged(
    bot: commands.Bot,
    wiring: FakeWiring,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def know_servers(_: object) -> frozenset[GuildId]:
        raise StorageError("The disk is full.")

    cog = a_cog(bot)
    await bot.add_cog(cog)
    monkeypatch.setattr(wiring.bridge, "know_servers", know_servers)

    await cog.on_guild_came_or_went(cast("discord.Guild", GUILD))

    assert "could not be stored" in caplog.text


async def test_servers_that_could_not_be_stored_are_stored_as_soon_as_that_is_possible(
    bot: commands.Bot, wiring: FakeWiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals = iter([StorageError("The disk is full.")] * 2)
    is_known = asyncio.Event()

    async def know_servers(_: object) -> frozenset[GuildId]:
        if error := next(refusals, None):
            raise error
        is_known.set()
        return frozenset({GuildId(7)})

    cog = a_cog(bot)
    await bot.add_cog(cog)
    bot.dispatch("ready")
    await wiring.rooms.is_running.wait()
    monkeypatch.setattr(wiring.bridge, "know_servers", know_servers)

    await cog.on_guild_came_or_went(cast("discord.Guild", GUILD))

    # Discord says nothing more of it.
    async with asyncio.timeout(5):
        await is_known.wait()
    await wiring.rooms.until_greeted(7)
