"""How the bot's process ends: by itself where nothing else helps, and when it is told to."""

import re
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import closing
from pathlib import Path

import pytest
import pytest_asyncio

from tests.fakes.bot_process import BotProcess
from tests.fakes.stage import Stage


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncGenerator[Stage]:
    async with Stage(tmp_path) as built:
        yield built


def the_error(bot: BotProcess) -> str:
    """Return the one line that says why it ended; there must be no traceback."""
    assert "Traceback" not in bot.log
    assert "next try" not in bot.log
    (line,) = (line for line in bot.log.splitlines() if re.search(r"\berror\b", line))
    return line


async def test_a_token_that_discord_refuses_ends_it_with_3(stage: Stage) -> None:
    stage.chat.rules.is_token_refused = True
    async with stage.bot() as bot:
        assert await bot.exited() == 3

    assert "Discord refused the token; check DISCORD_TOKEN." in the_error(bot)
    assert [post.path for post in stage.chat.posts] == ["/users/@me"]


async def test_a_token_that_the_gateway_refuses_ends_it_with_3(stage: Stage) -> None:
    async with stage.bot() as bot:
        await stage.until_ready()
        stage.chat.rules.is_token_refused = True
        stage.chat.gateway.drop()
        assert await bot.exited() == 3

    assert "check DISCORD_TOKEN" in the_error(bot)


@pytest.mark.parametrize("code", [4004, 4014])
async def test_a_gateway_that_closes_for_good_ends_it_with_3_and_one_sentence(
    stage: Stage, code: int
) -> None:
    async with stage.bot() as bot:
        await stage.until_ready()
        stage.chat.gateway.close_all(code)
        assert await bot.exited() == 3

    assert re.search("Discord (closed the connection for good|refused the intents)", the_error(bot))
    assert stage.chat.gateway.identifies == 1


async def test_a_gateway_that_forgets_its_sessions_is_identified_to_once_more(stage: Stage) -> None:
    room, video = stage.room(), stage.workspace.state.add_video("Film")
    async with stage.running():
        await stage.attach(room, video)
        assert stage.chat.gateway.identifies == 1
        stage.chat.gateway.forget_sessions()
        stage.chat.gateway.drop()
        await stage.say(video)
        await stage.until_all_shown(room, video)
        await stage.chat.wait_for(lambda: stage.chat.gateway.identifies == 2, timeout_s=40)
        assert "Film" in await stage.command(room, "list")


async def test_malformed_variables_end_it_with_2_and_a_line_each(stage: Stage) -> None:
    wrong = {
        "DISCORD_TOKEN": "",
        "DISCORD_API_URL": "http://discord.example/secretpath",
        "BOT_HTTP_LISTEN": "secretplace",
        "TWENTYTHREE_SITE_URL": "video.example.com/secretpath",
        "TWENTYTHREE_POLL_SECONDS": "-1",
        "TWENTYTHREE_DATABASE_URL": "oracle://someone:secretword@host/db",
        "TWENTYTHREE_BEARER_TOKEN": "secret value",
    }
    async with stage.bot(level=None, **wrong) as bot:
        assert await bot.exited() == 2

    lines = bot.log.splitlines()
    assert "Traceback" not in bot.log
    assert "secret" not in bot.log
    for name in wrong:
        assert len([line for line in lines if name in line]) == 1, name
    assert len(lines) == len(wrong)


async def test_a_database_that_cannot_be_made_ends_it_with_1(stage: Stage) -> None:
    place = stage.folder / "nowhere" / "bot.db"
    async with stage.bot(TWENTYTHREE_DATABASE_URL=f"sqlite+aiosqlite:///{place}") as bot:
        assert await bot.exited() == 1

    assert "check TWENTYTHREE_DATABASE_URL" in the_error(bot)


@pytest.mark.usefixtures("on_sqlite")
async def test_a_database_of_a_newer_version_ends_it_with_1_and_is_left_alone(
    stage: Stage,
) -> None:
    async with stage.running():
        pass
    with closing(sqlite3.connect(stage.folder / "bot.db")) as connection:
        connection.execute("UPDATE twentythree_schema SET version_num = '9999'")
        connection.commit()
        before = list(connection.iterdump())
    async with stage.bot() as bot:
        assert await bot.exited() == 1

    assert "written by a newer version" in the_error(bot)
    with closing(sqlite3.connect(stage.folder / "bot.db")) as connection:
        assert list(connection.iterdump()) == before


@pytest.mark.usefixtures("on_sqlite")
async def test_a_database_that_is_deleted_ends_it_with_1_and_one_sentence(
    stage: Stage, tmp_path: Path
) -> None:
    async with stage.bot() as bot:
        await stage.until_ready()
        (tmp_path / "bot.db").unlink()
        assert await bot.exited() == 1

    assert "was deleted while the bot was running" in the_error(bot)
