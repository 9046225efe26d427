"""The verb ``demo``: the sandbox and the bot, and a scripted live event between them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import tempfile
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path

from sandbox import Sandbox
from sandbox.scenario import BURST, PATIENCE_S, SAME_BROADCAST_S, Scenario
from sandbox.scenery import Stage
from sandbox.workspace import Level

# The bot stops within 10 s; a little more before it is killed.
_STOP_S = 12.0
_INTRODUCTION = """\
The sandbox is up: a workspace, its realtime service and a Discord, all on this machine.
The bot runs in a process of its own. What you read is its Discord:

  #room  a message of the bot, with [the buttons] under it; (edited): what is new in one
  #room  > what somebody does there, and below it what the bot says to them alone"""


async def demo(*, port: int, once: bool, burst: int = BURST, patience_s: float = PATIENCE_S) -> int:
    """Play the scenario; return 0, or with ``once`` 1 if a room or the workspace lacks anything.

    ``burst`` is how many viewers write within a second, ``patience_s`` how long the bot may take
    for anything.
    """
    with tempfile.TemporaryDirectory(prefix="twentythree-demo-") as folder:
        async with contextlib.AsyncExitStack() as stack:
            try:
                sandbox = await stack.enter_async_context(Sandbox(port=port))
            except OSError as error:
                print(_no_ports(port, error), file=sys.stderr)
                return 1
            stage = Stage(sandbox)
            database = Path(folder) / "demo.db"
            print(_INTRODUCTION)
            async with _bot(_environment(sandbox.environment(Level.WRITE), database)) as process:
                printing = asyncio.create_task(stage.print_rooms(), name="room printer")
                try:
                    scenario = Scenario(stage, burst=burst, patience_s=patience_s)
                    is_complete = await _play(scenario, process)
                    if not once:
                        print("\nThe stage stays open; stop it with Ctrl-C.")
                        await process.wait()
                finally:
                    printing.cancel()
                    await asyncio.gather(printing, return_exceptions=True)
    return 0 if is_complete or not once else 1


def _no_ports(port: int, error: OSError) -> str:
    why = os.strerror(error.errno) if error.errno else type(error).__name__
    return f"The ports {port} to {port + 2} cannot be listened on ({why}); try others with --port."


async def _play(scenario: Scenario, process: asyncio.subprocess.Process) -> bool:
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


def _environment(sandbox: Mapping[str, str], database: Path) -> dict[str, str]:
    # What is configured for a real workspace or Discord must not reach the demo's bot.
    mine = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DISCORD_", "TWENTYTHREE_", "BOT_"))
    }
    return {
        **mine,
        **sandbox,
        # Nor must what a developer keeps in a file.
        "PYTHON_DOTENV_DISABLED": "1",
        "TWENTYTHREE_DATABASE_URL": f"sqlite+aiosqlite:///{database}",
        "TWENTYTHREE_REPLY_NAME": "The launch team",
        # It may come back for three minutes, which nobody wants to wait for here.
        "TWENTYTHREE_SAME_BROADCAST_SECONDS": f"{SAME_BROADCAST_S:g}",
        # A storm of comments is what is played here: nobody need be warned of it.
        "BOT_LOG_LEVEL": os.environ.get("BOT_LOG_LEVEL", "ERROR"),
    }


@contextlib.asynccontextmanager
async def _bot(environment: Mapping[str, str]) -> AsyncGenerator[asyncio.subprocess.Process]:
    """Run the bot in a process of its own, as a user would, with the environment alone."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", env=dict(environment)
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                async with asyncio.timeout(_STOP_S):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()
