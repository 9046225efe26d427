"""``python -m tests.trips [--moves]``: how far three trips through the plugin are.

- *comment*: from the realtime socket to the Discord message;
- *row*: a comment that a reading finds, to the Discord message;
- *attach*: ``/video attach`` of a live event, up to the reply; only what the command's task calls,
  and what threads do meanwhile.

The real discord.py, the reference host and the sandbox are all in this process, with SQLite. Each
trip is walked several times and the shortest is told: in the others, more went on beside it.
``walk`` says what is counted.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.app import make_bot, prepare
from bot.identifies import IdentifyBudget
from bot.settings import load_settings
from sandbox.chat import Channel
from sandbox.workspace import ChannelPlace, Thing
from tests.fakes.stage import Stage

from .walk import Trip, Walk

_TIMES = 7
# What one trip leaves to be done is not the next one's.
_REST_S = 0.5
_MOST_FILES = {"comment": 30, "row": 36, "attach": 34}
_MOST_MOVES = {"comment": 90, "row": 160, "attach": 160}


async def comment(walk: Walk) -> AsyncIterator[Trip]:
    """Yield trips from the realtime socket to the message."""
    async with _stage() as stage:
        room, film = await stage.attached()
        await stage.until_status(room, "**Realtime**")
        for _ in range(_TIMES):
            yield await _said(walk, stage, room, film)


async def row(walk: Walk) -> AsyncIterator[Trip]:
    """Yield trips from a reading that finds something to the message."""
    async with _stage() as stage:
        stage.workspace.options.place = ChannelPlace.NOWHERE
        room, film = await stage.attached()
        for _ in range(_TIMES):
            yield await _said(walk, stage, room, film)


async def attach(walk: Walk) -> AsyncIterator[Trip]:
    """Yield trips from the command to its reply."""
    async with _stage() as stage:
        for number in range(_TIMES):
            room = stage.room(f"room {number}")
            live = stage.workspace.state.add_live("Webinar")
            await asyncio.sleep(_REST_S)
            with walk.trip(task="CommandTree-invoker") as trip:
                assert "Webinar" in await stage.command(room, "attach", id=str(live.object_id))
            yield trip


async def _said(walk: Walk, stage: Stage, room: Channel, thing: Thing) -> Trip:
    with walk.trip() as trip:
        await stage.say(thing)
        await stage.until_all_shown(room, thing)
    await asyncio.sleep(_REST_S)
    return trip


@asynccontextmanager
async def _stage() -> AsyncGenerator[Stage]:
    """Yield a stage with the bot on it, in this process."""
    with tempfile.TemporaryDirectory(prefix="trips-") as folder:
        async with Stage(Path(folder)) as stage:
            os.environ.update(
                stage.sandbox.environment(),
                TWENTYTHREE_DATABASE_URL=f"sqlite+aiosqlite:///{folder}/bot.db",
                TWENTYTHREE_POLL_SECONDS="0.2",
            )
            settings = load_settings()
            prepare(settings)
            async with make_bot(settings, IdentifyBudget()) as bot:
                running = asyncio.create_task(bot.start(stage.chat.token))
                await stage.until_ready()
                yield stage
                await bot.close()
                await running


async def _shortest(trips: AsyncIterator[Trip]) -> Trip:
    # The first one meets what is loaded when it is first needed.
    _, *others = [one async for one in trips]
    return min(others, key=lambda trip: trip.moves.total())


def _table(found: dict[str, Trip]) -> str:
    lines = ["| trip | files | goal | moves | goal | functions |", "|---|---|---|---|---|---|"]
    for name, trip in found.items():
        files, moves, functions = trip.size
        goals = _MOST_FILES[name], _MOST_MOVES[name]
        lines.append(f"| {name} | {files} | {goals[0]} | {moves} | {goals[1]} | {functions} |")
    return "\n".join(lines)


def _moves(name: str, trip: Trip) -> str:
    lines = [f"\n{name}"]
    lines += [f"{count:4} {a} -> {b}" for (a, b), count in trip.moves.most_common()]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.trips")
    parser.add_argument("--moves", action="store_true", help="each move, the commonest first")
    given = parser.parse_args()
    walk = Walk()
    with walk.watching():
        found = {
            trips.__name__: asyncio.run(_shortest(trips(walk))) for trips in (comment, row, attach)
        }
    sys.stdout.write(f"{_table(found)}\n")
    if given.moves:
        for name, trip in found.items():
            sys.stdout.write(f"{_moves(name, trip)}\n")


if __name__ == "__main__":
    main()
