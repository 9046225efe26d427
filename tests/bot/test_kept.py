"""The bot of a demo, however the demo ends."""

import asyncio
import sys
from pathlib import Path

from bot.demo.process import environment
from sandbox import Sandbox
from sandbox.page import Scene

_ROOT = Path(__file__).parents[2]
_PATIENCE_S = 60
_PARENT = """
import asyncio, os
from bot.demo.process import started
async def main():
    await started(os.environ)
    await asyncio.Event().wait()
asyncio.run(main())
"""


async def test_the_bot_ends_with_a_demo_that_is_killed(tmp_path: Path) -> None:
    async with Sandbox() as sandbox, asyncio.timeout(_PATIENCE_S):
        Scene(sandbox)
        parent = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", _PARENT),
            cwd=_ROOT,
            env=environment(sandbox.environment(), tmp_path / "demo.db"),
            stderr=asyncio.subprocess.PIPE,
        )
        await sandbox.chat.wait_until_ready()

        parent.kill()

        # The bot has the other end of this, too: it is whole once both are gone.
        assert parent.stderr is not None
        assert await parent.stderr.read() == b""
        await parent.wait()
