"""Two real bots on one PostgreSQL: whatever becomes of the leader, the other goes on from there.

Between each of them and the database is a network of its own. Who wrote in which term is told by
the database's own record.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from sandbox.chat import Channel
from sandbox.workspace import Level, Thing, WorkspaceFault
from tests.fakes.bot_process import BotProcess
from tests.fakes.databases import PostgresDatabases
from tests.fakes.postgres_network import networked
from tests.fakes.pressed import buttons_of
from tests.fakes.stage import Stage
from tests.fakes.tcp_proxy import TcpProxy
from tests.fakes.term_record import keep_record, terms_written

# As short as may be set; a machine that is busy with other tests is no silent one.
_LEASE_S = "3"
_MESSAGES = r"/channels/\d+/messages"


@dataclass
class Two:
    """A leader, one that stands by, and a room that shows what is said of a video."""

    stage: Stage
    postgres: PostgresDatabases
    address: str
    leader: BotProcess
    network: TcpProxy
    other: BotProcess
    room: Channel
    video: Thing

    async def all_shown(self) -> None:
        await self.stage.until_all_shown(self.room, self.video)

    async def say(self, times: int = 1) -> None:
        for _ in range(times):
            await self.stage.say(self.video)

    async def other_leads(self) -> None:
        await self.other.logged(r"leading on the database .+, term 2")

    async def ends_well(self) -> None:
        """All is shown once, commands are answered, and nobody wrote in another's term."""
        await self.say()
        await self.all_shown()
        assert "Film" in await self.stage.command(self.room, "list")
        assert terms_written(self.postgres, self.address) == [1, 2]
        assert await self.other.terminate() == 0


async def readiness(bot: BotProcess) -> tuple[int, str, int]:
    """Return the status and the text of ``/readyz``, and the status of ``/healthz``."""
    (url,) = (await bot.logged(r"health and metrics on (\S+)")).groups()
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"{url}/readyz") as ready,
        http.get(f"{url}/healthz") as alive,
    ):
        return ready.status, await ready.text(), alive.status


async def two_signs(postgres: PostgresDatabases, address: str) -> None:
    """Wait until the leader has given two signs: by then it knows who stands by."""
    sign = "SELECT expires_at FROM twentythree_lead"
    seen = set(postgres.run(address, sign))
    async with asyncio.timeout(60):
        while len(seen) < 3:
            seen |= set(await asyncio.to_thread(postgres.run, address, sign))


@asynccontextmanager
async def two_bots(folder: Path, postgres: PostgresDatabases) -> AsyncGenerator[Two]:
    # It gets a record of its own, which no other test wants.
    address = postgres.unused()
    keep_record(postgres, address)

    def bot(stage: Stage, url: str) -> BotProcess:
        return stage.bot(
            level=Level.WRITE,
            TWENTYTHREE_DATABASE_URL=url,
            TWENTYTHREE_LEASE_SECONDS=_LEASE_S,
            BOT_HTTP_LISTEN="127.0.0.1:0",
        )

    async with (
        Stage(folder) as stage,
        networked(address) as (network, url),
        networked(address) as (_, other_url),
        bot(stage, url) as leader,
    ):
        await stage.until_ready()
        room, video = await stage.attached()
        async with bot(stage, other_url) as other:
            await other.logged("Standing by since")
            await two_signs(postgres, address)
            yield Two(stage, postgres, address, leader, network, other, room, video)


@pytest_asyncio.fixture
async def two(tmp_path: Path, postgres_server: PostgresDatabases) -> AsyncGenerator[Two]:
    async with two_bots(tmp_path, postgres_server) as made:
        yield made
    postgres_server.clear()


async def test_a_stand_by_has_no_session_and_says_for_whom_it_waits(two: Two) -> None:
    assert two.stage.chat.gateway.connections == 1
    status, said, alive = await readiness(two.other)
    assert (status, alive) == (503, 200)
    assert re.fullmatch(
        rf"Standing by since [-0-9]+ [:0-9]+ UTC: process {two.leader.pid} on \S+ leads on the "
        r"database \S+ at 127\.0\.0\.1:\d+\.\n",
        said,
    )
    assert two.other.log.count("Standing by since") == 1
    assert (await readiness(two.leader))[0] == 200

    # It may be stopped like any other.
    assert await two.other.terminate() == 0


async def killed(two: Two) -> None:
    await two.leader.kill()


async def stopped(two: Two) -> None:
    assert await two.leader.terminate() == 0


@pytest.mark.parametrize("end", [killed, stopped])
async def test_a_leader_that_ends_is_followed_by_the_other(
    two: Two, end: Callable[[Two], Awaitable[None]]
) -> None:
    await two.say(3)
    await end(two)
    await two.say(3)
    await two.other_leads()
    await two.ends_well()


async def test_a_leader_that_freezes_is_followed_and_wakes_up_to_stand_by(two: Two) -> None:
    # Its post is there, and it has not heard of that.
    fault = two.stage.chat.fault("POST", _MESSAGES, times=None, when="after", hangs=True)
    await two.say()
    await fault.reached.wait()
    two.leader.freeze()
    two.stage.chat.faults.clear()
    await two.say(3)
    await two.other_leads()
    await two.all_shown()

    two.leader.thaw()
    await two.say(3)
    # It never stood by before.
    await two.leader.logged("Standing by since")
    assert two.stage.chat.gateway.connections == 1
    assert "Traceback" not in two.leader.log
    await two.ends_well()


async def test_a_leader_that_is_cut_off_from_the_database_stands_by(two: Two) -> None:
    await two.say(3)
    two.network.stall()
    await two.say(3)
    await two.other_leads()
    # It never stood by before.
    await two.leader.logged("Standing by since")
    assert two.stage.chat.gateway.connections == 1
    two.network.cut()
    two.network.flow()
    await two.ends_well()
    assert "Traceback" not in two.leader.log


async def test_a_reply_that_a_frozen_leader_had_sent_is_there_once_and_is_known(two: Two) -> None:
    chat, workspace, people = two.stage.chat, two.stage.workspace, two.stage.chat.people
    room, event = two.stage.room(), workspace.state.add_live("Launch")
    await two.stage.attach(room, event, actions="on")
    asked = await workspace.changes.post_comment(event.object_id, "Is it on?", kind="question")
    shown = await chat.wait_for_message(room.id, lambda one: bool(one.components), timeout_s=60)
    owner, act = chat.owner.id, f"tt:act:reply:{asked.comment_id}"
    opened = await people.click(owner, shown.id, act)
    preview = await people.modal(opened.interaction_id, {"tt:text": "Yes."})
    assert preview.message_id is not None

    # The workspace has it, and its answer does not come.
    fault = WorkspaceFault(method="comment/add", hangs=True, is_late=True)
    workspace.add_fault(fault)
    sending = asyncio.create_task(
        people.click(owner, preview.message_id, buttons_of(preview)["Send"])
    )
    await fault.reached.wait()
    two.leader.freeze()
    await two.other_leads()
    await two.other.logged("it works")
    history = ""
    async with asyncio.timeout(60):
        while "replied" not in history:
            told = await people.slash(room.id, owner, "video history")
            history = told.embeds[0]["description"]
    two.leader.thaw()
    fault.release()
    await two.leader.logged("Standing by since")
    sending.cancel()

    made = [one for one in workspace.state.comments.values() if one.reply_to == asked.comment_id]
    assert [one.text for one in made] == ["Yes."]
    await two.ends_well()
