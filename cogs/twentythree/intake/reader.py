"""When each thing is read from the workspace: at once if asked, else on its timer.

One reading of a thing at a time; what is asked meanwhile becomes one more reading after it.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Awaitable, Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

_Key = TypeVar("_Key", bound=Hashable)


class Room(Protocol):
    """Says whether the workspace may be asked; see ``api.RequestBudget``."""

    def wait_s(self, *, is_urgent: bool) -> float:
        """Return the seconds until work may begin."""


@dataclass(slots=True)
class _Plan:
    """When a thing is due, in the clock's seconds, and whether it is being read."""

    due: float
    is_urgent: bool = False
    started: float = float("-inf")
    is_running: bool = False
    is_asked: bool = False

    def is_as(self, due: float, *, is_urgent: bool) -> bool:
        """Tell whether the plan is still this one."""
        return (self.due, self.is_urgent) == (due, is_urgent)


class Reader(Generic[_Key]):
    """Plans the readings of all things and runs a few at a time.

    Args:
        read: reads one thing; expected failures are its own business, it must not raise.
        interval: seconds until the thing is read again without anybody asking.
        clock: monotonic seconds.
        budget: whether there may be another request now.
        is_urgent: whether what is due by its timer is as urgent as what is asked for.
        concurrency: how many readings may run at once.
        spacing_s: the least time between the beginnings of two readings of one thing.
    """

    def __init__(
        self,
        read: Callable[[_Key], Awaitable[None]],
        interval: Callable[[_Key], float],
        *,
        clock: Callable[[], float],
        budget: Room,
        is_urgent: bool = False,
        concurrency: int = 4,
        spacing_s: float = 1.0,
    ) -> None:
        self._read = read
        self._interval = interval
        self._clock = clock
        self._budget = budget
        self._is_urgent = is_urgent
        self._free = concurrency
        self._spacing_s = spacing_s
        self._plans: dict[_Key, _Plan] = {}
        # What is urgent, and what is not.
        self._queues: dict[bool, list[tuple[float, int, _Key]]] = {True: [], False: []}
        self._order = itertools.count()
        self._changed = asyncio.Event()

    def ask(self, keys: Iterable[_Key], *, is_urgent: bool = True) -> None:
        """Have things read as soon as may be; new ones are added."""
        now = self._clock()
        for key in keys:
            plan = self._plans.setdefault(key, _Plan(due=now, is_urgent=self._is_urgent))
            plan.is_urgent = plan.is_urgent or is_urgent
            if plan.is_running:
                plan.is_asked = True
            else:
                self._plan(key, plan, max(now, plan.started + self._spacing_s))

    def forget(self, key: _Key) -> None:
        """Stop reading a thing; a reading under way finishes."""
        self._plans.pop(key, None)

    def replan(self, keys: Iterable[_Key] | None = None) -> None:
        """Apply changed intervals to some things, or all: e.g. when realtime comes or goes."""
        now = self._clock()
        for key in tuple(self._plans) if keys is None else keys:
            plan = self._plans.get(key)
            if plan is None or plan.is_running:
                continue
            due = now + self._interval(key)
            if due < plan.due:
                self._plan(key, plan, due)

    async def run(self) -> None:
        """Read what is due, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                self._changed.clear()
                while (key := self._next()) is not None:
                    tasks.create_task(self._run_one(key))
                await self._wait()

    def _plan(self, key: _Key, plan: _Plan, due: float) -> None:
        plan.due = due
        heapq.heappush(self._queues[plan.is_urgent], (due, next(self._order), key))
        self._changed.set()

    def _next(self) -> _Key | None:
        """Take the next thing that is due, if there is a free place."""
        for is_urgent, queue in self._queues.items():
            while self._free and queue and self._wait_for(queue, is_urgent=is_urgent) <= 0:
                due, _, key = heapq.heappop(queue)
                plan = self._plans.get(key)
                # The queues may hold older plans of the same thing.
                if plan is None or plan.is_running or not plan.is_as(due, is_urgent=is_urgent):
                    continue
                plan.is_running, plan.is_asked = True, False
                plan.started, plan.is_urgent = self._clock(), self._is_urgent
                self._free -= 1
                return key
        return None

    async def _run_one(self, key: _Key) -> None:
        try:
            await self._read(key)
        finally:
            self._free += 1
            self._changed.set()
            plan = self._plans.get(key)
            if plan is not None:
                plan.is_running = False
                now = self._clock()
                again = plan.started + self._spacing_s
                due = max(now, again) if plan.is_asked else now + self._interval(key)
                self._plan(key, plan, due)

    def _wait_for(self, queue: list[tuple[float, int, _Key]], *, is_urgent: bool) -> float:
        """Return the seconds until the first of a queue may be read."""
        return max(0.0, queue[0][0] - self._clock(), self._budget.wait_s(is_urgent=is_urgent))

    async def _wait(self) -> None:
        """Wait until something is due or changes."""
        waits = [
            self._wait_for(queue, is_urgent=is_urgent)
            for is_urgent, queue in self._queues.items()
            if queue
        ]
        try:
            async with asyncio.timeout(min(waits) if waits and self._free else None):
                await self._changed.wait()
        except TimeoutError:
            return


def loop_time() -> float:
    """Return the event loop's seconds."""
    return asyncio.get_running_loop().time()
