from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest
from discord import app_commands

from bot.app import HostBot
from bot.settings import HostSettings
from bot.sync import sync
from tests.cogs.twentythree.storage.things import execute
from tests.fakes.databases import migrated


def answered(kind: type[discord.HTTPException], status: int, code: int = 0) -> BaseException:
    response: Any = SimpleNamespace(status=status, reason="no")
    return kind(response, {"code": code, "message": "no"})


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, BaseException]:
    """Return what Discord answers instead of a login or a registration."""
    given: dict[str, BaseException] = {}

    async def login(bot: HostBot, token: str) -> None:
        assert token == "a-token"
        if "login" in given:
            raise given["login"]
        await bot.setup_hook()

    async def registered(
        tree: app_commands.CommandTree, *, guild: discord.abc.Snowflake | None = None
    ) -> list[Any]:
        if "sync" in given:
            raise given["sync"]
        return tree.get_commands(guild=guild)

    monkeypatch.setattr(HostBot, "login", login)
    monkeypatch.setattr(app_commands.CommandTree, "sync", registered)
    return given


@pytest.mark.parametrize(
    ("answer", "ends"),
    [
        (("login", discord.LoginFailure("no")), (3, "check DISCORD_TOKEN")),
        (("login", OSError("refused")), (1, "could not be reached (no connection)")),
        (("login", aiohttp.ServerDisconnectedError()), (1, "could not be reached")),
        (("login", TimeoutError()), (1, "could not be reached (no answer in time)")),
        (
            ("login", answered(discord.DiscordServerError, 503)),
            (1, "could not be reached (status 503"),
        ),
        (("sync", answered(discord.Forbidden, 403, 50001)), (1, "invite it with the scopes")),
        (("sync", answered(discord.HTTPException, 400, 30034)), (1, "status 400, code 30034")),
        (("sync", OSError("reset")), (1, "could not be reached (no connection)")),
    ],
)
async def test_each_failure_is_one_sentence_and_a_status(
    settings: HostSettings,
    answers: dict[str, BaseException],
    capsys: pytest.CaptureFixture[str],
    answer: tuple[str, BaseException],
    ends: tuple[int, str],
) -> None:
    answers.update([answer])
    status, said = ends

    assert await sync(settings, None, clear=False) == status

    shown = capsys.readouterr()
    assert shown.out == ""
    (line,) = shown.err.splitlines()
    assert said in line


async def test_a_database_that_fails_meanwhile_is_one_sentence(
    settings: HostSettings,
    answers: dict[str, BaseException],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    address = f"sqlite:///{tmp_path}/sync.db"
    await migrated(address)
    await execute(address, "DROP TABLE twentythree_command_hashes")
    monkeypatch.setenv("TWENTYTHREE_DATABASE_URL", address)

    assert await sync(settings, None, clear=False) == 1

    (line,) = capsys.readouterr().err.splitlines()
    assert "no such table" in line


async def test_a_broken_database_is_one_sentence(
    settings: HostSettings,
    answers: dict[str, BaseException],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TWENTYTHREE_DATABASE_URL", "sqlite+aiosqlite:////nowhere/at/all.db")

    assert await sync(settings, None, clear=False) == 1

    (line,) = capsys.readouterr().err.splitlines()
    assert "check TWENTYTHREE_DATABASE_URL" in line
