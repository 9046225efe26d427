"""The verb ``check``, with discord.py and the sandbox."""

import os
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.account import commands_line
from bot.app import make_bot, prepare
from bot.check import check
from bot.identifies import IdentifyBudget
from bot.lines import Line
from bot.registration import NotDiscordError, not_reached
from bot.settings import HostSettings
from bot.supervisor import finality, is_expected
from bot.sync import sync
from bot.web import serve
from cogs.twentythree import WANTED
from cogs.twentythree.domain.model import AttachmentRules, GuildId, ObjectKind, RoomId
from cogs.twentythree.storage import Baseline, NewAttachment, NewFollow, Store
from sandbox import Sandbox
from sandbox.workspace import Level
from tests.fakes.notices import VIDEO
from tests.fakes.stores import make_database

README = Path(__file__).parents[2] / "README.md"
Check = Callable[..., Awaitable[list[str]]]


@pytest_asyncio.fixture
async def sandbox(
    settings: HostSettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> AsyncGenerator[Sandbox]:
    await make_database(tmp_path / "check.db")
    async with Sandbox() as built:
        for name, value in built.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("TWENTYTHREE_DATABASE_URL", f"sqlite:///{tmp_path}/check.db")
        monkeypatch.setenv("TWENTYTHREE_SERVERS", "1")
        built.workspace.state.add_video("Film")
        yield built


@pytest.fixture
def checked(sandbox: Sandbox, capsys: pytest.CaptureFixture[str]) -> Check:
    """Return what runs a check, expects its status, and returns its lines."""

    async def run(status: int = 0, *warnings: str, **options: object) -> list[str]:
        made = HostSettings()  # type: ignore[call-arg]  # the environment gives what is required
        assert await check(made.model_copy(update=options), warnings) == status
        return capsys.readouterr().out.splitlines()

    return run


async def test_one_line_per_part_and_0_where_all_is_well(
    sandbox: Sandbox, checked: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = sandbox.chat.guilds.add_guild("Team")
    monkeypatch.setenv("TWENTYTHREE_SERVERS", str(team.id))

    lines = await checked()

    assert [line.partition(":")[0] for line in lines] == [
        "ok   configuration",
        "ok   Discord token",
        "ok   invite",
        "ok   commands",
        "ok   servers",
        "ok   database",
        "ok   workspace",
        "ok   realtime",
        "ok   actions",
        f"ok   server Team ({team.id})",
    ]
    assert lines[3] == "ok   commands: none yet; the bot registers them when it starts"


async def test_the_invite_link_is_the_bots_own_and_asks_for_what_the_features_want(
    sandbox: Sandbox, checked: Check
) -> None:
    (line,) = (one for one in await checked() if "invite: " in one)

    assert f"client_id={sandbox.chat.bot.id}&" in line
    assert f"permissions={WANTED.value}" in line
    assert "scope=bot+applications.commands" in line


def test_the_readme_asks_for_the_same_permissions_and_names_each() -> None:
    text = README.read_text(encoding="utf-8")

    assert re.findall(r"permissions=(\d+)", text) == [str(WANTED.value)]
    folded = " ".join(text.lower().split())
    # discord.py calls View Channels by an older name, too.
    wanted = {name for name, is_wanted in WANTED if is_wanted} - {"read_messages"}
    for name in wanted | {"view_channel"}:
        assert name.replace("_", " ") in folded


async def test_a_calendar_that_may_not_be_kept_is_told(
    sandbox: Sandbox, checked: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    granted = ["view_channel", "send_messages", "embed_links"]
    team = sandbox.chat.guilds.add_guild("Team", bot_permissions=granted)
    room = sandbox.chat.rooms.add_channel(team.id, "general")
    monkeypatch.setenv("TWENTYTHREE_SERVERS", str(team.id))
    store = await Store.open(os.environ["TWENTYTHREE_DATABASE_URL"])
    new = NewFollow(
        guild_id=GuildId(team.id),
        room_id=RoomId(room.id),
        is_forum=False,
        kind=ObjectKind.LIVE,
        category=None,
        rules=AttachmentRules(),
        followed_by=3,
    )
    await store.follows.follow(new, datetime.now(UTC))
    assert (await checked())[-1].endswith("1 room has all that is needed")
    await store.follows.follow(replace(new, has_calendar=True), datetime.now(UTC))
    await store.close()

    line = (await checked(1))[-1]
    assert line.endswith("For scheduled events grant the bot Create Events.")


async def test_what_fails_says_what_to_do_and_the_rest_is_looked_at(
    sandbox: Sandbox, checked: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.chat.rules.is_token_refused = True
    monkeypatch.setenv("TWENTYTHREE_DATABASE_URL", "sqlite:////nowhere/at/all.db")

    lines = await checked(1)

    assert "BAD  Discord token: Discord refused the token; check DISCORD_TOKEN." in lines
    assert any(line.startswith("BAD  database: The database /nowhere/at/all.db") for line in lines)
    assert any(line.startswith("ok   workspace: ") for line in lines)


async def test_a_discord_that_is_away_is_named_with_its_host(
    sandbox: Sandbox, checked: Check
) -> None:
    lines = await checked(1, discord_api_url="http://127.0.0.1:9/api/v10")

    assert lines[1] == (
        "BAD  Discord token: Discord (127.0.0.1:9) could not be reached (no connection); "
        "try again later."
    )


async def test_a_discord_that_fails_after_the_login_is_one_sentence(
    sandbox: Sandbox, checked: Check
) -> None:
    sandbox.chat.fault("GET", "/applications/.*", status=403, times=None)

    lines = await checked(1)

    assert any(line.startswith("BAD  Discord: Discord (127.0.0.1:") for line in lines)


async def test_a_dead_realtime_service_is_a_warning(sandbox: Sandbox, checked: Check) -> None:
    await sandbox.faye.close()

    lines = await checked()

    (line,) = (one for one in lines if " realtime: " in one)
    assert line.startswith("WARN realtime: 127.0.0.1:")


@pytest.mark.parametrize(
    ("level", "is_on", "said"),
    [
        (Level.READ, False, "ok   actions: comments cannot be acted on from rooms: that needs"),
        (
            Level.READ,
            True,
            "WARN actions: on in 1 room, but comments cannot be acted on from rooms",
        ),
        (Level.WRITE, True, "ok   actions: comments can be acted on from rooms"),
    ],
)
async def test_a_level_that_is_too_low_for_what_is_on_is_a_warning(  # noqa: PLR0917
    sandbox: Sandbox,
    checked: Check,
    monkeypatch: pytest.MonkeyPatch,
    level: Level,
    is_on: bool,  # noqa: FBT001
    said: str,
) -> None:
    monkeypatch.setenv("TWENTYTHREE_BEARER_TOKEN", sandbox.workspace.account(level).bearer)
    store = await Store.open(os.environ["TWENTYTHREE_DATABASE_URL"])
    new = NewAttachment(
        guild_id=GuildId(1),
        room_id=RoomId(2),
        object=VIDEO,
        rules=AttachmentRules(has_actions=is_on),
        attached_by=3,
    )
    await store.attachments.attach(new, Baseline(), now=datetime.now(UTC))
    await store.close()

    (line,) = (one for one in await checked() if " actions: " in one)
    assert line.startswith(said)


async def test_what_is_odd_about_the_variables_is_told(checked: Check) -> None:
    lines = await checked(0, "BOT_NAME is no variable of this bot; it is ignored.")

    assert lines[1] == "WARN configuration: BOT_NAME is no variable of this bot; it is ignored."


async def test_files_that_others_may_read_are_told_and_change_nothing_else(
    checked: Check, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    env_file, database = tmp_path / ".env", tmp_path / "check.db"
    monkeypatch.setattr("dotenv.find_dotenv", lambda: str(env_file))
    for file in (env_file, database):
        file.touch(0o644)
        file.chmod(0o644)

    told = [line for line in await checked() if "other users of this machine" in line]

    assert [line.partition(":")[0] for line in told] == [
        "WARN configuration",
        "WARN database file",
    ]
    assert "chmod 600 .env" in told[0]

    env_file.chmod(0o600)
    assert not [line for line in await checked() if "other users" in line]


async def test_registered_commands_are_told(sandbox: Sandbox, checked: Check) -> None:
    sandbox.chat.guilds.add_guild("Team")
    made = HostSettings()  # type: ignore[call-arg]  # the environment gives what is required
    assert await sync(made, None, clear=False) == 0

    assert "ok   commands: /video in all servers" in await checked()


async def test_the_name_of_a_server_changes_nothing_beside_it(
    sandbox: Sandbox, checked: Check
) -> None:
    team = sandbox.chat.guilds.add_guild("Team\x1b[2J\nok   all: well")
    made = HostSettings()  # type: ignore[call-arg]  # the environment gives what is required
    assert await sync(made, team.id, clear=False) == 0

    lines = await checked()

    assert "ok   commands: /video in Team\ufffd[2J\ufffdok   all: well only" in lines
    assert not any("\x1b" in line or line.startswith("ok   all") for line in lines)


async def test_servers_of_one_name_are_looked_at_each(sandbox: Sandbox, checked: Check) -> None:
    first, _ = (sandbox.chat.guilds.add_guild("Team") for _ in range(2))
    made = HostSettings()  # type: ignore[call-arg]  # the environment gives what is required
    assert await sync(made, first.id, clear=False) == 0

    assert "ok   commands: /video in Team only" in await checked()


@pytest.mark.parametrize(
    ("everywhere", "copies", "shut", "said"),
    [
        ({"video"}, {"Team": {"video"}}, [], "WARN commands: Team: each command is there twice"),
        (set(), {"Team": {"video"}}, [], "ok   commands: /video in Team only"),
        ({"video"}, {}, ["Team"], "WARN commands: Team: no commands may be registered; invite"),
    ],
)
def test_where_the_commands_are_is_told(
    everywhere: set[str], copies: dict[str, set[str]], shut: list[str], said: str
) -> None:
    assert str(commands_line(everywhere, copies, shut)).startswith(said)


async def test_a_taken_listen_address_is_told_unless_a_bot_answers_there(
    sandbox: Sandbox, checked: Check
) -> None:
    taken = sandbox.chat.api_url.removeprefix("http://").partition("/")[0]

    async def no_problems() -> list[str]:
        return []

    lines = await checked(1, bot_http_listen=taken)
    assert lines[1].startswith(f"BAD  listen address: BOT_HTTP_LISTEN: cannot listen on {taken} (")
    async with serve("127.0.0.1:0", no_problems) as url:
        address = url.removeprefix("http://")
        lines = await checked(bot_http_listen=address)
        assert lines[1] == f"ok   listen address: a running bot answers at {address}"
    assert (await checked(bot_http_listen=address))[1] == f"ok   listen address: {address} is free"


async def test_what_another_program_answers_at_a_taken_address_may_be_anything(
    sandbox: Sandbox, checked: Check
) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=b"\xff\xfe", content_type="text/plain", charset="utf-8")

    app = web.Application()
    app.router.add_get("/healthz", answer)
    async with TestServer(app, host="127.0.0.1") as other:
        lines = await checked(1, bot_http_listen=f"127.0.0.1:{other.port}")

    assert lines[1].startswith("BAD  listen address: BOT_HTTP_LISTEN: cannot listen on ")


@pytest.mark.parametrize(
    "page",
    [
        {"body": b"<html>Log in here</html>", "content_type": "application/json"},
        {"body": b"[]", "content_type": "application/json"},
        {"body": b"\xff\xfe", "content_type": "application/json"},
        {"text": "<html>Log in here</html>", "content_type": "text/html"},
        {"text": "<html>Log in here</html>", "content_type": "text/html", "status": 401},
    ],
)
async def test_what_answers_in_place_of_discord_is_told_in_one_sentence(
    sandbox: Sandbox, checked: Check, capsys: pytest.CaptureFixture[str], page: dict[str, Any]
) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(**page)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app, host="127.0.0.1") as other:
        there = f"127.0.0.1:{other.port}"
        wrong = {"discord_api_url": f"http://{there}/api/v10"}
        lines = await checked(1, **wrong)
        made = HostSettings()  # type: ignore[call-arg]  # the environment gives what is required
        assert await sync(made.model_copy(update=wrong), None, clear=False) == 1
        ended = await _ended(made.model_copy(update=wrong))

    said = f"Discord ({there}) could not be reached (what answers there is not Discord)"
    assert lines[1] == f"BAD  Discord token: {said}; try again later."
    assert capsys.readouterr().err == f"{said}; try again later.\n"
    assert (is_expected(ended), finality(ended)) == (True, None)
    assert not_reached(ended) == said


async def _ended(settings: HostSettings) -> BaseException:
    """Return what ends a bot that is run."""
    prepare(settings)
    bot = make_bot(settings, IdentifyBudget())
    with pytest.raises(NotDiscordError) as caught:
        await bot.start("a-token")
    await bot.close()
    return caught.value


def test_a_line_says_how_it_stands() -> None:
    assert str(Line("part", "mend it", "BAD")) == "BAD  part: mend it"
