import logging
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime

import discord
import pytest
import pytest_asyncio
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.app import HostBot, make_bot, plugin, prepare
from bot.identifies import IdentifyBudget, OutOfIdentifies
from bot.settings import HostSettings
from bot.supervisor import Final, Superseded, finality
from cogs.twentythree.cog import TwentyThree
from cogs.twentythree.errors import LeadLostError, StorageError
from cogs.twentythree.storage.lead import StandingBy


class Host(HostBot):
    """Fails to load the plugin as told; ``set_up`` is what it did after loading it."""

    def __init__(self, settings: HostSettings) -> None:
        self.set_up: list[str] = []

        async def set_up(bot: HostBot) -> None:
            self.set_up.append("done")

        super().__init__(settings, on_setup=set_up)


@pytest_asyncio.fixture
async def host(settings: HostSettings) -> AsyncGenerator[Host]:
    async with Host(settings) as made:
        yield made


def test_all_of_discords_traffic_goes_to_the_configured_addresses(settings: HostSettings) -> None:
    prepare(settings)

    assert Route("GET", "/users/@me").url == "http://127.0.0.1:9/api/v10/users/@me"
    assert str(DiscordWebSocket.DEFAULT_GATEWAY) == "ws://127.0.0.1:9/gateway"


def test_without_addresses_discords_own_are_used(settings: HostSettings) -> None:
    addresses = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    nothing: dict[str, str | None] = {"discord_api_url": None, "discord_gateway_url": None}

    prepare(settings.model_copy(update=nothing))

    assert addresses == (Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY)


async def test_the_bot_asks_for_guilds_only_and_mentions_nobody(settings: HostSettings) -> None:
    async with make_bot(settings, IdentifyBudget()) as bot:
        assert bot.intents == discord.Intents(guilds=True)
        assert bot.allowed_mentions is not None
        assert bot.allowed_mentions.everyone is False
        assert bot.allowed_mentions.users is False
        assert bot.allowed_mentions.roles is False


async def test_the_plugin_is_loaded_before_what_the_run_is_for(host: Host) -> None:
    assert host.plugin_cog() is None

    await host.setup_hook()

    assert await host.plugin_cog().problems() == []
    assert host.set_up == ["done"]


async def test_what_keeps_it_from_being_of_use_is_told_from_its_start(host: Host) -> None:
    assert await host.problems() == ["The bot is not connected to Discord."]

    await host.setup_hook()
    assert await host.problems() == ["The bot is not connected to Discord."]

    await host.on_shard_connect(0)
    assert await host.problems() == []

    await host.remove_cog("TwentyThree")
    assert await host.problems() == ["The plugin is not loaded."]


async def test_while_it_stands_by_that_is_all_there_is_to_say(host: Host) -> None:
    await host.setup_hook()
    await host.on_shard_connect(0)
    lead = host.plugin_cog()._lead
    lead.standing_by = StandingBy(since=datetime(2030, 1, 2, tzinfo=UTC), why="process 7 leads")

    assert await host.problems() == ["Standing by since 2030-01-02 00:00:00 UTC: process 7 leads."]


async def test_another_leader_ends_it_and_a_new_client_may_stand_by(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def started(*_: object, **__: object) -> None:
        """End as a client does that was closed."""

    monkeypatch.setattr(commands.AutoShardedBot, "start", started)
    await host.on_twentythree_superseded("Another leads.")

    assert host.is_closed()
    with pytest.raises(Superseded, match="Another leads"):
        await host.start("a-token")
    assert finality(Superseded("Another leads.")) is None


async def test_a_connection_that_is_lost_while_it_is_closed_is_no_mistake(host: Host) -> None:
    await host.close()

    # As discord.py does then.
    host.dispatch("disconnect")


async def test_a_lead_that_is_lost_while_the_plugin_is_loaded_ends_this_client_alone(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lose(_: object) -> None:
        raise LeadLostError("Another leads.")

    monkeypatch.setattr(TwentyThree, "cog_load", lose)

    with pytest.raises(Superseded, match="Another leads"):
        await host.setup_hook()


async def test_a_broken_database_is_final(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWENTYTHREE_DATABASE_URL", "sqlite+aiosqlite:////nowhere/at/all.db")

    with pytest.raises(Final, match="check TWENTYTHREE_DATABASE_URL") as caught:
        await host.setup_hook()

    assert caught.value.status == 1
    assert host.set_up == []


async def test_a_database_that_fails_as_commands_are_registered_is_logged_in_one_line(
    settings: HostSettings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(_: object) -> None:
        raise StorageError("The database cannot be used.")

    monkeypatch.setattr(TwentyThree, "command_digests", fail)

    async with make_bot(settings, IdentifyBudget()) as bot:
        await bot.setup_hook()

    (record,) = (one for one in caplog.records if one.levelno == logging.ERROR)
    assert (record.getMessage(), record.exc_info) == ("The database cannot be used.", None)


async def test_a_lead_that_is_lost_as_commands_are_registered_ends_this_client_alone(
    settings: HostSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lose(_: object) -> None:
        raise LeadLostError("Another leads.")

    monkeypatch.setattr(TwentyThree, "command_digests", lose)

    async with make_bot(settings, IdentifyBudget()) as bot:
        with pytest.raises(Superseded, match="Another leads"):
            await bot.setup_hook()


async def test_bad_configuration_is_final(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TWENTYTHREE_SITE_URL")

    with pytest.raises(Final, match="TWENTYTHREE_SITE_URL is not set") as caught:
        await host.setup_hook()

    assert caught.value.status == 2


async def test_a_plugin_that_fails_by_mistake_is_final_and_the_log_says_why(
    host: Host, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a mistake")

    monkeypatch.setattr(host.tree, "add_command", broken)

    with pytest.raises(Final, match="the log says why") as caught:
        await host.setup_hook()

    assert caught.value.status == 1
    (record,) = (one for one in caplog.records if one.levelno == logging.ERROR)
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], ZeroDivisionError)


def test_the_plugin_is_known_by_its_name() -> None:
    promised: list[Callable[..., object]] = [plugin().setup, plugin().check, plugin().secrets]

    assert all(map(callable, promised))


async def test_every_identify_is_counted_until_there_are_no_more(settings: HostSettings) -> None:
    budget = IdentifyBudget(burst=2, clock=lambda: 0.0)
    for _ in range(2):
        async with make_bot(settings, budget) as bot:
            await bot.before_identify_hook(None, initial=True)

    async with make_bot(settings, budget) as bot:
        with pytest.raises(OutOfIdentifies):
            await bot.before_identify_hook(None, initial=True)
