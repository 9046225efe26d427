"""When each thing has its turn with the workspace: at once if asked, else on its timer.

One turn of a thing at a time; what is asked meanwhile becomes one more turn after it.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

_Key = TypeVar("_Key", bound=Hashable)


class Budget(Protocol):
    """Says whether the workspace may be asked; see ``api.RequestBudget``."""

    def wait_s(self, *, is_urgent: bool) -> float:
        """Return the seconds until work may begin."""


def loop_time() -> float:
    """Return the event loop's seconds."""
    return asyncio.get_running_loop().time()


@dataclass(slots=True)
class _Plan:
    """When a thing is due, in the loop's seconds, and whether it has its turn now."""

    due: float
    is_urgent: bool = False
    started: float = float("-inf")
    is_running: bool = False
    is_asked: bool = False

    def is_as(self, due: float, *, is_urgent: bool) -> bool:
        """Tell whether the plan is still this one."""
        return (self.due, self.is_urgent) == (due, is_urgent)


class Turns(Generic[_Key]):
    """Plans the turns of all things, and lets a few have theirs at once.

    Whoever takes a turn by :meth:`next` gives it back by :meth:`done`.

    Args:
        budget: whether there may be another request now.
        is_urgent: whether what is due by its timer is as urgent as what is asked for.
        concurrency: how many turns there may be at once.
        spacing_s: the least time between the beginnings of two turns of one thing, in seconds.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        budget: Budget,
        *,
        is_urgent: bool = False,
        concurrency: int = 4,
        spacing_s: float = 1.0,
        clock: Callable[[], float] = loop_time,
    ) -> None:
        self._budget = budget
        self._is_urgent = is_urgent
        self._free = self._concurrency = concurrency
        self._spacing_s = spacing_s
        self._clock = clock
        self._plans: dict[_Key, _Plan] = {}
        # What is urgent, and what is not.
        self._queues: dict[bool, list[tuple[float, int, _Key]]] = {True: [], False: []}
        self._order = itertools.count()
        self._changed = asyncio.Event()

    def ask(self, keys: Iterable[_Key], *, is_urgent: bool = True) -> None:
        """Let things have a turn as soon as may be; new ones are added."""
        now = self._clock()
        for key in keys:
            plan = self._plans.setdefault(key, _Plan(due=math.inf, is_urgent=self._is_urgent))
            was_urgent, plan.is_urgent = plan.is_urgent, plan.is_urgent or is_urgent
            due = max(now, plan.started + self._spacing_s)
            if plan.is_running:
                plan.is_asked = True
            elif due < plan.due or plan.is_urgent is not was_urgent:
                # Else it keeps its place: others must not go before it each time it is asked for.
                self._plan(key, plan, min(due, plan.due))

    def forget(self, key: _Key) -> None:
        """Plan no more turns of a thing; one under way finishes."""
        self._plans.pop(key, None)

    def waiting(self) -> tuple[_Key, ...]:
        """Return what waits for its turn."""
        return tuple(key for key, plan in self._plans.items() if not plan.is_running)

    def within(self, key: _Key, seconds: float) -> None:
        """Let a thing that waits have its turn no later than in so many seconds."""
        plan = self._plans.get(key)
        due = self._clock() + seconds
        if plan is not None and not plan.is_running and due < plan.due:
            self._plan(key, plan, due)

    def reclaim(self) -> None:
        """Take back all turns, at the beginning of the work: nobody is at any of them.

        Work that ended before may have been cut off between a turn and its first step.
        """
        self._free = self._concurrency
        for key, plan in self._plans.items():
            if plan.is_running:
                plan.is_running = False
                self._plan(key, plan, self._clock())

    async def next(self) -> _Key:
        """Wait for the next turn that is due, and take it."""
        while True:
            self._changed.clear()
            if (key := self._due()) is not None:
                return key
            await self._wait()

    def done(self, key: _Key, again_s: float) -> None:
        """Give a turn back; unless somebody asks, the next is in so many seconds."""
        self._free += 1
        self._changed.set()
        plan = self._plans.get(key)
        if plan is not None:
            plan.is_running = False
            now = self._clock()
            asked = max(now, plan.started + self._spacing_s)
            self._plan(key, plan, asked if plan.is_asked else now + again_s)

    def _plan(self, key: _Key, plan: _Plan, due: float) -> None:
        plan.due = due
        heapq.heappush(self._queues[plan.is_urgent], (due, next(self._order), key))
        self._changed.set()

    def _due(self) -> _Key | None:
        """Take the next turn that is due, if there is a free place."""
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

    def _wait_for(self, queue: list[tuple[float, int, _Key]], *, is_urgent: bool) -> float:
        """Return the seconds until the first of a queue may have its turn."""
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
