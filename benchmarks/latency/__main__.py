"""``python -m benchmarks.latency``: one comment at a time, ours and the minimal loop in turn.

From just before the comment is published on the sandbox's Faye until the request that posts it
has reached the sandbox's Discord. Both are processes of their own, with the same services, and
take turns comment by comment. The plugin has stored comment, notice, batch and nonce durably by
then; the loop stores nothing, and the third contestant is the same loop with one row, one commit.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from sandbox.chat import Channel
from sandbox.workspace import Thing
from tests.fakes.stage import Stage

from ..bayeux.figures import percentile, shown

_GOAL = 1.5
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


async def measure(count: int) -> tuple[list[float], list[float], list[float]]:
    """Return the milliseconds of ours, of the loop, and of the loop that keeps a row."""
    with tempfile.TemporaryDirectory(prefix="latency-") as folder:
        async with Stage(Path(folder)) as stage:
            ours = Turn(stage, stage.room("ours"), stage.workspace.state.add_video("Film"))
            loop = Turn(stage, stage.room("loop"), stage.workspace.state.add_video("Film"))
            row = Turn(stage, stage.room("row"), stage.workspace.state.add_video("Film"))
            async with stage.bot(BOT_LOG_LEVEL="INFO", TWENTYTHREE_POLL_SECONDS="15"):
                await stage.until_ready()
                await stage.attach(ours.room, ours.thing)
                await stage.until_status(ours.room, "Realtime")
                path = str(Path(folder) / "rows.db")
                async with _minimal(stage, loop), _minimal(stage, row, MINIMAL_DATABASE=path):
                    for _ in range(_WARM_UP + count):
                        await ours.take()
                        await loop.take()
                        await row.take()
    return ours.times_ms[_WARM_UP:], loop.times_ms[_WARM_UP:], row.times_ms[_WARM_UP:]


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
    parser.add_argument("--comments", type=int, default=300, help="for each of the two")
    parser.add_argument("--quick", action="store_true", help="50 comments")
    given = parser.parse_args()
    count = 50 if given.quick else given.comments
    load = os.getloadavg()[0]
    ours, loop, row = asyncio.run(measure(count))
    medians = [percentile(times, 50) for times in (ours, loop)]
    ratio = medians[0] / medians[1]
    print(f"- {count} comments each, in turn; load average before {load:.2f}")
    print("\n| publish to post, ms | median | p99 | least |\n|---|---|---|---|")
    for name, times in (
        ("ours, durable", ours),
        ("minimal loop", loop),
        ("minimal loop, one row and commit", row),
    ):
        cells = [shown(one) for one in (percentile(times, 50), percentile(times, 99), min(times))]
        print(f"| {name} | {' | '.join(cells)} |")
    verdict = "met" if ratio <= _GOAL else "missed"
    print(f"\nmedian: {ratio:.2f} x the loop's; wanted at most {_GOAL} x: {verdict}")


if __name__ == "__main__":
    main()
