"""When objects are read, and how: each by itself, or the comments of all of them at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Literal

from ..domain.model import CommentId, ObjectId
from ..domain.reading import is_workspace_cheaper
from ..errors import WorkspaceError, WorkspaceUnreachableError
from .channels import Channels
from .feed import Fed, Feed
from .intake import Intake
from .objects import Known, Objects
from .options import BridgeOptions
from .reader import Reader, Room, loop_time
from .readings import Readings

_log = logging.getLogger("twentythree.intake")

# More comments than are looked for one by one are found by a thorough reading.
_MOST_NAMED = 200
# A reading of the workspace takes a page, and one of promoted comments; one of an object hardly
# less.
_LEAST_FEED = 2
_NEVER = 2**31

FeedKey = Literal["workspace"]


class Schedule:
    """Plans readings of objects, and of the whole workspace where that is cheaper.

    Args:
        objects: the attached objects.
        intake: where realtime waits for readings.
        readings: reads one object.
        feed: reads the workspace.
        channels: tell whether realtime carries all that is asked for of an object now.
        options: times.
        budget: whether there may be another request now.
        now: the time, aware.
    """

    def __init__(
        self,
        objects: Objects,
        intake: Intake,
        readings: Readings,
        feed: Feed,
        channels: Channels,
        *,
        options: BridgeOptions,
        budget: Room,
        now: Callable[[], datetime],
    ) -> None:
        self._objects = objects
        self._intake = intake
        self._readings = readings
        self._feed = feed
        self._channels = channels
        self._options = options
        self._now = now
        self._reader: Reader[ObjectId] = Reader(
            self._read,
            self._interval,
            clock=loop_time,
            budget=budget,
            spacing_s=options.spacing_s,
        )
        self._feed_reader: Reader[FeedKey] = Reader(
            self._read_feed,
            self._feed_interval,
            clock=loop_time,
            budget=budget,
            is_urgent=True,
            spacing_s=options.spacing_s,
        )
        # The objects whose comments the list of the workspace brings.
        self._fed: frozenset[ObjectId] = frozenset()
        # What a reading of the workspace took last; None: to be found out.
        self._feed_requests: int | None = None
        self._feed_measured = float("-inf")
        self._feed_thorough = float("-inf")
        self._feed_failures = 0

    async def run(self) -> None:
        """Read what is due, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._reader.run(), name="readings of objects")
            tasks.create_task(self._feed_reader.run(), name="readings of the workspace")

    def ask(self, object_ids: Iterable[ObjectId]) -> None:
        """Have objects read thoroughly as soon as may be."""
        asked = frozenset(object_ids)
        takes = _LEAST_FEED if self._feed_requests is None else self._feed_requests
        fed = self._fed & asked if takes <= max(_LEAST_FEED, len(asked)) else frozenset()
        if fed:
            self._feed_thorough = self._sooner(self._feed_thorough)
            self._feed_reader.ask(["workspace"])
        for known in map(self._objects.get, fed):
            # What the list of the workspace does not tell.
            if known is not None and (known.needs.live or known.refreshed == float("-inf")):
                self._reader.ask([known.info.object_id], is_urgent=known.needs.live)
        for object_id in asked - fed:
            self._ask_own(object_id)

    def hint(self, object_id: ObjectId, named: Collection[CommentId]) -> None:
        """Have an object read, and these comments of it looked for."""
        known = self._objects.get(object_id)
        if known is not None:
            known.named |= frozenset(named)
            if not named or len(known.named) > _MOST_NAMED:
                known.named = frozenset()
                known.thorough_at = self._sooner(known.thorough_at)
            known.is_asked = True
        self._reader.ask([object_id])

    def forget(self, object_id: ObjectId) -> None:
        """Stop reading an object."""
        self._reader.forget(object_id)
        self._readings.forget(object_id)

    def changed(self) -> None:
        """Tell that other objects are attached now, or otherwise."""
        able = [one for one in self._objects.values() if one.needs.comments and one.is_listed]
        if loop_time() - self._feed_measured >= self._options.upkeep_s:
            self._feed_requests = None
        before, self._fed = self._fed, frozenset()
        if is_workspace_cheaper(len(able), self._feed_requests):
            self._fed = frozenset(one.info.object_id for one in able)
        if self._fed and not before:
            self._feed_reader.ask(["workspace"])
        if before and not self._fed:
            self._reader.replan()

    def replan(self, object_ids: Iterable[ObjectId] | None = None) -> None:
        """Apply changed intervals of some objects, or of all: realtime came or went."""
        self._reader.replan(object_ids)
        self._feed_reader.replan()

    def _ask_own(self, object_id: ObjectId) -> None:
        known = self._objects.get(object_id)
        if known is not None:
            known.thorough_at = self._sooner(known.thorough_at)
            known.is_asked = True
        self._reader.ask([object_id])

    def _sooner(self, thorough_at: float) -> float:
        """Return what makes the next reading thorough, unless one has just been."""
        is_recent = loop_time() - thorough_at < self._options.poll_s
        return thorough_at if is_recent else float("-inf")

    def _is_due(self, thorough_at: float) -> bool:
        return loop_time() - thorough_at >= self._options.reconcile_s

    # One object.

    async def _read(self, object_id: ObjectId) -> None:
        known = self._objects.get(object_id)
        if known is None:
            self.forget(object_id)
            return
        hold = self._intake.held(object_id)
        is_own = self._is_own(known)
        if await self._read_own(known, with_comments=is_own) and is_own:
            # Else what was missed is still to come, and goes first.
            self._intake.release(object_id, hold)
        # Last: it writes, and where the store is slow, comments must not wait behind a title.
        if loop_time() - known.refreshed >= self._refresh_s(known):
            known.refreshed = loop_time()
            await self._readings.refresh(known)

    def _refresh_s(self, known: Known) -> float:
        # Where nobody agreed to show what is not public, it waits until it is again.
        return self._options.upkeep_s if known.info.is_public else self._options.reconcile_s

    async def _read_own(self, known: Known, *, with_comments: bool) -> bool:
        is_thorough = self._is_due(known.thorough_at) or known.doubt is not None
        began = loop_time()
        if with_comments:
            known.is_asked = known.was_late = False
        is_read = await self._readings.read(
            known, with_comments=with_comments, is_thorough=is_thorough
        )
        if is_read and with_comments:
            if known.doubt is not None and self._is_fed(known):
                # The next look is with all.
                self._feed_reader.replan()
            known.listed_at = began
            known.thorough_at = began if is_thorough else known.thorough_at
            if known.was_late and self._is_fed(known):
                self._unlist(known)
        return is_read

    def _is_own(self, known: Known) -> bool:
        """Tell whether the object's own list of comments is to be read."""
        if known.is_asked or not self._is_fed(known):
            return True
        if known.listed_at == float("-inf"):
            known.listed_at = loop_time()
        # Now and then in any case: the list of the workspace may not hold all.
        return loop_time() - known.listed_at >= self._options.upkeep_s

    def _interval(self, object_id: ObjectId) -> float:
        known = self._objects.get(object_id)
        slow = self._slow([object_id])
        if known is not None and self._is_fed(known) and not known.needs.live:
            return self._options.upkeep_s
        # What a failed reading was to find, after a gap say, must not wait for the slow timer.
        if known is None or (self._channels.is_served(known) and not known.failures):
            return slow
        return self._held_back([object_id], self._fast(known.failures, slow))

    # The workspace.

    def _is_fed(self, known: Known) -> bool:
        return known.info.object_id in self._fed

    async def _read_feed(self, _: FeedKey) -> None:
        self.changed()
        fed = self._fed
        if not fed:
            return
        holds = {object_id: self._intake.held(object_id) for object_id in fed}
        is_thorough = self._is_due(self._feed_thorough) or bool(self._in_doubt(fed))
        began = loop_time()
        is_first = self._feed.top is None
        try:
            done = await self._feed.read(fed, is_thorough=is_thorough)
        except WorkspaceError as error:
            self._failed(fed, error)
            return
        if self._feed_failures:
            _log.info("reading the workspace works again")
        self._feed_failures = 0
        self._feed_thorough = began if is_thorough else self._feed_thorough
        if not is_first:
            # The first one had to go back to the end of the last run.
            self._measured(done.requests)
        self._took(done)
        for object_id in done.served:
            self._intake.release(object_id, holds[object_id])

    def _took(self, done: Fed) -> None:
        for known in map(self._objects.get, done.served):
            if known is not None:
                known.succeeded(self._now())
                known.doubted(done.doubts.get(known.info.object_id))
        # A list that lacks much now may be a wrong one.
        unlisted = done.unlisted - done.doubts.keys()
        for known in map(self._objects.get, unlisted):
            if known is not None:
                self._unlist(known)
        for object_id in done.behind - unlisted:
            self._ask_own(object_id)

    def _failed(self, fed: Iterable[ObjectId], error: WorkspaceError) -> None:
        level = logging.DEBUG if self._feed_failures else logging.WARNING
        _log.log(level, "reading the workspace failed: %s", error)
        self._feed_failures += 1
        for known in map(self._objects.get, fed):
            if known is not None:
                known.failed(error)
        if not isinstance(error, WorkspaceUnreachableError):
            # It does not show that list; each object's own may be another matter.
            self._measured(_NEVER)

    def _measured(self, requests: int) -> None:
        self._feed_requests = requests
        self._feed_measured = loop_time()
        self.changed()

    def _unlist(self, known: Known) -> None:
        """Read an object by itself from now on, and anew: some of it may have been missed."""
        _log.info("the workspace's list does not hold all of %s", known.info.object_id)
        known.is_listed = False
        known.begins_anew = True
        self.changed()
        self._ask_own(known.info.object_id)

    def _feed_interval(self, _: FeedKey) -> float:
        slow = self._slow(self._fed)
        fed = [known for known in map(self._objects.get, self._fed) if known is not None]
        if all(map(self._channels.is_served, fed)) and not self._feed_failures:
            return slow
        wait_s = self._fast(self._feed_failures, slow)
        # One of them may be held back for a reading of its own.
        return self._held_back(self._fed, wait_s) if self._feed_failures else wait_s

    def _fast(self, failures: int, slow: float) -> float:
        """Return the interval without realtime, longer after so many failures in a row."""
        longest, fast = self._options.reconcile_s, self._options.poll_s
        if not failures:
            return min(slow, fast)
        return min(max(longest, fast), fast * 2.0 ** min(failures, 10))

    def _slow(self, object_ids: Iterable[ObjectId]) -> float:
        """Return the slow interval, shorter where another reading may say otherwise soon."""
        options = self._options
        doubts = min((known.doubts for known in self._in_doubt(object_ids)), default=None)
        if doubts is None:
            return options.reconcile_s
        soon = options.doubt_s * 2.0 ** min(doubts - 1, 10)
        return min(options.reconcile_s, options.agree_s, soon)

    def _in_doubt(self, object_ids: Iterable[ObjectId]) -> list[Known]:
        found = map(self._objects.get, object_ids)
        return [known for known in found if known is not None and known.doubt is not None]

    def _held_back(self, object_ids: Iterable[ObjectId], wait_s: float) -> float:
        """Return the interval of a reading, shorter where realtime is held back for it."""
        # It is waited for, and not for long: what is missed must come before what is new.
        is_held = any(map(self._intake.held, object_ids))
        return min(wait_s, self._options.held_s) if is_held else wait_s
