"""The demo with a scripted live event, for a terminal."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from sandbox import Sandbox
from sandbox.scenario import Scenario
from sandbox.scenery import Stage
from sandbox.workspace import Level

from .process import Process, environment, started, stop

_INTRODUCTION = """\
The sandbox is up: a workspace, its realtime service and a Discord, all on this machine.
The bot runs in a process of its own. What you read is its Discord:

  #room  a message of the bot, with [the buttons] under it; (edited): what is new in one
  #room  > what somebody does there, and below it what the bot says to them alone"""


async def play(sandbox: Sandbox, database: Path, *, burst: int, patience_s: float) -> bool:
    """Play the scenario; return whether all is there that must be.

    ``burst`` is how many viewers write within a second, ``patience_s`` how long the bot may take
    for anything.
    """
    stage = Stage(sandbox)
    print(_INTRODUCTION)
    process = await started(environment(sandbox.environment(Level.WRITE), database))
    printing = asyncio.create_task(stage.print_rooms(), name="room printer")
    try:
        return await _play(Scenario(stage, burst=burst, patience_s=patience_s), process)
    finally:
        printing.cancel()
        await asyncio.gather(printing, return_exceptions=True)
        await stop(process)


async def _play(scenario: Scenario, process: Process) -> bool:
    """Play to the end, or until the bot's process ends; return whether all is there."""
    playing = asyncio.create_task(scenario.play(), name="scenario")
    ended = asyncio.create_task(process.wait(), name="bot process")
    try:
        await asyncio.wait({playing, ended}, return_when=asyncio.FIRST_COMPLETED)
        if not playing.done():
            print(f"The bot ended early, with status {process.returncode}.", file=sys.stderr)
            return False
        return playing.result()
    finally:
        for task in (playing, ended):
            task.cancel()
        await asyncio.gather(playing, ended, return_exceptions=True)
