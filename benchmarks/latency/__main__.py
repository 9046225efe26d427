"""``python -m benchmarks.latency``: one comment at a time, ours and minimal loops in turn.

From just before the comment is published on the sandbox's Faye until the request that posts it
has reached the sandbox's Discord. All are processes of their own, with the same services, and
take turns comment by comment. The plugin has stored comment, notice, batch and nonce durably by
then, on SQLite or on PostgreSQL; the loop stores nothing, and the last contestant is the same loop
with one row, one commit. The plugin on PostgreSQL has a sandbox of its own, in the same process.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from sandbox.chat import Channel
from sandbox.workspace import Level, Thing
from tests.fakes.stage import Stage

from ..bayeux.figures import percentile, shown
from ..postgres import postgres

_GOAL = 1.5
_OURS, _ON_POSTGRES = "ours on SQLite, durable", "ours on PostgreSQL, durable"
_LOOP, _ROW = "minimal loop", "minimal loop, one row and commit"
_WARM_UP = 20
# So that one's aftermath is not the other's time.
_PAUSE_S = 0.05


class Turn:
    """One contestant: the video that it follows and the room that it posts to."""

    def __init__(self, stage: Stage, room: Channel, thing: Thing) -> None:
        self._stage, self.room, self.thing = stage, room, thing
        self._count = 0
        self.times_ms: list[float] = []

    async def take(self) -> None:
        """Publish a comment and wait for its post."""
        chat, path = self._stage.chat, f"/channels/{self.room.id}/messages"
        self._count += 1
        text = f"Number {self._count} from a viewer who has something to say."
        began = time.time()
        await self._stage.workspace.changes.post_comment(self.thing.object_id, text)
        post = await chat.wait_for(
            lambda: next(
                (
                    one
                    for one in reversed(chat.posts)
                    if one.path == path and one.status and text in str(one.request)
                ),
                None,
            ),
            timeout_s=30,
        )
        self.times_ms.append((post.at - began) * 1000)
        await asyncio.sleep(_PAUSE_S)


async def measure(count: int) -> dict[str, list[float]]:
    """Return the milliseconds of each contestant."""
    with tempfile.TemporaryDirectory(prefix="latency-") as folder, postgres() as address:
        async with AsyncExitStack() as stack:
            enter = stack.enter_async_context
            stage, other = await enter(Stage(Path(folder))), await enter(Stage(Path(folder)))
            turns = {
                _OURS: await enter(_ours(stage)),
                _ON_POSTGRES: await enter(_ours(other, TWENTYTHREE_DATABASE_URL=address)),
                _LOOP: _turn(stage, "loop"),
                _ROW: _turn(stage, "row"),
            }
            await enter(_minimal(stage, turns[_LOOP]))
            rows = str(Path(folder) / "rows.db")
            await enter(_minimal(stage, turns[_ROW], MINIMAL_DATABASE=rows))
            for _ in range(_WARM_UP + count):
                for turn in turns.values():
                    await turn.take()
    return {name: turn.times_ms[_WARM_UP:] for name, turn in turns.items()}


def _turn(stage: Stage, name: str) -> Turn:
    return Turn(stage, stage.room(name), stage.workspace.state.add_video("Film"))


@asynccontextmanager
async def _ours(stage: Stage, **variables: str) -> AsyncGenerator[Turn]:
    turn = _turn(stage, "ours")
    async with stage.bot(
        level=Level.READ, BOT_LOG_LEVEL="INFO", TWENTYTHREE_POLL_SECONDS="15", **variables
    ):
        await stage.until_ready()
        await stage.attach(turn.room, turn.thing)
        await stage.until_status(turn.room, "Realtime")
        yield turn


@asynccontextmanager
async def _minimal(stage: Stage, turn: Turn, **more: str) -> AsyncGenerator[None]:
    environment = {
        **os.environ,
        **stage.sandbox.environment(),
        "MINIMAL_URL": stage.sandbox.faye.url,
        "MINIMAL_CHANNEL": f"{turn.thing.root}/all_json",
        "MINIMAL_ROOM": str(turn.room.id),
        **more,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "benchmarks.latency.minimal",
        env=environment,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(30):
            assert await process.stdout.readline(), "the minimal loop did not start"
        yield
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.latency")
    parser.add_argument("--comments", type=int, default=300, help="for each")
    parser.add_argument("--quick", action="store_true", help="50 comments")
    given = parser.parse_args()
    count = 50 if given.quick else given.comments
    load = os.getloadavg()[0]
    found = asyncio.run(measure(count))
    print(f"- {count} comments each, in turn; load average before {load:.2f}")
    print("\n| publish to post, ms | median | p99 | least |\n|---|---|---|---|")
    for name, times in found.items():
        cells = [shown(one) for one in (percentile(times, 50), percentile(times, 99), min(times))]
        print(f"| {name} | {' | '.join(cells)} |")
    print()
    for name in (_OURS, _ON_POSTGRES):
        ratio = percentile(found[name], 50) / percentile(found[_LOOP], 50)
        verdict = "met" if ratio <= _GOAL else "missed"
        print(f"{name}: median {ratio:.2f} x the loop's; wanted at most {_GOAL} x: {verdict}")


if __name__ == "__main__":
    main()
