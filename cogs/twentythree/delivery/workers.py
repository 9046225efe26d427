"""The work of one room, for as long as there is any: posts in their order, and edits beside them.

Discord's limits of the two are apart, and so are the workers: neither waits for the other's.
"""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import ClassVar, assert_never

from ..backoff import backoff_s
from ..domain.batching import Batch
from ..domain.ingest import takes_away
from ..domain.model import BoardNotice, LiveNotice, ReportNotice, RoomId, VideoNotice
from ..domain.places import is_to_be_opened
from ..errors import MISTAKE, StorageError, apart, log_failure
from ..storage import RoomWork
from ..storage.outbox import Outbox
from .batches import RoomBatches
from .exposure import ExposureWatch
from .opening import OpenedRooms
from .outcomes import Delivered, GiveUp, Outcome, PauseRoom, Removed, RetryLater
from .pace import EditPace, RoomOptions
from .pauses import Pauses

_log = logging.getLogger("twentythree.delivery")


class RestReason(Enum):
    """RestReason a worker rests; it says what may end the rest early."""

    EDIT = "what there is is not due yet"  # new work ends it
    RETRY = "Discord did not take the message"  # nothing ends it: that would be hammering
    PAUSE = "the room takes no messages"  # news about the room's permissions end it


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """How long to wait before the next step."""

    seconds: float
    why: RestReason


NO_REST = Rest(seconds=0.0, why=RestReason.EDIT)


