"""The work of one room, in its order, for as long as there is any."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import assert_never

from ..errors import log_failure
from ..relay.model import Batch, RoomId
from ..storage import Store
from .delivery import Delivery
from .options import RoomOptions, backoff_s
from .outcomes import Delivered, GiveUp, PauseRoom, Removed, RetryLater
from .pace import EditPace

_log = logging.getLogger("twentythree.rooms")


class Why(Enum):
    """Why a worker rests; it says what may end the rest early."""

    EDIT = "an edit is not due yet"  # new work ends it
    RETRY = "Discord did not take the message"  # nothing ends it: that would be hammering
    PAUSE = "the room takes no messages"  # news about the room's permissions end it


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """How long to wait before the next step."""

    seconds: float
    why: Why


_NO_REST = Rest(seconds=0.0, why=Why.EDIT)


class RoomWorker:
    """Works off one room: first what is unsettled, then edits that are due, then what waits."""

    def __init__(
        self,
        room_id: RoomId,
        delivery: Delivery,
        store: Store,
        edits: EditPace,
        *,
        on_pause: Callable[[RoomId, str], Awaitable[None]],
        on_resume: Callable[[RoomId], Awaitable[None]],
        options: RoomOptions,
        chance: Callable[[], float],
        first: Batch | None = None,
    ) -> None:
        self.room_id = room_id
        self._delivery = delivery
        self._store = store
        self._edits = edits
        self._on_pause = on_pause
        self._on_resume = on_resume
        self._options = options
        self._chance = chance
        self._first = first
        self._fresh: Batch | None = None
        self._tried: int | None = None
        self._failures = 0
        self._is_stopping = False
        self._may_end: set[Why] = set()
        self._rest: Rest | None = None
        self._alarm = asyncio.Event()

    def wake(self, fresh: Batch | None = None) -> None:
        """Tell that there is new work; ``fresh`` is a batch that was stored just now."""
        # It may have been found in the store, and tried, before this was told.
        if fresh is not None and fresh.batch_id != self._tried:
            self._fresh = fresh
        self._end_rest(Why.EDIT)

    def recheck(self) -> None:
        """Tell that the room may take messages again."""
        self._end_rest(Why.PAUSE)

    def stop(self) -> None:
        """Begin nothing more; what is under way ends by itself."""
        self._is_stopping = True
        self._alarm.set()

    async def run(self) -> None:
        """Work until nothing is left to do, or until told to stop."""
        while not self._is_stopping:
            self._may_end.clear()
            rest = await self._supervised_step()
            if rest is not None:
                await self._take(rest)
            elif Why.EDIT not in self._may_end:
                return

    async def _supervised_step(self) -> Rest | None:
        try:
            return await self._step()
        except Exception as error:  # noqa: BLE001 - supervision: one room's trouble stays its own
            log_failure(_log, f"the work for room {self.room_id} failed and is begun again", error)
            return self._failed(Why.RETRY)

    async def _step(self) -> Rest | None:
        """Do one thing; return the rest to take after it, or ``None`` where nothing is left."""
        first, self._first = self._first, None
        return await self._look() if first is None else await self._deliver(first)

    async def _look(self) -> Rest | None:
        work = await self._store.work(self.room_id)
        if work.unsettled:
            return await self._deliver(self._as_known(work.unsettled[0]))
        for batch in work.stale:
            if self._edits.wait_s(batch) <= 0:
                return await self._edit(batch)
        if work.pending:
            if await self._delivery.digested(work):
                return _NO_REST
            started = await self._delivery.start(work.pending)
            return _NO_REST if started is None else await self._deliver(started)
        if work.stale:
            return Rest(seconds=min(map(self._edits.wait_s, work.stale)), why=Why.EDIT)
        return None

    def _as_known(self, batch: Batch) -> Batch:
        """Take a batch that was handed over as one that was never sent.

        What it says is for the store to tell: its comment may have changed, or gone, since.
        """
        fresh, self._fresh = self._fresh, None
        is_fresh = fresh is not None and fresh.batch_id == batch.batch_id
        return replace(batch, attempts=0) if is_fresh else batch

    async def _deliver(self, batch: Batch) -> Rest:
        self._tried = batch.batch_id
        outcome = await self._delivery.deliver(batch)
        if isinstance(outcome, RetryLater):
            self._log_retry(outcome)
            return self._failed(Why.RETRY, at_least_s=outcome.after_s)
        return await self._after(outcome)

    async def _edit(self, batch: Batch) -> Rest:
        outcome = await self._delivery.edit(batch)
        if isinstance(outcome, RetryLater):
            # Other work need not wait for it.
            self._log_retry(outcome)
            self._edits.postpone(batch, max(outcome.after_s, self._options.edit_interval_s))
            return _NO_REST
        if isinstance(outcome, Delivered):
            self._edits.edited(batch)
        return await self._after(outcome)

    async def _after(self, outcome: Delivered | Removed | GiveUp | PauseRoom) -> Rest:
        match outcome:
            case Delivered() | Removed() | GiveUp():
                if self._failures:
                    _log.info("room %d takes messages again", self.room_id)
                self._failures = 0
                await self._on_resume(self.room_id)
                return _NO_REST
            case PauseRoom(reason=reason):
                rest = self._failed(Why.PAUSE)
                await self._on_pause(self.room_id, reason)
                return rest
            case _:
                assert_never(outcome)

    def _failed(self, why: Why, *, at_least_s: float = 0.0) -> Rest:
        self._failures += 1
        options = self._options
        first_s, longest_s = options.retry_first_s, options.retry_longest_s
        if why is Why.PAUSE:
            first_s, longest_s = options.pause_first_s, options.pause_longest_s
        wait_s = backoff_s(
            self._failures, first_s=first_s, longest_s=longest_s, chance=self._chance()
        )
        return Rest(seconds=max(at_least_s, wait_s), why=why)

    def _log_retry(self, outcome: RetryLater) -> None:
        level = logging.DEBUG if self._failures else logging.WARNING
        _log.log(level, "room %d is tried again: %s", self.room_id, outcome.reason)

    async def _take(self, rest: Rest) -> None:
        if rest.seconds <= 0 or rest.why in self._may_end or self._is_stopping:
            return
        self._alarm.clear()
        self._rest = rest
        try:
            async with asyncio.timeout(rest.seconds):
                await self._alarm.wait()
        except TimeoutError:
            pass
        finally:
            self._rest = None

    def _end_rest(self, why: Why) -> None:
        self._may_end.add(why)
        if self._rest is not None and self._rest.why is why:
            self._alarm.set()
