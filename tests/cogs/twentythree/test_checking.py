from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import discord
import pytest
import pytest_asyncio
from aiohttp import web
from discord.http import Route

from cogs.twentythree.checking import CheckResult, PeerClock, check
from cogs.twentythree.domain.model import GuildId, RoomId
from cogs.twentythree.storage import Baseline, NewAttachment, Store
from sandbox import Sandbox
from sandbox.workspace import Level
from tests.cogs.twentythree.storage.things import ALL, NOW, VIDEO, execute
from tests.fakes.http_endpoint import endpoint


@pytest_asyncio.fixture
async def sandbox(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncGenerator[Sandbox]:
    async with Sandbox() as built:
        for name, value in built.environment().items():
            monkeypatch.setenv(name, value)
        database = f"sqlite+aiosqlite:///{tmp_path}/check.db"
        monkeypatch.setenv("TWENTYTHREE_DATABASE_URL", database)
        monkeypatch.delenv("TWENTYTHREE_REALTIME_URL", raising=False)
        monkeypatch.setenv("TWENTYTHREE_SERVERS", "1")
        yield built


async def results(**options: Any) -> dict[str, CheckResult]:
    return {result.name: result async for result in check(**options)}


async def test_all_is_well(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.workspace.state.add_video("Film")

    found = await results()

    assert [(one.problem, one.warning) for one in found.values()] == [(None, None)] * 5
    assert found["database"].detail == f"{tmp_path}/check.db, 0 attachments"
    assert "permission level read: all videos, events and comments" in found["workspace"].detail
    assert found["realtime"].detail.startswith("connected to 127.0.0.1:")


@pytest.mark.parametrize(
    ("level", "said"),
    [
        (Level.ANONYMOUS, "comments cannot be acted on from rooms: that needs"),
        (Level.READ, "comments cannot be acted on from rooms: that needs"),
        (Level.WRITE, "comments can be acted on from rooms"),
        (Level.SUPER, "comments can be acted on from rooms"),
    ],
)
async def test_whether_comments_can_be_acted_on_is_told(
    sandbox: Sandbox, level: Level, said: str
) -> None:
    sandbox.workspace.state.accounts[Level.READ] = replace(
        sandbox.workspace.account(Level.READ), level=level
    )

    actions = (await results())["actions"]

    assert actions.detail.startswith(said)
    assert (actions.problem, actions.warning) == (None, None)


async def test_a_workspace_without_objects_names_no_realtime_service(sandbox: Sandbox) -> None:
    found = await results()

    assert (found["realtime"].problem, found["realtime"].warning) == (None, None)
    assert found["realtime"].detail.startswith(
        "no video or live event names a realtime service yet"
    )


async def test_refused_credentials_are_named_and_the_realtime_service_is_not_blamed(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWENTYTHREE_BEARER_TOKEN", "another")
    sandbox.workspace.options.is_closed = True

    found = await results()

    assert "check the TWENTYTHREE_ variables" in (found["workspace"].problem or "")
    assert "The workspace did not say" in (found["realtime"].warning or "")


async def test_a_realtime_service_that_is_away_is_a_warning_with_its_host(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWENTYTHREE_REALTIME_URL", "http://127.0.0.1:9/faye")

    found = await results(patience_s=0.1)

    assert found["realtime"].problem is None
    assert found["realtime"].warning == (
        "127.0.0.1:9 could not be reached; until it answers, the bot asks the workspace every 15 "
        "seconds, and nothing is lost."
    )


async def test_a_workspace_that_is_away_is_a_problem_with_its_host(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWENTYTHREE_SITE_URL", "http://127.0.0.1:9")

    found = await results()

    assert "actions" not in found
    assert found["workspace"].problem == (
        "127.0.0.1:9 could not be reached (no connection); check TWENTYTHREE_SITE_URL and this "
        "machine's network, or try again in a minute."
    )


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

    assert f"permission level {level.word}: " in found["workspace"].detail


async def test_no_credentials_are_told(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TWENTYTHREE_BEARER_TOKEN")

    found = await results()

    assert found["workspace"].detail.endswith("no credentials: public data only")


async def test_credentials_that_give_no_more_than_public_data_are_a_warning(
    sandbox: Sandbox,
) -> None:
    sandbox.workspace.state.accounts[Level.READ] = replace(
        sandbox.workspace.account(Level.READ), level=Level.ANONYMOUS
    )

    found = await results()

    assert "public data only; the bot needs level read" in (found["workspace"].warning or "")


async def test_a_time_that_nobody_can_read_is_none() -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(headers={"Date": f"Wed, 02 Jan 2030 12:00:00 +{'9' * 20}"})

    clock = PeerClock("there")
    async with (
        endpoint(answer) as url,
        aiohttp.ClientSession(trace_configs=[clock.trace]) as http,
        http.get(url) as answered,
    ):
        assert answered.ok

    assert clock.warning() is None


@pytest.mark.parametrize(
    ("off", "said"),
    [
        (timedelta(minutes=10), "This machine's clock is 10 minutes ahead of that of 127.0.0.1:"),
        (timedelta(minutes=-2), "This machine's clock is 2 minutes behind that of 127.0.0.1:"),
        (timedelta(seconds=30), None),
    ],
)
async def test_a_clock_that_is_wrong_is_a_warning(
    sandbox: Sandbox, off: timedelta, said: str | None
) -> None:
    found = await results(now=lambda: datetime.now(UTC) + off)

    if said is None:
        assert "clock" not in found
    else:
        assert (found["clock"].warning or "").startswith(said)


@pytest.mark.parametrize("table", ["twentythree_attachments", "twentythree_follows"])
async def test_a_database_that_cannot_be_read_is_a_problem_and_the_rest_is_looked_at(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    await results()
    await execute(f"sqlite:///{tmp_path}/check.db", f"DROP TABLE {table}")
    closed: list[Store] = []
    close = Store.close

    async def noted(store: Store) -> None:
        closed.append(store)
        await close(store)

    monkeypatch.setattr(Store, "close", noted)

    found = await results()

    assert f"no such table: {table}" in (found["database"].problem or "")
    assert found["workspace"].problem is None
    assert len(closed) == 1


# The servers, over REST alone.


@pytest_asyncio.fixture
async def client(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[discord.Client]:
    monkeypatch.setattr(Route, "BASE", sandbox.chat.api_url)
    async with discord.Client(intents=discord.Intents(guilds=True)) as logged_in:
        await logged_in.login(sandbox.chat.token)
        yield logged_in


async def attach(tmp_path: Path, guild_id: int, *rooms: int) -> None:
    store = await Store.open(f"sqlite:///{tmp_path}/check.db")
    for room_id in rooms:
        new = NewAttachment(
            object=VIDEO,
            guild_id=GuildId(guild_id),
            room_id=RoomId(room_id),
            rules=ALL,
            attached_by=1,
        )
        await store.attachments.attach(new, Baseline(), now=NOW)
    await store.close()


async def test_each_server_is_told_with_what_is_missing_in_its_rooms(
    sandbox: Sandbox,
    client: discord.Client,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chat = sandbox.chat
    team, other, barred = (chat.guilds.add_guild(name) for name in ("Team", "Other", "Barred"))
    monkeypatch.setenv("TWENTYTHREE_SERVERS", f"{team.id},{other.id}")
    film, quiet = (
        chat.rooms.add_channel(team.id, "film"),
        chat.rooms.add_channel(team.id, "quiet\x1b[31m"),
    )
    thread = chat.rooms.add_thread(film.id, "talk")
    archived = chat.rooms.add_thread(film.id, "old talk")
    chat.rooms.archive(archived.id)
    hidden = chat.rooms.add_channel(team.id, "hidden")
    chat.rooms.set_overwrites(quiet.id, chat.bot, deny=["embed_links", "send_messages"])
    chat.rooms.set_overwrites(hidden.id, chat.bot, deny=["view_channel"])
    gone = 2**62
    rooms = (film.id, quiet.id, thread.id, archived.id, hidden.id, gone)
    await attach(tmp_path, team.id, *rooms)
    await attach(tmp_path, gone, gone + 1)

    found = await results(client=client)

    said = found[f"server Team ({team.id})"].problem or ""
    assert "In #quiet[31m grant the bot Embed Links, Send Messages." in said
    assert "In #hidden grant the bot View Channel" in said
    assert f"Room {gone} is not there any more" in said
    assert not any(word in said for word in ("film", "talk", "\x1b"))
    assert "is not allowed" in (found[f"server Barred ({barred.id})"].warning or "")
    assert found[f"server Other ({other.id})"].detail == "nothing is attached there"
    assert "not in this server any more" in (found[f"server {gone}"].warning or "")


async def test_a_server_that_lacks_nothing_is_well(
    sandbox: Sandbox,
    client: discord.Client,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    team = sandbox.chat.guilds.add_guild("Team")
    monkeypatch.setenv("TWENTYTHREE_SERVERS", str(team.id))
    room = sandbox.chat.rooms.add_channel(team.id, "film")
    await attach(tmp_path, team.id, room.id)

    found = await results(client=client)

    assert found[f"server Team ({team.id})"].detail == "1 room has all that is needed"


async def test_a_bot_that_is_in_no_server_is_told_to_invite(
    sandbox: Sandbox, client: discord.Client
) -> None:
    found = await results(client=client)

    assert "invite it" in (found["Discord servers"].warning or "")


async def test_a_discord_that_fails_meanwhile_is_one_sentence(
    sandbox: Sandbox, client: discord.Client
) -> None:
    sandbox.chat.fault("GET", "/users/@me/guilds", status=403, times=None)

    found = await results(client=client)

    assert "Discord did not tell of all servers" in (found["Discord servers"].problem or "")


async def test_a_database_that_others_could_read_is_told(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "check.db"
    path.touch()
    path.chmod(0o644)

    first, second = await results(), await results()

    assert str(path) in (first["database file"].warning or "")
    assert "database file" not in second


async def test_credentials_without_a_server_to_use_them_are_a_problem(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWENTYTHREE_SERVERS", "")

    problem = (await results())["servers"].problem

    assert "TWENTYTHREE_SERVERS names no server" in (problem or "")
    monkeypatch.delenv("TWENTYTHREE_BEARER_TOKEN")
    assert (await results())["servers"].detail == "any may use the workspace"
