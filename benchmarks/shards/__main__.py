"""``python -m benchmarks.shards``: the bot in thousands of servers, spread over shards.

The bot, and a bare ``AutoShardedBot``, each a process of its own, start in turn in the same
servers; the bot starts in one server, too, to have something to compare with. Videos are attached
in a few servers of each shard, and viewers write in one after the other.

- *ready*: from before the process is made until it says so, with all shards. Discord lets one
  shard identify each five seconds;
- *processor*: seconds of it (user and system) until then;
- *memory*: resident, a moment after that;
- *comment to post*: from before it is published until Discord has the message.
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
from collections.abc import Sequence
from contextlib import AsyncExitStack
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
from sandbox.chat import Channel, Guild
from sandbox.workspace import Thing
from tests.fakes.stage import Stage

from ..bayeux.figures import shown
from ..process_use import processor_s, resident_mib

_SETTLE_S = 2.0
_PATIENCE_S = 240.0
_ROLES = 8
# IDs of servers hold the time at which they were made: minutes apart.
_APART = 97_001 << 22


@dataclass(slots=True, kw_only=True)
class Contestant:
    """A bot, how it is started, what it says when it is ready, and what was measured."""

    name: str
    stage: Stage
    command: Sequence[str]
    environment: dict[str, str]
    says: bytes
    rooms: Sequence[tuple[Channel, Thing]] = ()
    ready_s: list[float] = field(default_factory=list)
    processor_s: list[float] = field(default_factory=list)
    memory_mib: list[float] = field(default_factory=list)
    post_ms: list[float] = field(default_factory=list)

    async def run(self, comments: int) -> None:
        """Start it, wait until it is ready, and have viewers write."""
        began = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *self.command,
            env=self.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        assert process.stdout is not None
        try:
            async with asyncio.timeout(_PATIENCE_S):
                while self.says not in (said := await process.stdout.readline()):
                    if not said:
                        raise RuntimeError(f"{self.name} has ended")
            self.ready_s.append(time.perf_counter() - began)
            self.processor_s.append(processor_s(process.pid))
            reading = asyncio.create_task(process.stdout.read())
            await asyncio.sleep(_SETTLE_S)
            self.memory_mib.append(resident_mib(process.pid))
            for number in range(comments):
                for room, video in self.rooms:
                    self.post_ms.append(await self._written(room, video, number))
            process.send_signal(signal.SIGTERM)
            await reading
            await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
            await self.stage.chat.wait_for(lambda: not self.stage.chat.gateway.connections)

    async def _written(self, room: Channel, video: Thing, number: int) -> float:
        """Return how many milliseconds it takes until a comment is in its room."""
        text = f"Said as number {number} of {time.time_ns()}"
        began = time.perf_counter()
        await self.stage.workspace.changes.post_comment(video.object_id, text)
        await self.stage.chat.wait_for_message(room.id, lambda one: text in str(one.embeds))
        return (time.perf_counter() - began) * 1000

    def row(self) -> str:
        """Return its line of the table."""
        medians = [
            shown(statistics.median(one))
            for one in (self.ready_s, self.processor_s, self.memory_mib)
        ]
        posts = sorted(self.post_ms)
        wait = "-"
        if posts:
            wait = f"{shown(statistics.median(posts))} / {shown(posts[int(len(posts) * 0.95)])}"
        return f"| {self.name} | {' | '.join(medians)} | {wait} |"


def _town(stage: Stage, servers: int, channels: int) -> list[Guild]:
    """Make servers, as large as usual ones, whose IDs are as far apart as they usually are."""
    made = []
    for number in range(servers):
        guild_id = stage.guild.id - (number + 1) * _APART
        guild = stage.chat.guilds.add_guild(f"Team {number}", guild_id=guild_id)
        for role in range(_ROLES):
            stage.chat.guilds.add_role(guild.id, f"role-{role}")
        for channel in range(channels):
            stage.chat.rooms.add_channel(guild.id, f"room-{channel}")
        made.append(guild)
    return made


async def _attach(stage: Stage, guilds: Sequence[Guild]) -> list[tuple[Channel, Thing]]:
    """Attach a video of its own in a room of each, as if that had been long ago."""
    store = await Store.open(f"sqlite+aiosqlite:///{stage.folder}/bot.db")
    rooms: list[tuple[Channel, Thing]] = []
    for number, guild in enumerate(guilds):
        room = stage.chat.rooms.add_channel(guild.id, "comments")
        video = stage.workspace.state.add_video(f"Video {number}")
        new = NewAttachment(
            guild_id=GuildId(guild.id),
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
        rooms.append((room, video))
    await store.close()
    return rooms


async def _ours(stage: Stage, name: str, guilds: Sequence[Guild]) -> Contestant:
    rooms = await _attach(stage, guilds)
    return Contestant(
        name=name,
        stage=stage,
        command=("-m", "bot"),
        environment={
            **os.environ,
            **stage.sandbox.environment(),
            "TWENTYTHREE_DATABASE_URL": f"sqlite+aiosqlite:///{stage.folder}/bot.db",
            "PYTHON_DOTENV_DISABLED": "1",
        },
        says=b"it works",
        rooms=rooms,
    )


async def measure(given: argparse.Namespace) -> list[Contestant]:
    """Start each contestant in turn, so many times; a first start of each is not counted."""
    async with AsyncExitStack() as stack:
        folders = [stack.enter_context(tempfile.TemporaryDirectory(prefix="shards-")) for _ in "ab"]
        small = await stack.enter_async_context(Stage(Path(folders[0])))
        large = await stack.enter_async_context(Stage(Path(folders[1]), shards=given.shards))
        guilds = _town(large, given.servers, given.channels)
        each = max(1, given.servers // given.rooms)
        size = f"{given.servers} servers, {given.shards} shards"
        contestants = [
            Contestant(
                name=f"bare AutoShardedBot, {size}",
                stage=large,
                command=("-m", "benchmarks.shards.bare"),
                environment={**os.environ, **large.sandbox.environment()},
                says=b"ready",
            ),
            await _ours(large, f"ours, {size}", guilds[::each][: given.rooms]),
            await _ours(small, "ours, 1 server, 1 shard", [small.guild]),
        ]
        for repeat in range(given.repeats + 1):
            for one in contestants:
                await one.run(given.comments if repeat else 1)
                if not repeat:
                    for figures in (one.ready_s, one.processor_s, one.memory_mib, one.post_ms):
                        figures.clear()
    return contestants


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.shards")
    parser.add_argument("--servers", type=int, default=3_000)
    parser.add_argument("--shards", type=int, default=3)
    parser.add_argument("--channels", type=int, default=20, help="of each server")
    parser.add_argument("--rooms", type=int, default=30, help="in so many servers")
    parser.add_argument("--comments", type=int, default=5, help="in each of them, each time")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="300 servers, one start")
    given = parser.parse_args()
    if given.quick:
        given.servers, given.repeats = 300, 1
    load = os.getloadavg()[0]
    contestants = asyncio.run(measure(given))
    print(
        f"- medians of {given.repeats} starts; {given.channels} channels and {_ROLES} roles in "
        f"each server, attached in {given.rooms} of them; load before {load:.2f}\n"
    )
    heads = ("ready, s", "processor, s", "memory, MiB", "comment to post, ms (median / 95 %)")
    print(f"| bot | {' | '.join(heads)} |\n|---|---|---|---|---|")
    for one in contestants:
        print(one.row())


if __name__ == "__main__":
    main()
