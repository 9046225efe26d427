"""A real bot in servers of two shards: what becomes of one of them concerns its servers alone."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import aiohttp
import pytest
import pytest_asyncio

from sandbox.chat import Channel
from sandbox.workspace import Thing
from tests.fakes.bot_process import BotProcess
from tests.fakes.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass(slots=True, kw_only=True)
class Town:
    """Two servers, one of each shard, with a room that shows the same video; a bot in both."""

    stage: Stage
    bot: BotProcess
    rooms: list[Channel]
    video: Thing

    async def all_shown(self) -> None:
        for room in self.rooms:
            await self.stage.until_all_shown(room, self.video)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Town]:
    async with Stage(tmp_path_factory.mktemp("bot"), shards=2) as stage:
        other = stage.guild.id + (1 << 22)
        stage.chat.guilds.add_guild("Others", guild_id=other)
        ids = sorted((stage.guild.id, other), key=lambda one: (one >> 22) % 2)
        rooms = [stage.chat.rooms.add_channel(one, "room") for one in ids]
        video = stage.workspace.state.add_video("Film")
        async with stage.bot(BOT_HTTP_LISTEN="127.0.0.1:0") as bot:
            await stage.until_ready()
            for room in rooms:
                assert "Film" in await stage.attach(room, video)
            await bot.logged("it works: 2 servers")
            yield Town(stage=stage, bot=bot, rooms=rooms, video=video)
            assert await bot.terminate() == 0, bot.log
            assert "Traceback" not in bot.log


async def asked(bot: BotProcess, path: str) -> tuple[int, str]:
    (url,) = (await bot.logged(r"health and metrics on (\S+)")).groups()
    async with aiohttp.ClientSession() as http, http.get(f"{url}/{path}") as answer:
        return answer.status, await answer.text()


async def connected(bot: BotProcess) -> float:
    _, told = await asked(bot, "metrics")
    (found,) = re.findall(r"^twentythree_shards_connected (\S+)$", told, re.MULTILINE)
    return float(found)


async def test_commands_come_by_either_shard_and_notices_go_to_both(town: Town) -> None:
    await town.stage.say(town.video)
    await town.all_shown()
    for room in town.rooms:
        assert "**Realtime**" in await town.stage.until_status(room, "**Realtime**")
    assert await connected(town.bot) == 2


async def test_with_one_shard_away_its_rooms_get_notices_and_the_others_commands_too(
    town: Town,
) -> None:
    gateway, rules = town.stage.chat.gateway, town.stage.chat.rules
    here, away = town.rooms
    rules.refused_shards.add(1)
    gateway.drop(1)
    await town.stage.chat.wait_for(lambda: not gateway.is_ready)
    await town.stage.say(town.video)
    await town.all_shown()

    assert "Discord does not tell" not in await town.stage.command(here, "status")
    assert (await asked(town.bot, "readyz"))[0] == 200
    assert await connected(town.bot) == 1

    rules.refused_shards.clear()
    await town.stage.chat.wait_until_ready()
    await town.stage.say(town.video)
    await town.all_shown()
    assert "Film" in await town.stage.command(away, "list")
    assert await connected(town.bot) == 2


async def test_a_room_that_is_set_right_is_woken_by_its_shard(town: Town) -> None:
    chat = town.stage.chat
    (_, room) = town.rooms
    chat.rooms.set_overwrites(room.id, chat.bot, deny=["send_messages"])
    await town.stage.say(town.video)
    await town.stage.until_status(room, "Paused")
    chat.rooms.set_overwrites(room.id, chat.bot)
    await town.all_shown()


async def test_servers_of_a_shard_that_comes_late_are_not_taken_for_gone(town: Town) -> None:
    chat = town.stage.chat
    assert await town.bot.terminate() == 0
    chat.rules.refused_shards.add(1)
    await town.bot.start()
    await chat.wait_for(lambda: chat.gateway.connections >= 1)
    # The work has begun, with the first.
    await town.stage.say(town.video)
    await town.all_shown()
    assert "gets nothing now" not in town.bot.log

    chat.rules.refused_shards.clear()
    await town.bot.logged("it works: 2 servers")
    await town.stage.say(town.video)
    await town.all_shown()