class Calls:
    """Rooms in which somebody is wanted, to post or to edit, and nobody has come yet."""

    def __init__(self) -> None:
        self._posts: set[RoomId] = set()
        self._edits: set[RoomId] = set()
        self._is_any = asyncio.Event()

    def for_posts(self, room_id: RoomId) -> None:
        """Tell that there is something to post."""
        self._posts.add(room_id)
        self._is_any.set()

    def for_edits(self, room_id: RoomId) -> None:
        """Tell that there is something to edit."""
        self._edits.add(room_id)
        self._is_any.set()

    async def wait(self) -> None:
        """Wait until there is a call."""
        await self._is_any.wait()

    def taken(self) -> tuple[set[RoomId], set[RoomId]]:
        """Return the calls for posts and those for edits, and forget them."""
        posts, self._posts = self._posts, set()
        edits, self._edits = self._edits, set()
        self._is_any.clear()
        return posts, edits


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a worker works with; ``calls`` is where it asks for the other worker of the room.

    ``chance`` returns a number in [0, 1), which spreads what is tried again.
    """

    batches: RoomBatches
    opened: OpenedRooms
    outbox: Outbox
    pauses: Pauses
    calls: Calls
    exposures: ExposureWatch
    options: RoomOptions
    chance: Callable[[], float]


class RoomWorker(ABC):
    """Does one thing after another in a room, and rests in between.

    ``not_taken`` is why Discord has not taken what goes to the room, more than once in a row; or
    that it is a mistake of ours.
    """

    is_post: ClassVar[bool]
    """Whether it posts what is new, and does not edit what is there."""

    def __init__(self, around: Surroundings) -> None:
        self.room_id = around.batches.room_id
        self._around = around
        self._options = around.options
        self._failures = 0
        self.not_taken: str | None = None
        self._is_stopping = False
        self._may_end: set[RestReason] = set()
        self._rest: Rest | None = None
        self._alarm = asyncio.Event()

    @property
    def place_id(self) -> RoomId:
        """Where in Discord the room is; of a thread that is to be opened, that of its card."""
        return self._around.opened.channel_id or self.room_id

    def wake(self) -> None:
        """Tell that there is new work."""
        self._end_rest(RestReason.EDIT)

    def recheck(self) -> None:
        """Tell that the room may take messages again."""
        self._end_rest(RestReason.PAUSE)

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
            elif RestReason.EDIT not in self._may_end:
                return

    async def _supervised_step(self) -> Rest | None:
        try:
            return await self._step()
        except Exception as error:  # noqa: BLE001 - supervision: one room's trouble stays its own
            log_failure(_log, f"the work for room {self.room_id} failed and is begun again", error)
            # Trouble with the database is told by itself.
            is_ours = self._failures > 0 and not isinstance(error, StorageError)
            self.not_taken = MISTAKE if is_ours else None
            return self._failed(RestReason.RETRY)

    @abstractmethod
    async def _step(self) -> Rest | None:
        """Do one thing; return the rest to take after it, or ``None`` where nothing is left."""

    async def _after(self, outcome: Delivered | Removed | GiveUp | PauseRoom) -> Rest:
        match outcome:
            case Delivered() | Removed() | GiveUp():
                if self._failures:
                    _log.info("room %d takes messages again", self.room_id)
                self._failures, self.not_taken = 0, None
                await self._around.pauses.end(self.room_id, is_post=self.is_post)
                return NO_REST
            case PauseRoom(reason=reason):
                self.not_taken = None
                rest = self._failed(RestReason.PAUSE)
                await self._around.pauses.begin(self.room_id, reason, is_post=self.is_post)
                return rest
            case _:
                assert_never(outcome)

    def _retried(self, outcome: RetryLater) -> Rest:
        level = logging.DEBUG if self._failures else logging.WARNING
        _log.log(level, "room %d is tried again: %s", self.room_id, outcome.reason)
        self.not_taken = outcome.reason if self._failures else None
        # A code that says nothing known may be about something that stays for long.
        longest_s = self._options.pause_longest_s if outcome.code else None
        return self._failed(RestReason.RETRY, at_least_s=outcome.after_s, longest_s=longest_s)

    def _failed(
        self, why: RestReason, *, at_least_s: float = 0.0, longest_s: float | None = None
    ) -> Rest:
        self._failures += 1
        options = self._options
        first_s = options.pause_first_s if why is RestReason.PAUSE else options.retry_first_s
        if longest_s is None:
            is_pause = why is RestReason.PAUSE
            longest_s = options.pause_longest_s if is_pause else options.retry_longest_s
        wait_s = backoff_s(self._failures, first_s=first_s, longest_s=longest_s)
        spread_s = wait_s * (0.5 + self._around.chance() / 2)
        return Rest(seconds=max(at_least_s, spread_s), why=why)

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

    def _end_rest(self, why: RestReason) -> None:
        self._may_end.add(why)
        if self._rest is not None and self._rest.why is why:
            self._alarm.set()


class PostWorker(RoomWorker):
    """Settles what is unsettled, then posts what waits.

    A message that Discord has refused for an hour, without a reason that is known, steps aside:
    it is tried again beside the others.
    """

    is_post = True

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
        if is_to_be_opened(self.room_id):
            return await self._open_thread()
        first, self._first = self._first, None
        return await self._look() if first is None else await self._deliver(first)

    async def _look(self) -> Rest | None:
        work = await self._around.outbox.work(self.room_id)
        if work.stale or work.is_thread_due:
            self._around.calls.for_edits(self.room_id)
        now = self._now()
        for batch in work.unsettled:
            if self._aside_until.get(batch.batch_id, now) <= now:
                return await self._deliver(self._as_known(batch))
        if work.pending:
            if await self._around.batches.digested(work):
                return NO_REST
            started = await self._started(work)
            return NO_REST if started is None else await self._deliver(started)
        return self._until_due(work.unsettled, now)

    async def _started(self, work: RoomWork) -> Batch | None:
        """Store the next batch; what cannot be put into a message by a mistake waits alone."""
        start = self._around.batches.start
        try:
            return await start(work.pending, work.manner)
        except StorageError:
            raise
        except Exception as error:  # supervision: one notice holds up no other
            log_failure(_log, f"what waits for room {self.room_id} goes one by one", error)
            for one in work.pending:
                with apart(_log, f"{one.event_key} cannot be put into a message"):
                    return await start([one], work.manner)
            raise

    def _until_due(self, aside: Sequence[Batch], now: datetime) -> Rest | None:
        if not aside:
            return None
        due = min(self._aside_until[batch.batch_id] for batch in aside)
        return Rest(seconds=(due - now).total_seconds(), why=RestReason.EDIT)

    def _as_known(self, batch: Batch) -> Batch:
        """Take a batch that was handed over as one that was never sent.

        What it says is for the store to tell: its comment may have changed, or gone, since.
        """
        fresh, self._fresh = self._fresh, None
        is_fresh = fresh is not None and fresh.batch_id == batch.batch_id
        return replace(batch, attempts=0) if is_fresh else batch

    async def _deliver(self, batch: Batch) -> Rest | None:
        hold_s = await self._around.exposures.hold_s(self.room_id, batch)
        if hold_s is not None:
            if batch.attempts == 0:
                await self._around.outbox.take_back(batch.batch_id)
            return Rest(seconds=hold_s, why=RestReason.PAUSE)
        self._tried = batch.batch_id
        outcome = await _kept_apart(self._around.batches.deliver(batch), batch, code=0)
        if isinstance(outcome, RetryLater):
            return self._steps_aside(batch, outcome) or self._retried(outcome)
        self._refused_since.pop(batch.batch_id, None)
        self._aside_until.pop(batch.batch_id, None)
        if isinstance(outcome, Delivered) and _is_card(batch):
            for room_id in await self._around.opened.waiting():
                self._around.calls.for_posts(room_id)
        rest = await self._after(outcome)
        return None if self._around.batches.is_done else rest

    async def _open_thread(self) -> Rest | None:
        step = await self._around.opened.open()
        for room_id in step.rooms:
            self._around.calls.for_posts(room_id)
        if step.outcome is None:
            return None
        if isinstance(step.outcome, RetryLater):
            return self._retried(step.outcome)
        rest = await self._after(step.outcome)
        return None if isinstance(step.outcome, Delivered) else rest

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


class EditWorker(RoomWorker):
    """Makes the edits that are due; what takes something away first.

    ``is_first``: nobody has looked yet whether there is anything to post. It asks for that after
    its first step: somebody waits to see what they have done.
    """

    is_post = False

    def __init__(self, around: Surroundings, pace: EditPace, *, is_first: bool = False) -> None:
        super().__init__(around)
        self._pace = pace
        self._is_first = is_first
        self._tell_at = 0.0

    async def _step(self) -> Rest | None:
        try:
            return await self._edit_what_is_due()
        finally:
            if self._is_first:
                self._is_first = False
                self._around.calls.for_posts(self.room_id)

    async def _edit_what_is_due(self) -> Rest | None:
        stale = await self._around.outbox.stale(self.room_id)
        waits = {batch.batch_id: self._pace.wait_s(batch) for batch in stale}
        due = [batch for batch in stale if waits[batch.batch_id] <= 0]
        if due:
            due.sort(key=lambda batch: not _is_promise(batch))
            return await self._edit(due[0], due[1:])
        # Neither waits for the other's limit.
        waits_s = [*waits.values(), *await self._told()]
        return Rest(seconds=min(waits_s), why=RestReason.EDIT) if waits_s else None

    async def _told(self) -> list[float]:
        """Tell the room how its event is; return after how long it is to be tried again, if so."""
        clock = asyncio.get_running_loop().time
        if clock() >= self._tell_at:
            late = await self._around.opened.tell()
            if late is None:
                return []
            self._tell_at = clock() + self._retried(late).seconds
        return [max(0.0, self._tell_at - clock())]

    async def _edit(self, batch: Batch, others: Sequence[Batch]) -> Rest:
        if _tells_of_questions(batch):
            # It shows what is new, as a post does.
            hold_s = await self._around.exposures.hold_s(self.room_id, batch, is_edit=True)
            if hold_s is not None:
                self._pace.failed(batch, hold_s)
                return NO_REST
        outcome = await _kept_apart(self._around.batches.edit(batch), batch)
        if isinstance(outcome, RetryLater):
            rest_s = self._retried(outcome).seconds
            # Other edits wait only for a limit that is theirs, too; promises ask for themselves.
            limited = [one for one in others if outcome.is_local and not _is_promise(one)]
            for one in (batch, *limited):
                self._pace.failed(one, rest_s)
            return NO_REST
        if isinstance(outcome, Delivered):
            self._pace.edited(batch)
        if self._around.batches.has_left or (
            isinstance(outcome, Delivered | Removed) and _is_promise(batch)
        ):
            # Something of a message that was deleted may be left.
            self._around.calls.for_posts(self.room_id)
        return await self._after(outcome)


async def _kept_apart(
    doing: Awaitable[Outcome], batch: Batch, *, code: int | None = None
) -> Outcome:
    """Take a mistake of ours for a refusal that may be about this message alone."""
    try:
        return await doing
    except StorageError:
        raise
    except Exception as error:  # noqa: BLE001 - supervision: one message holds up no other
        log_failure(_log, f"message {batch.batch_id} of the bot fails", error)
        return RetryLater(reason=MISTAKE, code=code)


def _is_card(batch: Batch) -> bool:
    """Tell whether a batch is a message that a thread may be opened on."""
    return any(isinstance(one.notice, LiveNotice | VideoNotice) for one in batch.notices)


def _tells_of_questions(batch: Batch) -> bool:
    return any(isinstance(one.notice, BoardNotice | ReportNotice) for one in batch.notices)


def _is_promise(batch: Batch) -> bool:
    return any(map(takes_away, batch.notices))
