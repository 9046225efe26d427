"""What is new in a room, posted in its order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ..domain.model import Batch
from .outcomes import RetryLater
from .worker import NO_REST, Rest, RoomWorker, Surroundings, Why


class PostWorker(RoomWorker):
    """Settles what is unsettled, then posts what waits.

    A message that Discord has refused for an hour, without a reason that is known, steps aside:
    it is tried again beside the others.
    """

    def __init__(
        self,
        around: Surroundings,
        *,
        now: Callable[[], datetime],
        first: Batch | None = None,
    ) -> None:
        super().__init__(around)
        self._first = first
        self._now = now
        self._fresh: Batch | None = None
        self._tried: int | None = None
        self._refused_since: dict[int, datetime] = {}
        self._aside_until: dict[int, datetime] = {}

    def hand_over(self, fresh: Batch) -> None:
        """Take a batch that was stored just now."""
        # It may have been found in the store, and tried, before this was told.
        if fresh.batch_id != self._tried:
            self._fresh = fresh

    async def _step(self) -> Rest | None:
        first, self._first = self._first, None
        return await self._look() if first is None else await self._deliver(first)

    async def _look(self) -> Rest | None:
        work = await self._around.store.outbox.work(self.room_id)
        if work.stale:
            self._around.on_other(self.room_id)
        now = self._now()
        for batch in work.unsettled:
            if self._aside_until.get(batch.batch_id, now) <= now:
                return await self._deliver(self._as_known(batch))
        if work.pending:
            if await self._around.delivery.digested(work):
                return NO_REST
            started = await self._around.delivery.start(work.pending)
            return NO_REST if started is None else await self._deliver(started)
        return self._until_due(work.unsettled, now)

    def _until_due(self, aside: Sequence[Batch], now: datetime) -> Rest | None:
        if not aside:
            return None
        due = min(self._aside_until[batch.batch_id] for batch in aside)
        return Rest(seconds=(due - now).total_seconds(), why=Why.EDIT)

    def _as_known(self, batch: Batch) -> Batch:
        """Take a batch that was handed over as one that was never sent.

        What it says is for the store to tell: its comment may have changed, or gone, since.
        """
        fresh, self._fresh = self._fresh, None
        is_fresh = fresh is not None and fresh.batch_id == batch.batch_id
        return replace(batch, attempts=0) if is_fresh else batch

    async def _deliver(self, batch: Batch) -> Rest:
        self._tried = batch.batch_id
        outcome = await self._around.delivery.deliver(batch)
        if isinstance(outcome, RetryLater):
            return self._steps_aside(batch, outcome) or self._retried(outcome)
        self._refused_since.pop(batch.batch_id, None)
        self._aside_until.pop(batch.batch_id, None)
        return await self._after(outcome)

    def _steps_aside(self, batch: Batch, outcome: RetryLater) -> Rest | None:
        if outcome.code is None:
            return None
        now, options = self._now(), self._options
        since = self._refused_since.setdefault(batch.batch_id, now)
        if now - since < timedelta(seconds=options.aside_after_s):
            return None
        pause = timedelta(seconds=options.pause_longest_s)
        self._aside_until[batch.batch_id] = now + pause
        return NO_REST
