"""What may go wrong between the bot and the workspace, on purpose."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from . import rows
from .methods import Result
from .model import Level


class Lie(StrEnum):
    """A list that is answered with 200 and is not true: nothing, or each second row missing."""

    EMPTY = "empty"
    HALF = "half"


@dataclass(slots=True, kw_only=True, eq=False)
class WorkspaceFault:
    """One thing that goes wrong, for calls whose API method matches.

    Attributes:
        method: a regular expression for the API's method, e.g. ``comment/.*``.
        times: for how many calls; ``None`` is for all.
        status: answered, with a page of HTML as a broken proxy would.
        is_refused: the credentials are refused.
        level: the caller has no more than this level, whatever the credentials.
        lie: what becomes of the rows of a list, page by page.
        renames: what properties of rows are called instead.
        told_id: the comment that an answer names, whichever was made.
        drops: the connection is closed without an answer.
        hangs: wait for :meth:`release`, then go the usual way.
        delay_s: wait so long, then go on.
        is_late: the call has had its effect before anything goes wrong, so that only its answer
            is lost or late.
        meanwhile: what somebody else does on the platform, just before the call has its effect.
    """

    method: str = ".*"
    times: int | None = 1
    status: int | None = None
    is_refused: bool = False
    level: Level | None = None
    lie: Lie | None = None
    renames: Mapping[str, str] = field(default_factory=dict)
    told_id: int | None = None
    drops: bool = False
    hangs: bool = False
    delay_s: float = 0.0
    is_late: bool = False
    meanwhile: Callable[[], Awaitable[object]] | None = None
    hits: int = 0
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    _released: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_left(self) -> bool:
        """Whether it still has a call to go."""
        return self.times is None or self.hits < self.times

    def matches(self, method: str) -> bool:
        """Say whether the fault is for a call, and still has one to go."""
        return self.is_left and re.fullmatch(self.method, method) is not None

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

    async def let_others_act(self) -> None:
        """Have done what somebody else does meanwhile."""
        if self.meanwhile is not None:
            await self.meanwhile()

    def told(self, result: Result) -> Result:
        """Return what is told instead of the right rows."""
        if isinstance(result.rows, dict):
            named = {} if self.told_id is None else {"comment_id": self.told_id}
            return replace(result, rows=rows.renamed(result.rows, self.renames) | named)
        kept = {None: result.rows, Lie.EMPTY: [], Lie.HALF: result.rows[::2]}[self.lie]
        total = result.total
        if total is not None and self.lie is not None:
            total = 0 if self.lie is Lie.EMPTY else -(-total // 2)
        return replace(result, rows=[rows.renamed(row, self.renames) for row in kept], total=total)
