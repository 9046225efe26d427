"""``python -m benchmarks.takeover``: how long a room gets nothing when the leader goes.

Two bots, processes of their own, share one PostgreSQL; one leads. Each reaches the database through
a network of its own. Something happens to the leader, and a moment later a viewer writes:

- *killed*: SIGKILL;
- *stopped*: SIGTERM, as by ``systemctl stop``;
- *frozen*: SIGSTOP, and SIGCONT once the other has taken over;
- *network gone*: what goes between it and the database is swallowed, and nobody is told.

The time goes from what happened until Discord has the message with the comment. Then the other
becomes the stand-by, and it is the new leader's turn. In the end each comment is there once, and by
the database's own record nobody has written in another's term.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias

from sandbox.chat import Channel
from sandbox.workspace import Thing
from tests.fakes.bot_process import BotProcess
from tests.fakes.databases import PostgresDatabases
from tests.fakes.postgres import LocalPostgres
from tests.fakes.postgres_network import networked
from tests.fakes.stage import Stage
from tests.fakes.tcp_proxy import TcpProxy
from tests.fakes.term_record import keep_record, terms_written

_Step: TypeAlias = Callable[["Member"], Coroutine[Any, Any, None]]
_PATIENCE_S = 120.0
_LEADS = r"leading on the database"
_WAITS = r"Standing by since"
# Longer than between two signs of the default lease: the leader knows that it is awaited.
_SETTLE_S = 3.0


class Member:
    """One of the two bots, with its network."""

    def __init__(self, bot: BotProcess, network: TcpProxy) -> None:
        self.bot = bot
        self.network = network


class Pair:
    """Two bots, and a room that shows what is said of a video."""

    def __init__(self, stage: Stage, members: list[Member], room: Channel, video: Thing) -> None:
        self.stage = stage
        self.leader, self.other = members
        self.room = room
        self.video = video

    async def measure(self, happens: _Step) -> float:
        await asyncio.sleep(_SETTLE_S)
        began = time.perf_counter()
        happening = asyncio.create_task(happens(self.leader))
        await asyncio.sleep(0.1)
        comment = await self.stage.say(self.video)
        await self.stage.chat.wait_for(
            lambda: comment in self.stage.held(self.room), timeout_s=_PATIENCE_S
        )
        taken_s = time.perf_counter() - began
        await happening
        self.leader, self.other = self.other, self.leader
        return taken_s


async def _killed(leader: Member) -> None:
    await leader.bot.kill()


async def _stopped(leader: Member) -> None:
    await leader.bot.terminate()


async def _frozen(leader: Member) -> None:
    leader.bot.freeze()


async def _cut(leader: Member) -> None:
    leader.network.stall()


async def _begin(member: Member) -> None:
    await member.bot.start()
    await member.bot.logged(_WAITS)


async def _thaw(member: Member) -> None:
    before = len(member.bot.log)
    member.bot.thaw()
    await member.bot.logged(_WAITS, after=before)


async def _mend(member: Member) -> None:
    # It has given up by itself meanwhile, or is about to.
    await member.bot.logged(_WAITS, after=member.bot.log.rfind(_LEADS))
    member.network.cut()
    member.network.flow()


_WAYS = {
    "killed": (_killed, _begin),
    "stopped": (_stopped, _begin),
    "frozen": (_frozen, _thaw),
    "network gone": (_cut, _mend),
}


@asynccontextmanager
async def _pair(folder: Path, address: str, lease_s: float) -> AsyncGenerator[Pair]:
    async with AsyncExitStack() as stack:
        stage = await stack.enter_async_context(Stage(folder))

        async def begin(says: str) -> Member:
            network, url = await stack.enter_async_context(networked(address))
            bot = stage.bot(
                BOT_LOG_LEVEL="INFO",
                TWENTYTHREE_POLL_SECONDS="15",
                TWENTYTHREE_DATABASE_URL=url,
                TWENTYTHREE_LEASE_SECONDS=str(lease_s),
            )
            await stack.enter_async_context(bot)
            await bot.logged(says)
            return Member(bot, network)

        leader = await begin(_LEADS)
        await stage.until_ready()
        room, video = await stage.attached()
        yield Pair(stage, [leader, await begin(_WAITS)], room, video)


async def measure(runs: int, lease_s: float) -> dict[str, list[float]]:
    """Run each way so many times, in turns."""
    server = LocalPostgres()
    try:
        server.start()
        databases = PostgresDatabases(server.address())
        try:
            return await _measured(databases, runs, lease_s)
        finally:
            databases.close()
    finally:
        server.remove()


async def _measured(
    databases: PostgresDatabases, runs: int, lease_s: float
) -> dict[str, list[float]]:
    address = databases.unused()
    keep_record(databases, address)
    taken: dict[str, list[float]] = {way: [] for way in _WAYS}
    with tempfile.TemporaryDirectory(prefix="takeover-") as folder:
        async with _pair(Path(folder), address, lease_s) as pair:
            for _ in range(runs):
                for way, (happens, mends) in _WAYS.items():
                    taken[way].append(await pair.measure(happens))
                    await mends(pair.other)
            await pair.stage.until_all_shown(pair.room, pair.video)
        assert len(terms_written(databases, address)) == 1 + runs * len(_WAYS)
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.takeover", description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="of each kind")
    parser.add_argument("--lease", type=float, default=10.0, help="TWENTYTHREE_LEASE_SECONDS")
    parser.add_argument("--quick", action="store_true", help="two runs of each kind")
    given = parser.parse_args()
    runs = 2 if given.quick else given.runs
    load = os.getloadavg()[0]
    taken = asyncio.run(measure(runs, given.lease))
    print(
        f"{runs} runs each, lease {given.lease:g} s; load {load:.1f} before, "
        f"{os.getloadavg()[0]:.1f} after"
    )
    print("| the leader | median s | worst s |")
    print("|---|---|---|")
    for way, times in taken.items():
        print(f"| {way} | {statistics.median(times):.2f} | {max(times):.2f} |")


if __name__ == "__main__":
    main()
