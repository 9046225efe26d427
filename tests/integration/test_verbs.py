"""The verbs beside ``run``, and the host's own web service, as a person meets them."""

import json
import shutil
from collections.abc import AsyncGenerator
from pathlib import Path

import aiohttp
import pytest_asyncio

from tests.fakes.bot_process import ROOT
from tests.fakes.stage import Stage


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncGenerator[Stage]:
    async with Stage(tmp_path) as built:
        yield built


async def test_check_says_of_each_part_that_it_works(stage: Stage) -> None:
    stage.workspace.state.add_video("Film")
    async with stage.bot("check", BOT_LOG_LEVEL="INFO") as bot:
        assert await bot.exited() == 0

    lines = bot.output.splitlines()
    before = ["configuration", "Discord token", "invite", "commands", "servers", "database"]
    parts = [*before, "workspace", "realtime", "actions", f"server Team ({stage.guild.id})"]
    assert [line.partition(":")[0] for line in lines] == [f"ok   {part}" for part in parts]
    assert bot.log == ""


async def test_check_says_of_each_part_that_fails_what_to_do(stage: Stage) -> None:
    stage.workspace.is_down = True
    stage.chat.rules.is_token_refused = True
    place = stage.folder / "nowhere" / "bot.db"
    async with stage.bot(
        "check",
        BOT_LOG_LEVEL="WARNING",
        TWENTYTHREE_DATABASE_URL=f"sqlite+aiosqlite:///{place}",
    ) as bot:
        assert await bot.exited() == 1

    first, discord, _, database, workspace, realtime = bot.output.splitlines()
    assert first.startswith("ok   configuration")
    assert database.startswith("BAD  database")
    assert "check TWENTYTHREE_DATABASE_URL" in database
    assert workspace.startswith("BAD  workspace")
    assert "try again in a minute" in workspace
    assert realtime.startswith("WARN realtime")
    assert "The workspace did not say" in realtime
    assert discord == "BAD  Discord token: Discord refused the token; check DISCORD_TOKEN."
    assert "Traceback" not in bot.log


async def test_sync_registers_and_clears_the_commands_everywhere(stage: Stage) -> None:
    async with stage.bot("sync") as bot:
        assert await bot.exited() == 0
    assert bot.output == "slash commands registered (1) for all servers, and nowhere else\n"
    assert [command["name"] for command in stage.chat.commands()] == ["video"]
    async with stage.bot("sync", "--clear") as bot:
        assert await bot.exited() == 0
    assert bot.output == (
        "slash commands removed for all servers; the bot registers them again when it starts\n"
    )
    assert stage.chat.commands() == []


async def test_sync_registers_the_commands_in_one_server(stage: Stage) -> None:
    async with stage.bot("sync", "--guild", str(stage.guild.id)) as bot:
        assert await bot.exited() == 0
    assert bot.output == (
        f"slash commands registered (1) for server {stage.guild.id}, and nowhere else\n"
    )
    assert stage.chat.commands() == []
    assert [command["name"] for command in stage.chat.commands(stage.guild.id)] == ["video"]


async def test_sync_with_a_refused_token_ends_with_3(stage: Stage) -> None:
    stage.chat.rules.is_token_refused = True
    async with stage.bot("sync", BOT_LOG_LEVEL="WARNING") as bot:
        assert await bot.exited() == 3

    assert bot.log == "Discord refused the token; check DISCORD_TOKEN.\n"
    assert bot.output == ""


async def test_sync_where_discord_cuts_the_connection_ends_with_1(stage: Stage) -> None:
    stage.chat.fault("PUT", times=None, drops=True)
    async with stage.bot("sync", BOT_LOG_LEVEL="WARNING") as bot:
        assert await bot.exited() == 1

    assert bot.log.startswith("Discord (127.0.0.1:")
    assert len(bot.log.splitlines()) == 1


async def test_the_bots_health_can_be_asked_for(stage: Stage) -> None:
    async with (
        stage.bot(BOT_HTTP_LISTEN="127.0.0.1:0", BOT_LOG_FORMAT="json") as bot,
        aiohttp.ClientSession() as http,
    ):

        async def get(path: str) -> tuple[int, str]:
            async with http.get(url + path) as answer:
                return answer.status, await answer.text()

        fault = stage.chat.fault("GET", "/users/@me", hangs=True)
        url = (await bot.logged(r"health and metrics on (http://[\d.:]+)"))[1]
        await fault.reached.wait()
        assert await get("/healthz") == (200, "ok\n")
        assert await get("/readyz") == (503, "The bot is not connected to Discord.\n")
        fault.release()
        await stage.until_ready()
        room, video = await stage.attached()
        await stage.say(video)
        await stage.until_all_shown(room, video)
        assert await get("/readyz") == (200, "ok\n")
        status, metrics = await get("/metrics")
        assert await bot.terminate() == 0

    assert status == 200
    for name in (
        'twentythree_notices_total{outcome="delivered"} 1.0',
        "twentythree_events_total",
        "twentythree_outbox_pending 0.0",
        "twentythree_publish_to_post_seconds_count 1.0",
        "twentythree_realtime_connected",
        "twentythree_api_requests_total",
        "twentythree_rooms_paused 0.0",
    ):
        assert name in metrics
    assert "Whispered" not in metrics
    assert all(json.loads(line)["event"] for line in bot.log.splitlines())


async def test_an_address_that_is_taken_is_named(stage: Stage) -> None:
    taken = stage.chat.api_url.removeprefix("http://").partition("/")[0]
    async with stage.bot(BOT_HTTP_LISTEN=taken) as bot:
        assert await bot.exited() == 1

    assert "BOT_HTTP_LISTEN" in bot.log
    assert "Traceback" not in bot.log


async def test_an_env_file_beside_the_program_is_read(stage: Stage) -> None:
    for part in ("bot", "cogs"):
        shutil.copytree(ROOT / part, stage.folder / part)
    (stage.folder / ".env").write_text("BOT_LOG_LEVEL=LOUD\n")
    bot = stage.bot("check", PYTHON_DOTENV_DISABLED="")
    del bot.environment["BOT_LOG_LEVEL"]
    bot.root = stage.folder
    async with bot:
        assert await bot.exited() == 2

    assert bot.log.startswith("BOT_LOG_LEVEL: ")
