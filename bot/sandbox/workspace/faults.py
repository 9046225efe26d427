"""What may go wrong between the bot and the workspace, on purpose."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field


@dataclass(slots=True, kw_only=True, eq=False)
class WorkspaceFault:
    """One thing that goes wrong, for calls whose API method matches.

    Attributes:
        method: a regular expression for the API's method, e.g. ``comment/.*``.
        times: for how many calls; ``None`` is for all.
        status: answered, with a page of HTML as a broken proxy would.
        drops: the connection is closed without an answer.
        hangs: wait for :meth:`release`, then go the usual way.
        delay_s: wait so long, then go on.
    """

    method: str = ".*"
    times: int | None = 1
    status: int | None = None
    drops: bool = False
    hangs: bool = False
    delay_s: float = 0.0
    hits: int = 0
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    _released: asyncio.Event = field(default_factory=asyncio.Event)

    def matches(self, method: str) -> bool:
        """Say whether the fault is for a call, and still has one to go."""
        is_left = self.times is None or self.hits < self.times
        return is_left and re.fullmatch(self.method, method) is not None

    def release(self) -> None:
        """Let the calls go on that hang."""
        self._released.set()

    async def rest(self) -> None:
        """Wait as long as the fault wants."""
        self.reached.set()
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        if self.hangs:
            await self._released.wait()
