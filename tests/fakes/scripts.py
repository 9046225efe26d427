"""Scripts of tests, as processes of their own that use what the bot uses."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from tests.fakes.bot_process import BotProcess

_ROOT = Path(__file__).parents[2]
_LONGEST_LINE = 2**16
_PATIENCE_S = 90.0


async def run_script(script: str, *arguments: str) -> int:
    """Run a script to its end; return its status. What it says goes with this process's errors."""
    assert BotProcess.warm is not None
    one = await BotProcess.warm.start(arguments, os.environ, _LONGEST_LINE, script)
    try:
        async with asyncio.timeout(_PATIENCE_S):
            said, status = await asyncio.gather(one.stderr.read(), one.wait())
    finally:
        one.send_signal(9)
    sys.stderr.write(said.decode())
    return status
