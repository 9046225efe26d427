"""Exactly one ``/video``, whatever was registered before: with discord.py and the stand-in."""

import logging
from collections.abc import AsyncGenerator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol

import aiohttp
import discord
import pytest
import pytest_asyncio
from discord import app_commands
from discord.ext import commands

from bot.app import prepare
from bot.registration import explain, sync_if_changed, unreachable
from bot.settings import HostSettings
from bot.sync import sync
from cogs.twentythree import TwentyThree
from sandbox.chat import Chat, Guild
from tests.fakes.discord_rest_client import QUICK
from tests.fakes.stores import make_database


class Start(Protocol):
    async def __call__(self, guild_id: int | None, *, description: str | None = None) -> None: ...


@pytest_asyncio.fixture
async def chat() -> AsyncGenerator[Chat]:
    started = await Chat.start(QUICK)
    yield started
    await started.close()


@pytest_asyncio.fixture
async def here(
    chat: Chat, settings: HostSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> HostSettings:
    """Return the settings of a host of this Discord, whose database outlives a bot."""
    await make_database(tmp_path / "bot.db")
    monkeypatch.setenv("TWENTYTHREE_DATABASE_URL", f"sqlite:///{tmp_path}/bot.db")
    monkeypatch.setenv("DISCORD_API_URL", chat.api_url)
    monkeypatch.setenv("DISCORD_TOKEN", chat.token)
    made = HostSettings()  # type: ignore[call-arg]  # the environment gives what is required
    prepare(made)
    return made


@pytest.fixture
def start(here: HostSettings) -> Start:
    """Return what starts a bot as far as its commands, and ends it."""

    async def started(guild_id: int | None = None, *, description: str | None = None) -> None:
        async with commands.Bot("!", intents=discord.Intents(guilds=True)) as bot:
            await bot.login(here.discord_token.get_secret_value())
            cog = TwentyThree(bot)
            await bot.add_cog(cog)
            (group,) = bot.tree.get_commands()
            assert isinstance(group, app_commands.Group)
            group.description = description or group.description
            await sync_if_changed(bot, guild_id, cog)

    return started


@pytest.fixture
def team(chat: Chat) -> Guild:
    return chat.guilds.add_guild("Team")


def offered(chat: Chat, guild: Guild) -> list[str]:
    return [command["name"] for command in chat.commands(guild.id)]


def writes(chat: Chat) -> list[str]:
    return [post.path for post in chat.posts if post.method not in ("GET", "HEAD")]


async def test_commands_are_registered_once(chat: Chat, team: Guild, start: Start) -> None:
    await start(None)
    written = writes(chat)
    await start(None)

    assert offered(chat, team) == ["video"]
    assert writes(chat) == written
    assert len(written) == 1


@pytest.mark.parametrize("is_remembered", [True, False])
@pytest.mark.parametrize("move", [(None, 0), (0, None), (0, 1)])
async def test_a_changed_server_leaves_one_command(
    chat: Chat,
    start: Start,
    monkeypatch: pytest.MonkeyPatch,
    move: tuple[int | None, int | None],
    is_remembered: bool,  # noqa: FBT001 - pytest passes by name
) -> None:
    first, second = move
    guilds = [chat.guilds.add_guild("Team"), chat.guilds.add_guild("Other team")]
    ids = [guild.id for guild in guilds]

    await start(None if first is None else ids[first])
    if not is_remembered:
        monkeypatch.setenv("TWENTYTHREE_DATABASE_URL", "sqlite://")
    await start(None if second is None else ids[second])

    where = [second in (None, number) for number in (0, 1)]
    assert [offered(chat, one) for one in guilds] == [["video"] if is_in else [] for is_in in where]


async def test_the_next_start_registers_again_what_was_cleared(
    chat: Chat, team: Guild, start: Start, here: HostSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    await start(None)
    assert await sync(here, None, clear=True) == 0
    assert offered(chat, team) == []
    assert "the bot registers them again when it starts" in capsys.readouterr().out

    await start(None)

    assert offered(chat, team) == ["video"]


async def test_what_somebody_else_removed_is_registered_again(
    chat: Chat, team: Guild, start: Start
) -> None:
    await start(None)
    await _empty(chat)

    await start(None)

    assert offered(chat, team) == ["video"]


@pytest.mark.parametrize("in_one_server", [True, False])
async def test_sync_leaves_one_command(
    chat: Chat,
    team: Guild,
    start: Start,
    here: HostSettings,
    in_one_server: bool,  # noqa: FBT001 - pytest passes by name
) -> None:
    await start(team.id)
    assert await sync(here, None, clear=False) == 0
    assert offered(chat, team) == ["video"]

    if in_one_server:
        assert await sync(here, team.id, clear=False) == 0
        assert chat.commands() == []

    await start(None)
    assert offered(chat, team) == ["video"]


async def test_clearing_one_server_leaves_what_all_servers_have(
    chat: Chat, team: Guild, start: Start, here: HostSettings
) -> None:
    await start(None)

    assert await sync(here, team.id, clear=True) == 0

    assert offered(chat, team) == ["video"]


async def test_clearing_without_a_server_removes_the_copies_too(
    chat: Chat, team: Guild, start: Start, here: HostSettings
) -> None:
    await start(team.id)

    assert await sync(here, None, clear=True) == 0

    assert offered(chat, team) == []


async def test_commands_of_other_programs_stay(
    chat: Chat, team: Guild, start: Start, here: HostSettings
) -> None:
    await start(team.id)
    await _request(chat, "POST", f"/guilds/{team.id}/commands", _OTHER)

    await start(None)

    assert sorted(offered(chat, team)) == ["other", "video"]


async def test_a_refusal_is_logged_and_tried_again_at_the_next_start(
    chat: Chat, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    await start(1)

    (record,) = (one for one in caplog.records if one.levelno == logging.ERROR)
    assert "server 1; invite it" in record.message
    team = chat.guilds.add_guild("Team")
    await start(team.id)
    assert offered(chat, team) == ["video"]


async def test_changed_commands_are_registered_again(chat: Chat, team: Guild, start: Start) -> None:
    await start(None)
    await start(None, description="Changed")

    assert [one["description"] for one in chat.commands(team.id)] == ["Changed"]


_OTHER = {"name": "other", "description": "Of another program"}


async def _empty(chat: Chat) -> None:
    await _request(chat, "PUT", "/commands", [])


async def _request(chat: Chat, method: str, path: str, body: object) -> None:
    url = f"{chat.api_url}/applications/{chat.bot.id}{path}"
    headers = {"Authorization": f"Bot {chat.token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.request(method, url, json=body) as answer,
    ):
        assert answer.ok


def answered(kind: type[discord.HTTPException], status: int, code: int) -> discord.HTTPException:
    response: Any = SimpleNamespace(status=status, reason="no")
    return kind(response, {"code": code, "message": "no"})


@pytest.mark.parametrize(
    ("error", "guild", "said"),
    [
        (answered(discord.Forbidden, 403, 50001), None, "this application; invite it"),
        (answered(discord.Forbidden, 403, 50001), 23, "server 23; invite it"),
        (answered(discord.HTTPException, 400, 30034), None, "status 400, code 30034"),
    ],
)
def test_each_refusal_says_what_to_do(
    error: discord.HTTPException, guild: int | None, said: str
) -> None:
    assert said in explain(error, guild)


def test_an_absent_discord_is_told_in_a_sentence() -> None:
    assert "(status 503, code 0)" in unreachable(answered(discord.DiscordServerError, 503, 0))
    assert "(no connection)" in unreachable(aiohttp.ServerDisconnectedError())
