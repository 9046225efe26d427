"""``/readyz`` of a real bot says in words why it is of no use, and recovers."""

import asyncio
import re
import resource
from collections.abc import AsyncGenerator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from sqlalchemy import make_url

from sandbox.chat import Channel
from sandbox.workspace import WorkspaceFault
from tests.fakes.bot_process import BotProcess
from tests.fakes.databases import PostgresDatabases
from tests.fakes.stage import Stage

_PATIENCE_S = 60.0
_END_OF_LEADS = (
    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncGenerator[Stage]:
    async with Stage(tmp_path) as built:
        yield built


class Readiness:
    """Asks a bot until its answer is as expected."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = url

    async def until(self, status: int, words: str = "") -> str:
        last: tuple[int, str] = (0, "")
        try:
            async with asyncio.timeout(_PATIENCE_S):
                while last[0] != status or not re.search(words, last[1]):
                    async with self._http.get(f"{self._url}/readyz") as answer:
                        last = answer.status, await answer.text()
        except TimeoutError:
            raise AssertionError(last) from None
        return last[1]


class Status:
    """Asks for the status of a room, and reads what its owner is told in private."""

    def __init__(self, stage: Stage, room: Channel) -> None:
        self._stage = stage
        self._room = room

    async def begins(self, words: str) -> str:
        """Return the status once its first line begins so."""
        said = ""
        async with asyncio.timeout(_PATIENCE_S):
            while not said.startswith(words):
                said = await self._stage.command(self._room, "status")
        # Nothing is well beside what does not go out.
        assert "none" not in said
        assert "nothing is lost" not in said
        return said

    async def told(self, *words: str) -> None:
        """Wait for the private words that there are now, one for each."""
        chat = self._stage.chat
        await chat.wait_for(
            lambda: len(chat.dms(chat.owner.id)) >= len(words), timeout_s=_PATIENCE_S
        )
        said = chat.dms(chat.owner.id)
        assert len(said) == len(words), said
        for one, wanted in zip(said, words, strict=True):
            assert one.content.startswith("In Team: ")
            assert wanted in one.content


async def asked(bot: BotProcess, http: aiohttp.ClientSession) -> Readiness:
    found = await bot.logged(r"health and metrics on (http://[\d.:]+)")
    return Readiness(http, found[1])


@pytest.mark.usefixtures("on_sqlite")
async def test_each_reason_is_told_and_none_leaves_a_traceback(stage: Stage) -> None:
    async with (
        stage.bot(
            BOT_LOG_LEVEL="INFO",
            BOT_HTTP_LISTEN="127.0.0.1:0",
            TWENTYTHREE_RECONCILE_SECONDS="1",
        ) as bot,
        aiohttp.ClientSession() as http,
    ):
        ready = await asked(bot, http)
        await stage.until_ready()
        await bot.logged("it works: 1 server, 0 attachments; .*; realtime begins with the first")
        room, video = await stage.attached()
        await ready.until(200)
        status = Status(stage, room)

        # A disk that takes nothing more.
        _, most = resource.prlimit(bot.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, (0, most))
        await stage.say(video)
        await bot.logged(f"The database {stage.folder}/bot.db cannot be used: ")
        await ready.until(503, "^The database .* cannot be used: .*\n$")
        said = await status.begins("**The bot's database ")
        assert "Waiting: 0" not in said
        assert str(stage.folder) not in said
        begun = "The bot's database "
        await status.told(begun)
        resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, (most, most))
        await stage.until_all_shown(room, video)
        await ready.until(200)
        over = "The bot's database can be used again"
        await status.told(begun, over)

        # Its interface has changed.
        stage.workspace.add_fault(WorkspaceFault(times=None, renames={"comment_id": "id"}))
        await status.begins("**The workspace's answers about 1 object cannot be read")
        await ready.until(503, "could not be read, so its interface may have changed")
        stage.workspace.clear_faults()
        await ready.until(200)

        # It refuses the credentials.
        stage.workspace.add_fault(WorkspaceFault(times=None, is_refused=True))
        await status.begins("**The workspace does not accept the bot's credentials")
        refused = "does not accept the bot's credentials"
        await status.told(begun, over, refused)
        stage.workspace.clear_faults()
        accepted = "accepts the bot's credentials again"
        await status.told(begun, over, refused, accepted)

        # The workspace alone, and then the realtime service, too.
        stage.workspace.is_down = True
        await status.begins("**The workspace does not answer, so only what realtime brings")
        await stage.sandbox.faye.close()
        await ready.until(503, "^Realtime is away, and the workspace does not answer, so")
        await status.begins("**Realtime is away, and the workspace does not answer")
        stage.workspace.is_down = False
        await stage.sandbox.faye.start()
        await ready.until(200)

        await stage.discord_goes()
        assert await ready.until(503) == "The bot is not connected to Discord.\n"
        await stage.discord_returns()
        await ready.until(200)

        assert "Traceback" not in bot.log
        assert await bot.terminate() == 0

        await bot.start()
        await bot.logged(
            r"it works: 1 server, 1 attachment; workspace .* \([\w.:]+\), "
            "permission level read; realtime connected"
        )
        assert await bot.terminate() == 0


async def test_refused_credentials_are_a_reason(stage: Stage) -> None:
    async with stage.running():
        await stage.attached()
    stage.workspace.options.is_closed = True
    async with (
        stage.bot(
            level=None, BOT_HTTP_LISTEN="127.0.0.1:0", TWENTYTHREE_BEARER_TOKEN="revoked-token"
        ) as bot,
        aiohttp.ClientSession() as http,
    ):
        ready = await asked(bot, http)
        await bot.logged("started, and not of use yet: .* check the TWENTYTHREE_ variables")
        await ready.until(503, "does not accept the bot's credentials; check the TWENTYTHREE_")
        assert await bot.terminate() == 0


async def test_who_cannot_give_a_sign_that_it_leads_says_why_nothing_goes_out(
    tmp_path: Path, postgres_server: PostgresDatabases
) -> None:
    address = postgres_server.unused()
    role = f"{make_url(address).database}_bot"

    async def tell(*statements: str) -> None:
        await asyncio.to_thread(postgres_server.run, address, *statements)

    await tell(
        f"CREATE ROLE {role} LOGIN",
        f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}",
        f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {role}",
    )
    async with (
        Stage(tmp_path) as stage,
        stage.bot(
            BOT_HTTP_LISTEN="127.0.0.1:0",
            TWENTYTHREE_DATABASE_URL=address.replace("postgres@", f"{role}@"),
            TWENTYTHREE_LEASE_SECONDS="3",
        ) as bot,
        aiohttp.ClientSession() as http,
    ):
        ready = await asked(bot, http)
        await stage.until_ready()
        room, video = await stage.attached()
        await ready.until(200)

        # As where a password was changed: connections that there are go on, and no other is made.
        await tell(f"ALTER ROLE {role} NOLOGIN", _END_OF_LEADS)
        await ready.until(
            503, r"^The database \S+ at \S+ does not let this bot go on leading \(role"
        )
        await stage.say(video)
        await tell(f"ALTER ROLE {role} LOGIN")
        await stage.until_all_shown(room, video)
        await ready.until(200)
        assert bot.log.count("does not let this bot go on leading") == 1
        assert await bot.terminate() == 0
    await tell(f"DROP OWNED BY {role}", f"DROP ROLE {role}")
    postgres_server.clear()
