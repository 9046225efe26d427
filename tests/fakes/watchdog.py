"""Watches an event loop for steps that hold up everybody else."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import Self

# What any step of the loop may take, in seconds of this thread's processor time: a busy machine
# makes a step longer, but no more work. Counting the lines that are covered is more work.
LONGEST_STEP_S = 0.1 if sys.gettrace() is None else 0.3


class Watchdog:
    """``longest_s`` is the processor time of the longest turn of the loop while it was entered."""

    def __init__(self) -> None:
        self.longest_s = 0.0
        self._beating: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._beating = asyncio.create_task(self._beat())
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, *_: object) -> None:
        # What was just done is part of a turn that has not ended yet.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        if self._beating is not None:
            self._beating.cancel()

    async def _beat(self) -> None:
        while True:
            began = time.thread_time()
            await asyncio.sleep(0)
            self.longest_s = max(self.longest_s, time.thread_time() - began)
