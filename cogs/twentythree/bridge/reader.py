"""When each object is read from the workspace: at once if asked, else on its timer.

One reading per object at a time; what is asked meanwhile becomes one more reading after it.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from ..relay.model import ObjectId


@dataclass(slots=True)
class _Plan:
    """When an object is due, in the clock's seconds, and whether it is being read."""

    due: float
    started: float = float("-inf")
    is_running: bool = False
    is_asked: bool = False


class Reader:
    """Plans the readings of all attached objects and runs a few at a time.

    Args:
        read: reads one object; expected failures are its own business, it must not raise.
        interval: seconds until the object is read again without anybody asking.
        clock: monotonic seconds.
        concurrency: how many readings may run at once.
        spacing_s: the least time between the beginnings of two readings of one object.
    """

    def __init__(
        self,
        read: Callable[[ObjectId], Awaitable[None]],
        interval: Callable[[ObjectId], float],
        *,
        clock: Callable[[], float],
        concurrency: int = 4,
        spacing_s: float = 1.0,
    ) -> None:
        self._read = read
        self._interval = interval
        self._clock = clock
        self._free = concurrency
        self._spacing_s = spacing_s
        self._plans: dict[ObjectId, _Plan] = {}
        self._queue: list[tuple[float, ObjectId]] = []
        self._changed = asyncio.Event()

    def ask(self, object_ids: Iterable[ObjectId]) -> None:
        """Have the objects read as soon as may be; new ones are added."""
        now = self._clock()
        for object_id in object_ids:
            plan = self._plans.setdefault(object_id, _Plan(due=now))
            if plan.is_running:
                plan.is_asked = True
            else:
                self._plan(object_id, plan, max(now, plan.started + self._spacing_s))

    def forget(self, object_id: ObjectId) -> None:
        """Stop reading an object; a reading under way finishes."""
        self._plans.pop(object_id, None)

    def replan(self) -> None:
        """Apply changed intervals to all objects, e.g. when realtime comes or goes."""
        now = self._clock()
        for object_id, plan in self._plans.items():
            if not plan.is_running:
                self._plan(object_id, plan, min(plan.due, now + self._interval(object_id)))

    async def run(self) -> None:
        """Read what is due, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                self._changed.clear()
                while (object_id := self._next()) is not None:
                    tasks.create_task(self._run_one(object_id))
                await self._wait()

    def _plan(self, object_id: ObjectId, plan: _Plan, due: float) -> None:
        plan.due = due
        heapq.heappush(self._queue, (due, object_id))
        self._changed.set()

    def _next(self) -> ObjectId | None:
        """Take the next object that is due, if there is a free place."""
        while self._free and self._queue and self._queue[0][0] <= self._clock():
            due, object_id = heapq.heappop(self._queue)
            plan = self._plans.get(object_id)
            # The queue may hold older plans of the same object.
            if plan is None or plan.is_running or plan.due != due:
                continue
            plan.is_running, plan.is_asked, plan.started = True, False, self._clock()
            self._free -= 1
            return object_id
        return None

    async def _run_one(self, object_id: ObjectId) -> None:
        try:
            await self._read(object_id)
        finally:
            self._free += 1
            self._changed.set()
            plan = self._plans.get(object_id)
            if plan is not None:
                plan.is_running = False
                now = self._clock()
                again = plan.started + self._spacing_s
                due = max(now, again) if plan.is_asked else now + self._interval(object_id)
                self._plan(object_id, plan, due)

    async def _wait(self) -> None:
        """Wait until something is due or changes."""
        timeout = None
        if self._free and self._queue:
            timeout = max(0.0, self._queue[0][0] - self._clock())
        try:
            async with asyncio.timeout(timeout):
                await self._changed.wait()
        except TimeoutError:
            return
