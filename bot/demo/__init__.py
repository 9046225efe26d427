"""The verb ``demo``: the sandbox and the bot, with a page to use them or a scripted live event."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from pathlib import Path

from sandbox import Sandbox
from sandbox.scenario import BURST, PATIENCE_S

from .on_page import DemoPage
from .scripted import play


async def demo(
    *,
    port: int,
    once: bool,
    locale: str = "en-US",
    burst: int = BURST,
    patience_s: float = PATIENCE_S,
) -> int:
    """Show the page until SIGTERM or Ctrl-C, and return 0.

    With ``once`` play the scenario instead; return 1 if a room or the workspace lacks anything.
    ``locale`` is that of the server and its people. ``burst`` is how many viewers write within a
    second of the scenario, ``patience_s`` how long the bot may take for anything.
    """
    with tempfile.TemporaryDirectory(prefix="twentythree-demo-") as folder:
        database = Path(folder) / "demo.db"
        async with contextlib.AsyncExitStack() as stack:
            try:
                sandbox = await stack.enter_async_context(Sandbox(port=port, locale=locale))
                shown = None
                if not once:
                    free = port + 3 if port else 0
                    shown = DemoPage(sandbox, database, port=free, locale=locale)
                    await stack.enter_async_context(shown.page)
            except OSError as error:
                print(_no_ports(port, error), file=sys.stderr)
                return 1
            if shown is not None:
                await shown.run()
                return 0
            is_complete = await play(sandbox, database, burst=burst, patience_s=patience_s)
    return 0 if is_complete else 1


def _no_ports(port: int, error: OSError) -> str:
    why = os.strerror(error.errno) if error.errno else type(error).__name__
    return f"The ports {port} to {port + 3} cannot be listened on ({why}); try others with --port."
