"""Processes that lead on PostgreSQL, or stand by, as tasks of a test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from cogs.twentythree.storage import Lead, leading, new_lead

LEASE_S = 60.0


@asynccontextmanager
async def led(
    address: str, *, stands_by: bool = False, lease_s: float = LEASE_S
) -> AsyncGenerator[Lead]:
    lead = new_lead()
    async with leading(address, lead, lease_s=lease_s, stands_by=stands_by):
        yield lead


async def until(is_so: Callable[[], Any]) -> None:
    async with asyncio.timeout(60):
        while not is_so():  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)


class Candidate:
    """One that stands by, until it leads; then it leads until it is ended."""

    def __init__(self, address: str, lease_s: float) -> None:
        self.lead = new_lead()
        self.leads = asyncio.Event()
        self._end = asyncio.Event()
        self._task = asyncio.create_task(self._run(address, lease_s))

    async def _run(self, address: str, lease_s: float) -> None:
        async with leading(address, self.lead, lease_s=lease_s, stands_by=True):
            self.leads.set()
            await self._end.wait()

    async def waits(self) -> str:
        await until(lambda: "asking" not in str(self.lead.standing_by or "asking"))
        return str(self.lead.standing_by)

    async def took_over(self) -> None:
        async with asyncio.timeout(60):
            await self.leads.wait()

    def cancel(self) -> None:
        self._task.cancel()

    async def end(self) -> None:
        self._end.set()
        if not self.leads.is_set():
            self._task.cancel()
        await asyncio.wait({self._task})


class Candidates:
    """Processes that want to lead, as tasks."""

    def __init__(self, address: str, stack: AsyncExitStack) -> None:
        self.address = address
        self.stack = stack

    def standing_by(self, lease_s: float = LEASE_S) -> Candidate:
        one = Candidate(self.address, lease_s)
        self.stack.push_async_callback(one.end)
        return one
