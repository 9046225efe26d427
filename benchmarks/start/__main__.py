"""``python -m benchmarks.start``: the start of the bot, its memory, and what it uses when idle.

The bot with so many videos attached, and a bare bot of discord.py, each a process of its own on a
sandbox of its own. They start in turn; then all of them are left alone at the same time.

- *ready*: from before the process is made until Discord has it identified;
- *all channels*: until the realtime service holds every channel that is wanted;
- *of the connection*: the same, from when that service has the first connection;
- *memory*: resident, a moment after that;
- *idle*: seconds of the processor (user and system) a minute.

The first start of a database, which has to ask for the channels, is told apart from later ones.
Then so many videos are attached at once to a bot that runs: how long after the last answer, and
after the first command, all of their channels stand.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cogs.twentythree.domain.model import (
    AttachmentRules,
    CommentPolicy,
    GuildId,
    ObjectId,
    ObjectInfo,
    ObjectKind,
    RoomId,
)
from cogs.twentythree.storage import Baseline, NewAttachment, Store
from tests.fakes.stage import Stage

from ..bayeux.figures import shown
from ..process_use import processor_s, resident_mib

_SETTLE_S = 2.0
_MINUTE_S = 60.0
_PATIENCE_S = 300.0
# Of what everybody may see and of what is promoted.
_CHANNELS_EACH = 2


@dataclass(slots=True)
class Contestant:
    """A bot: its stage, how it is started, the channels that it wants, and what was measured."""

    name: str
    stage: Stage
    command: Sequence[str]
    environment: dict[str, str]
    channels: int = 0
    ready_s: list[float] = field(default_factory=list)
    all_s: list[float] = field(default_factory=list)
    connected_s: list[float] = field(default_factory=list)
    memory_mib: list[float] = field(default_factory=list)
    first_s: float | None = None
    idle_s: float | None = None

    @asynccontextmanager
    async def running(self, *, is_measured: bool) -> AsyncGenerator[int]:
        """Start it and wait until all stands; yield the number of the process."""
        began = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *self.command,
            env=self.environment,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            faye, wanted = self.stage.sandbox.faye, self.channels
            ready_s, opened_s, all_s = await asyncio.gather(
                self._ready(began),
                _until(lambda: faye.connections > 0 or not wanted, began),
                _until(lambda: len(faye.subscriptions()) >= wanted, began),
            )
            await asyncio.sleep(_SETTLE_S)
            if is_measured:
                self.ready_s.append(ready_s)
                self.all_s.append(all_s)
                self.connected_s.append(all_s - opened_s)
                self.memory_mib.append(resident_mib(process.pid))
            elif self.channels:
                self.first_s = all_s - opened_s
            yield process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            await process.wait()
            await _until(lambda: not self.stage.chat.gateway.is_ready)

    async def _ready(self, began: float) -> float:
        await self.stage.chat.wait_until_ready(timeout_s=_PATIENCE_S)
        return time.perf_counter() - began

    def row(self) -> str:
        """Return its line of the table."""
        measured = (self.ready_s, self.all_s, self.connected_s, self.memory_mib)
        ready_s, all_s, connected_s, memory_mib = (
            shown(statistics.median(one)) for one in measured
        )
        if not self.channels:
            all_s = connected_s = "-"
        first_s, idle_s = ("-" if s is None else shown(s) for s in (self.first_s, self.idle_s))
        cells = (self.name, ready_s, all_s, connected_s, first_s, memory_mib, idle_s)
        return f"| {' | '.join(cells)} |"


async def _until(is_so: Callable[[], bool], began: float = 0.0) -> float:
    """Return how long after ``began`` something is so."""
    async with asyncio.timeout(_PATIENCE_S):
        while not is_so():  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.005)
    return time.perf_counter() - began


@asynccontextmanager
async def bare() -> AsyncGenerator[Contestant]:
    """Yield the bare bot."""
    with tempfile.TemporaryDirectory(prefix="start-") as folder:
        async with Stage(Path(folder)) as stage:
            yield Contestant(
                name="bare discord.py",
                stage=stage,
                command=("-m", "benchmarks.start.bare"),
                environment={**os.environ, **stage.sandbox.environment()},
            )


@asynccontextmanager
async def ours(count: int) -> AsyncGenerator[Contestant]:
    """Yield the bot with so many videos attached."""
    with tempfile.TemporaryDirectory(prefix="start-") as folder:
        async with Stage(Path(folder)) as stage:
            database = f"sqlite+aiosqlite:///{folder}/bot.db"
            await _attach(stage, database, count)
            yield Contestant(
                name=f"ours, {count} attached",
                stage=stage,
                command=("-m", "bot"),
                environment={
                    **os.environ,
                    **stage.sandbox.environment(),
                    "TWENTYTHREE_DATABASE_URL": database,
                    "PYTHON_DOTENV_DISABLED": "1",
                },
                channels=_CHANNELS_EACH * count,
            )


async def _attach(stage: Stage, database: str, count: int) -> None:
    """Attach as if each video had been attached long ago."""
    room = stage.room()
    store = await Store.open(database)
    try:
        for number in range(count):
            video = stage.workspace.state.add_video(f"Video {number}")
            new = NewAttachment(
                guild_id=GuildId(stage.guild.id),
                room_id=RoomId(room.id),
                object=ObjectInfo(
                    object_id=ObjectId(video.object_id),
                    kind=ObjectKind.VIDEO,
                    title=video.title,
                    url=stage.workspace.url,
                ),
                rules=AttachmentRules(comments=CommentPolicy.ALL),
                attached_by=stage.chat.owner.id,
            )
            await store.attachments.attach(new, Baseline(), now=datetime.now(UTC))
    finally:
        await store.close()


async def measure(counts: Sequence[int], repeats: int, idle_minutes: float) -> list[Contestant]:
    """Start each contestant in turn, so many times, and then let all of them be idle."""
    async with AsyncExitStack() as stack:
        contestants = [await stack.enter_async_context(bare())]
        contestants += [await stack.enter_async_context(ours(count)) for count in counts]
        for repeat in range(repeats + 1):
            for one in contestants:
                async with one.running(is_measured=repeat > 0):
                    pass
        if idle_minutes:
            await _idle(contestants, idle_minutes)
    return contestants


async def _idle(contestants: Sequence[Contestant], minutes: float) -> None:
    async with AsyncExitStack() as stack:
        pids = [
            await stack.enter_async_context(one.running(is_measured=True)) for one in contestants
        ]
        before = [processor_s(pid) for pid in pids]
        await asyncio.sleep(minutes * _MINUTE_S)
        for one, pid, used_s in zip(contestants, pids, before, strict=True):
            one.idle_s = (processor_s(pid) - used_s) / minutes


async def attach_at_once(count: int) -> tuple[float, float]:
    """Return the seconds from the last answer, and from the first command, until all stands."""
    with tempfile.TemporaryDirectory(prefix="start-") as folder:
        async with Stage(Path(folder)) as stage, stage.running():
            room, _ = await stage.attached()
            faye = stage.sandbox.faye
            await _until(lambda: len(faye.subscriptions()) >= _CHANNELS_EACH)
            new = [stage.workspace.state.add_video(f"Video {number}") for number in range(count)]
            began = time.perf_counter()
            await asyncio.gather(*(stage.attach(room, video) for video in new))
            answered_s = time.perf_counter() - began
            wanted = _CHANNELS_EACH * (count + 1)
            all_s = await _until(lambda: len(faye.subscriptions()) >= wanted, began)
            return max(0.0, all_s - answered_s), all_s


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.start")
    parser.add_argument("--attachments", type=int, nargs="+", default=[1, 60, 500])
    parser.add_argument(
        "--new", type=int, default=60, help="attached at once while it runs; 0: none"
    )
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--idle-minutes", type=float, default=10.0, help="0: none")
    parser.add_argument("--quick", action="store_true", help="2 starts, half a minute idle")
    given = parser.parse_args()
    repeats, minutes = (2, 0.5) if given.quick else (given.repeats, given.idle_minutes)
    load = os.getloadavg()[0]
    contestants = asyncio.run(measure(given.attachments, repeats, minutes))
    print(f"- medians of {repeats} starts; {minutes:g} idle minutes; load before {load:.2f}\n")
    heads = (
        *("bot", "ready, s", "all channels, s", "of the connection, s", "at the first start, s"),
        *("memory, MiB", "idle, s a minute"),
    )
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for one in contestants:
        print(one.row())
    if given.new:
        after_s, all_s = asyncio.run(attach_at_once(given.new))
        told = f"{shown(after_s)} s after the last answer, {shown(all_s)} s after the first command"
        print(f"\n{given.new} attached at once while it runs: all channels stand {told}.")


if __name__ == "__main__":
    main()
