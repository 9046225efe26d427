"""The workspace, its realtime service or Discord's gateway away for a while under a running bot.

What was said meanwhile must be there once afterwards.
"""

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from tests.fakes.bot_process import BotProcess
from tests.fakes.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(
    module_on_both: None, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Stage]:
    async with Stage(tmp_path_factory.mktemp("bot")) as built:
        yield built


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bot(stage: Stage) -> AsyncGenerator[BotProcess]:
    async with stage.running() as running:
        yield running


async def test_comments_of_a_time_without_the_workspace_come_once(
    stage: Stage, bot: BotProcess
) -> None:
    room, video = await stage.attached()
    await stage.until_status(room, "**Realtime**")
    stage.workspace.is_down = True
    stage.sandbox.faye.forget()
    await stage.say(video)
    await stage.say(video)
    stage.sandbox.faye.drop()
    await bot.logged("reading .* failed: .* could not be reached")
    stage.workspace.is_down = False
    await stage.until_all_shown(room, video)
    await bot.logged("reading .* works again")
    # There are several readings, and each finds out for itself.
    await stage.until_status(room, "Last error: none")


async def test_with_the_realtime_service_away_polling_carries_the_job(
    stage: Stage, bot: BotProcess
) -> None:
    room, video = await stage.attached()
    await stage.until_status(room, "**Realtime**")
    await stage.sandbox.faye.close()
    said = await stage.until_status(room, "Realtime is not connected")
    assert "nothing is lost" in said
    await stage.say(video)
    await stage.until_all_shown(room, video)
    await stage.sandbox.faye.start()
    await stage.until_status(room, "**Realtime**")
    await stage.say(video)
    await stage.until_all_shown(room, video)


async def test_with_realtime_sessions_forgotten_nothing_is_missing(
    stage: Stage, bot: BotProcess
) -> None:
    room, video = await stage.attached()
    await stage.until_status(room, "**Realtime**")
    stage.sandbox.faye.forget()
    await stage.say(video)
    stage.sandbox.faye.drop()
    await stage.say(video)
    await stage.until_all_shown(room, video)


@pytest.mark.parametrize("how", ["drop", "ask_to_reconnect", "forget", "close"])
async def test_comments_go_on_through_a_lost_gateway_connection(
    stage: Stage, bot: BotProcess, how: str
) -> None:
    room, video = await stage.attached()
    await stage.say(video)
    connected = stage.chat.gateway.identifies + stage.chat.gateway.resumes
    match how:
        case "drop":
            stage.chat.gateway.drop()
        case "ask_to_reconnect":
            stage.chat.gateway.ask_to_reconnect()
        case "forget":
            stage.chat.gateway.invalidate()
        case _:
            stage.chat.gateway.close_all(4000)
    await stage.say(video)
    await stage.chat.wait_for(
        lambda: stage.chat.gateway.identifies + stage.chat.gateway.resumes > connected,
        timeout_s=90,
    )
    await stage.say(video)
    await stage.until_all_shown(room, video)
    assert "Film" in await stage.command(room, "list")


@pytest.mark.parametrize("at", ["ready", "not ready yet"])
async def test_an_event_that_discord_py_cannot_read_ends_one_client_and_nothing_else(
    stage: Stage, bot: BotProcess, at: str
) -> None:
    room, video = await stage.attached()
    identifies = stage.chat.gateway.identifies
    if at == "not ready yet":
        stage.chat.gateway.invalidate()
        identifies += 1
        await stage.chat.wait_for(lambda: stage.chat.gateway.identifies == identifies)
    stage.chat.gateway.sessions.dispatch(
        "GUILD_ROLE_CREATE", {"guild_id": str(stage.guild.id)}, None
    )
    await bot.logged(r"the Discord client ended \(KeyError\); next try")
    await stage.say(video)
    await stage.chat.wait_for(
        lambda: stage.chat.gateway.identifies > identifies and stage.chat.gateway.is_ready,
        timeout_s=90,
    )
    await stage.say(video)
    await stage.until_all_shown(room, video)
    assert "Film" in await stage.command(room, "list")


@pytest.mark.parametrize("denied", ["send_messages", "embed_links"])
async def test_a_room_that_takes_no_messages_for_a_while_gets_them_afterwards(
    stage: Stage, bot: BotProcess, denied: str
) -> None:
    room, video = await stage.attached()
    other, film = await stage.attached("Other")
    stage.chat.rooms.set_overwrites(room.id, stage.chat.bot, deny=[denied])
    await stage.say(video)
    await bot.logged(f"room {room.id} is paused")
    await stage.say(film)
    await stage.until_all_shown(other, film)
    assert f"Paused: <#{room.id}>" in await stage.command(other, "status")
    assert not stage.held(room)
    stage.chat.rooms.set_overwrites(room.id, stage.chat.bot)
    await stage.until_all_shown(room, video)
    await bot.logged(f"room {room.id} is not paused any more")
    assert "Paused" not in await stage.command(other, "status")


async def test_comments_of_a_time_without_discord_come_once(stage: Stage, bot: BotProcess) -> None:
    room, video = await stage.attached()
    await stage.say(video)
    await stage.until_all_shown(room, video)
    await stage.discord_goes()
    await stage.say(video)
    await bot.logged(f"room {room.id} is tried again")
    await stage.discord_returns()
    await stage.until_all_shown(room, video)
    await stage.until_ready()
    await stage.say(video)
    await stage.until_all_shown(room, video)
