"""Lets others have their turn in the middle of a long piece of work."""

from __future__ import annotations

import asyncio
import time

_LONGEST_S = 0.02


class Breath:
    """To be taken between two small steps: yields to the loop where the last was long ago."""

    def __init__(self) -> None:
        self._since = time.monotonic()

    async def take(self) -> None:
        """Let others go on if this has gone on for long enough."""
        if time.monotonic() - self._since >= _LONGEST_S:
            await asyncio.sleep(0)
            self._since = time.monotonic()
