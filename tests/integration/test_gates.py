"""Who gets what: servers, and objects that are not public any more, by a real bot."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest_asyncio

from tests.fakes.stage import Stage


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncGenerator[Stage]:
    async with Stage(tmp_path) as built:
        yield built


async def test_a_stranger_is_refused_and_nothing_of_the_workspace_reaches_it(
    stage: Stage,
) -> None:
    allowed = str(stage.guild.id)
    town = stage.chat.guilds.add_guild("Strangers")
    away = stage.chat.rooms.add_channel(town.id, "away")
    room, film = stage.room(), stage.workspace.state.add_video("Film")
    async with stage.running():
        await stage.attach(room, film)
        await stage.attach(away, film)
        await stage.say(film)
        await stage.until_all_shown(away, film)
        shown = len(stage.chat.messages(away.id))

    async with stage.bot(TWENTYTHREE_SERVERS=allowed) as bot:
        await stage.until_ready()
        said = await stage.command(away, "list")
        await stage.say(film)
        await stage.until_all_shown(room, film)
        assert f"add its ID, {town.id}, to TWENTYTHREE_SERVERS" in said
        assert len(stage.chat.messages(away.id)) == shown
        assert f"server {town.id} gets nothing now" in bot.log
        assert await bot.terminate() == 0


async def test_a_server_that_removed_the_bot_finds_all_again_when_it_comes_back(
    stage: Stage,
) -> None:
    town = stage.chat.guilds.add_guild("Town")
    away = stage.chat.rooms.add_channel(town.id, "away")
    film = stage.workspace.state.add_video("Film")
    async with stage.running() as bot:
        await stage.attach(away, film)
        stage.chat.guilds.remove_bot(town.id)
        await bot.logged(rf"server {town.id} gets nothing now: The bot is no longer")
        await stage.say(film)

        stage.chat.guilds.add_bot(town.id)
        await bot.logged(rf"server {town.id} is served again")
        await stage.until_all_shown(away, film)


async def test_a_film_that_was_unpublished_is_paused_and_told_of_under_its_old_title(
    stage: Stage,
) -> None:
    room, film = stage.room(), stage.workspace.state.add_video("Film")
    async with stage.running():
        await stage.attach(room, film)

    film.is_published, film.title = False, "Secret film"
    async with stage.running():
        await stage.chat.wait_for(lambda: stage.chat.dms(stage.chat.owner.id))
        await stage.say(film)
        status = await stage.command(room, "status")

        (told,) = stage.chat.dms(stage.chat.owner.id)
        assert told.content.startswith(f"Notices about Film cannot be posted in <#{room.id}>.")
        assert "Paused: Film in" in status
        assert "Secret" not in status + told.content
        assert stage.held(room) == {}

        # The stage agrees where it is asked.
        await stage.attach(room, film)
        await stage.until_all_shown(room, film)
