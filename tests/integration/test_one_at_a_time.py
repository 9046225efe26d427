"""Two bots on one database: the second says so and ends."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.fakes.stage import Stage


@pytest.mark.usefixtures("on_sqlite")
async def test_a_second_bot_on_the_database_ends_with_4_and_one_killed_does_not_count(
    tmp_path: Path,
) -> None:
    async with Stage(tmp_path) as stage, AsyncExitStack() as stack:
        first = stage.bot(BOT_LOG_LEVEL="INFO")
        first.is_first = True
        await stack.enter_async_context(first)
        await stage.until_ready()
        assert f"made a new database: {tmp_path}/bot.db" in first.log
        async with stage.bot(BOT_LOG_LEVEL="WARNING") as second:
            assert await second.exited() == 4
        (line,) = second.log.splitlines()
        assert f"Another bot (process {first.pid} on this machine) uses the database" in line
        async with stage.bot("sync") as sync, stage.bot("check") as check:
            assert await sync.exited() == 0
            assert await check.exited() == 0

        await first.kill()
        await first.start()
        await stage.until_ready()
        assert "made a new database" not in first.log
        assert await first.terminate() == 0
