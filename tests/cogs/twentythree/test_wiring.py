from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.sandbox import Sandbox
from bot.sandbox.workspace import Level
from cogs.twentythree import wiring
from cogs.twentythree.wiring import CheckResult


@pytest_asyncio.fixture
async def sandbox(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncGenerator[Sandbox]:
    async with Sandbox() as built:
        built.chat.add_guild("Team")
        for name, value in built.environment().items():
            monkeypatch.setenv(name, value)
        database = f"sqlite+aiosqlite:///{tmp_path}/check.db"
        monkeypatch.setenv("TWENTYTHREE_DATABASE_URL", database)
        monkeypatch.delenv("TWENTYTHREE_REALTIME_URL", raising=False)
        yield built


async def results() -> dict[str, CheckResult]:
    return {result.name: result async for result in wiring.check()}


async def test_all_is_well(sandbox: Sandbox) -> None:
    sandbox.workspace.state.add_video("Film")

    found = await results()

    assert [result.problem for result in found.values()] == [None, None, None, None]
    assert found["servers"].detail == "1 may use the workspace"
    assert found["database"].detail == "0 attachments"
    assert "permission level read" in found["workspace"].detail
    assert found["realtime"].detail == "connected"


async def test_a_workspace_without_objects_names_no_realtime_service(sandbox: Sandbox) -> None:
    found = await results()

    assert found["realtime"].problem is None
    assert "the bot will poll" in found["realtime"].detail


async def test_refused_credentials_are_named_and_the_realtime_service_is_not_blamed(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWENTYTHREE_BEARER_TOKEN", "another")
    sandbox.workspace.options.is_closed = True

    found = await results()

    assert "check the TWENTYTHREE_ variables" in (found["workspace"].problem or "")
    assert "The workspace did not say" in (found["realtime"].problem or "")


async def test_a_realtime_service_that_is_away_is_told(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "_CHECK_S", 0.1)
    sandbox.workspace.state.add_video("Film")
    await sandbox.faye.close()

    found = await results()

    assert "the bot will poll until it does" in (found["realtime"].problem or "")


@pytest.mark.parametrize("level", [Level.READ, Level.ADMIN])
async def test_oauth_is_one_of_the_ways_in(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, level: Level
) -> None:
    keys = sandbox.workspace.account(level).oauth
    monkeypatch.delenv("TWENTYTHREE_BEARER_TOKEN")
    monkeypatch.setenv("TWENTYTHREE_CONSUMER_KEY", keys.consumer_key)
    monkeypatch.setenv("TWENTYTHREE_CONSUMER_SECRET", keys.consumer_secret)
    monkeypatch.setenv("TWENTYTHREE_ACCESS_TOKEN", keys.token)
    monkeypatch.setenv("TWENTYTHREE_ACCESS_TOKEN_SECRET", keys.token_secret)

    found = await results()

    assert f"permission level {level.word}" in found["workspace"].detail


async def test_a_database_that_others_could_read_is_told(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "check.db"
    path.touch()
    path.chmod(0o644)

    warnings = [(await results())["database"].warning for _ in range(2)]

    assert str(path) in (warnings[0] or "")
    assert warnings[1] is None


async def test_credentials_without_a_server_to_use_them_are_a_problem(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWENTYTHREE_SERVERS", "")

    problem = (await results())["servers"].problem

    assert problem is not None
    assert "TWENTYTHREE_SERVERS names no server" in problem
    assert "any command of the bot tells the ID of its server" in problem

    monkeypatch.delenv("TWENTYTHREE_BEARER_TOKEN")
    assert (await results())["servers"].detail == "any may use the workspace"
