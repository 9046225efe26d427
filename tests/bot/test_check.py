from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest

from bot.check import check
from bot.settings import HostSettings


def a_plugin(monkeypatch: pytest.MonkeyPatch, *problems: str | None) -> None:
    async def results() -> AsyncIterator[Any]:
        for number, problem in enumerate(problems):
            yield SimpleNamespace(
                name=f"part {number}", problem=problem, detail="as it should be", warning=None
            )

    plugin = SimpleNamespace(check=results, may_use_workspace=lambda guild_id: guild_id == 1)
    monkeypatch.setattr("bot.check.plugin", lambda: plugin)


def a_discord(monkeypatch: pytest.MonkeyPatch, answer: BaseException | None = None) -> None:
    async def login(client: discord.Client, token: str) -> None:
        assert token == "a-token"
        if answer is not None:
            raise answer

    async def guilds(_: discord.Client, **__: object) -> AsyncIterator[Any]:
        for number, name in ((1, "Town"), (2, "Village")):
            yield SimpleNamespace(id=number, name=name)

    monkeypatch.setattr(discord.Client, "login", login)
    monkeypatch.setattr(discord.Client, "fetch_guilds", guilds)


async def test_one_line_per_part_and_0_where_all_is_well(
    settings: HostSettings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    a_plugin(monkeypatch, None, None)
    a_discord(monkeypatch)

    assert await check(settings) == 0

    assert capsys.readouterr().out.splitlines() == [
        "ok   configuration: all variables can be read",
        "ok   part 0: as it should be",
        "ok   part 1: as it should be",
        "ok   Discord token: logged in as None",
        "ok   server: Town (1) is allowed",
        "ok   server: Village (2) is not allowed",
    ]


async def test_a_part_that_fails_says_what_to_do_and_the_others_are_looked_at(
    settings: HostSettings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    a_plugin(monkeypatch, "Mend it.", None)
    a_discord(monkeypatch)

    assert await check(settings) == 1

    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "BAD  part 0: Mend it."
    assert [line[:3] for line in lines] == ["ok ", "BAD", *["ok "] * 4]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (discord.LoginFailure("no"), "Discord refused the token; check DISCORD_TOKEN."),
        (OSError("refused"), "Discord could not be reached (OSError); try again later."),
        (
            aiohttp.ServerDisconnectedError(),
            "Discord could not be reached (ServerDisconnectedError); try again later.",
        ),
        (TimeoutError(), "Discord could not be reached (TimeoutError); try again later."),
    ],
)
async def test_each_way_in_which_discord_fails_is_a_sentence(
    settings: HostSettings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answer: BaseException,
    said: str,
) -> None:
    a_plugin(monkeypatch)
    a_discord(monkeypatch, answer)

    assert await check(settings) == 1

    assert capsys.readouterr().out.splitlines()[-1] == f"BAD  Discord token: {said}"


async def test_files_that_others_may_read_are_told_and_change_nothing_else(
    settings: HostSettings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    a_plugin(monkeypatch, None)
    a_discord(monkeypatch)
    env_file = tmp_path / ".env"
    monkeypatch.setattr("dotenv.find_dotenv", lambda: str(env_file))
    env_file.write_text("DISCORD_TOKEN=x\n")
    for mode, warnings in ((0o640, 1), (0o600, 0)):
        env_file.chmod(mode)

        assert await check(settings) == 0

        lines = capsys.readouterr().out.splitlines()
        told = [line for line in lines if line.startswith("!")]
        assert len(told) == warnings
        assert all("chmod 600 .env" in line for line in told)
