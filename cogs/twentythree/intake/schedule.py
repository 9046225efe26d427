"""When objects are read, and how: each by itself, or the comments of all of them at once."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Iterable
from typing import Literal

from ..backoff import backoff_s
from ..domain.model import ObjectId
from ..domain.reading import is_workspace_cheaper
from ..errors import StorageError, WorkspaceError, WorkspaceUnreachableError, log_failure
from .agenda import MOST_NAMED, Agenda, Hint, Todo
from .channels import AfterLookUps
from .intake import Intake
from .listener import Connection
from .objects import NEVER, Objects, ObjectState
from .ports import BridgeOptions, Ports
from .readings import Readings, WorkspaceRead
from .turns import Turns, loop_time

_log = logging.getLogger("twentythree.intake")

# A reading of the workspace takes a page, and one of promoted comments; one of an object hardly
# less.
_LEAST_FEED = 2
_TOO_MANY = 2**31


class Schedule:
    """Takes up the agenda of readings, and reads what nobody asks for on its timer.

    Args:
        ports: the budget of requests, and the clock.
        objects: the attached objects.
        agenda: what is to be read.
        intake: where realtime waits for readings.
        readings: reads an object, or the workspace.
        connection: tells whether realtime carries all that is asked for of an object now.
        options: times.
    """

    def __init__(
        self,
        ports: Ports,
        objects: Objects,
        agenda: Agenda,
        intake: Intake,
        readings: Readings,
        *,
        connection: Connection,
        options: BridgeOptions,
    ) -> None:
        self._now = ports.clock.now
        self._objects = objects
        self._column = agenda.readings
        self._intake = intake
        self._readings = readings
        self._connection = connection
        self._options = options
        budget, spacing_s = AfterLookUps(ports.budget, objects), options.spacing_s
        self._turns: Turns[ObjectId] = Turns(budget, spacing_s=spacing_s)
        self._feed_turns: Turns[Literal["workspace"]] = Turns(
            budget, is_urgent=True, spacing_s=spacing_s
        )
        # The objects whose comments the list of the workspace brings.
        self._fed: frozenset[ObjectId] = frozenset()
        # What a reading of the workspace took last; None: to be found out.
        self._feed_requests: int | None = None
        self._feed_measured = NEVER
        self._feed_thorough = NEVER
        self._feed_failures = 0

    async def run(self) -> None:
        """Read what is due, until cancelled."""
        self._turns.reclaim()
        self._feed_turns.reclaim()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._take_up(), name="agenda of readings")
            tasks.create_task(self._read_feed_in_turn(), name="readings of the workspace")
            while True:
                object_id = await self._turns.next()
                tasks.create_task(self._take_turn(object_id))

    # The agenda.

    async def _take_up(self) -> None:
        while True:
            self._plan(await self._column.take())

    def _plan(self, todo: Todo) -> None:
        for object_id in todo.forgotten:
            self._turns.forget(object_id)
        if todo.forgotten or todo.attached:
            self._choose()
        self._ask(todo.asked)
        for object_id, hint in todo.hinted.items():
            self._follow_hint(object_id, hint)
        if todo.replanned is None:
            self._replan(self._turns.waiting())
        elif todo.replanned:
            self._replan(todo.replanned)

    def _choose(self) -> None:
        """Choose anew which objects the list of the workspace is read for."""
        able = [one for one in self._objects.values() if one.needs.comments and one.is_listed]
        if loop_time() - self._feed_measured >= self._options.upkeep_s:
            self._feed_requests = None
        before, self._fed = self._fed, frozenset()
        if is_workspace_cheaper(len(able), self._feed_requests):
            self._fed = frozenset(one.object_id for one in able)
        if self._fed and not before:
            self._feed_turns.ask(["workspace"])
        if before and not self._fed:
            self._within_intervals(self._turns.waiting())

    def _ask(self, object_ids: Iterable[ObjectId]) -> None:
        """Read objects thoroughly as soon as may be."""
        asked = frozenset(object_ids)
        takes = _LEAST_FEED if self._feed_requests is None else self._feed_requests
        fed = self._fed & asked if takes <= max(_LEAST_FEED, len(asked)) else frozenset()
        if fed:
            self._feed_thorough = self._sooner(self._feed_thorough)
            self._feed_turns.ask(["workspace"])
        for state in self._objects.those(fed):
            # What the list of the workspace does not tell.
            if state.needs.live or state.refreshed == NEVER:
                self._turns.ask([state.object_id], is_urgent=state.needs.live)
        for object_id in asked - fed:
            self._ask_own(object_id)

    def _ask_own(self, object_id: ObjectId) -> None:
        state = self._objects.get(object_id)
        if state is not None:
            state.thorough_at = self._sooner(state.thorough_at)
            state.is_asked = True
        self._turns.ask([object_id])

    def _follow_hint(self, object_id: ObjectId, hint: Hint) -> None:
        """Read an object, and look for these comments of it."""
        state = self._objects.get(object_id)
        if state is not None:
            state.named = hint.named if hint.is_open else state.named | hint.named
            if len(state.named) > MOST_NAMED:
                state.named = frozenset()
            if hint.is_open or not state.named:
                state.thorough_at = self._sooner(state.thorough_at)
            state.is_asked = True
        self._turns.ask([object_id])

    def _replan(self, object_ids: Iterable[ObjectId]) -> None:
        """Apply changed intervals: realtime came or went."""
        self._within_intervals(object_ids)
        self._feed_turns.within("workspace", self._feed_interval())

    def _within_intervals(self, object_ids: Iterable[ObjectId]) -> None:
        for object_id in object_ids:
            self._turns.within(object_id, self.interval_s(object_id))

    def _sooner(self, thorough_at: float) -> float:
        """Return what makes the next reading thorough, unless one has just been."""
        is_recent = loop_time() - thorough_at < self._options.poll_s
        return thorough_at if is_recent else NEVER

    def _is_due(self, thorough_at: float) -> bool:
        return loop_time() - thorough_at >= self._options.reconcile_s

    # One object.

    async def _take_turn(self, object_id: ObjectId) -> None:
        try:
            if (state := self._objects.get(object_id)) is not None:
                await self._read(state)
            else:
                self._turns.forget(object_id)
        finally:
            self._turns.done(object_id, self.interval_s(object_id))

    async def _read(self, state: ObjectState) -> None:
        hold = state.hold
        is_own = self._is_own(state)
        if await self._read_own(state, with_comments=is_own) and is_own:
            # Else what was missed is still to come, and goes first.
            self._intake.release(state.object_id, hold)
        # Last: it writes, and where the store is slow, comments must not wait behind a title.
        if self._is_look_due(state):
            state.refreshed = loop_time()
            await self._readings.refresh(state)

    def _is_look_due(self, state: ObjectState) -> bool:
        """Tell whether to look at an object's title, and whether it is public."""
        since_s = loop_time() - state.refreshed
        heard = state.event_at
        is_heard = heard is not None and (self._now() - heard).total_seconds() < since_s
        # What is private now must not be told of for long. Where nobody agreed to show what is
        # private, it waits until it is public again.
        is_soon = is_heard or not state.info.is_public
        soon_s = self._options.reconcile_s if is_soon else math.inf
        return since_s >= min(soon_s, self._options.upkeep_s)

    async def _read_own(self, state: ObjectState, *, with_comments: bool) -> bool:
        is_thorough = self._is_due(state.thorough_at) or state.doubt is not None
        began, was_asked = loop_time(), state.is_asked
        if with_comments:
            state.is_asked = state.was_late = False
        is_read = await self._readings.read(
            state, with_comments=with_comments, is_thorough=is_thorough
        )
        if not is_read:
            state.is_asked |= was_asked
        elif with_comments:
            if state.doubt is not None and self._is_fed(state):
                # The next look is with all.
                self._feed_turns.within("workspace", self._feed_interval())
            state.listed_at = began
            state.thorough_at = began if is_thorough else state.thorough_at
            if state.was_late and self._is_fed(state):
                self._unlist(state)
        return is_read

    def _is_own(self, state: ObjectState) -> bool:
        """Tell whether the object's own list of comments is to be read."""
        if state.is_asked or not self._is_fed(state):
            return True
        if state.listed_at == NEVER:
            state.listed_at = loop_time()
        # Now and then in any case: the list of the workspace may not hold all.
        return loop_time() - state.listed_at >= self._options.upkeep_s

    def interval_s(self, object_id: ObjectId) -> float:
        """Return the seconds from one reading of an object to the next, should nobody ask."""
        state = self._objects.get(object_id)
        slow = self._slow([] if state is None else [state])
        is_fed = state is not None and self._is_fed(state) and not state.is_asked
        if state is not None and is_fed and not state.needs.live:
            return self._options.upkeep_s
        # What a failed reading was to find, after a gap say, must not wait for the slow timer.
        if state is None or (self._connection.serves(state, state.needs) and not state.failures):
            return slow
        return self._held_back([state], self._fast(state.failures, slow))

    # The workspace.

    def _is_fed(self, state: ObjectState) -> bool:
        return state.object_id in self._fed

    async def _read_feed_in_turn(self) -> None:
        while True:
            turn = await self._feed_turns.next()
            try:
                await self._read_feed()
            finally:
                self._feed_turns.done(turn, self._feed_interval())

    async def _read_feed(self) -> None:
        self._choose()
        fed = self._fed
        if not fed:
            return
        states = self._objects.those(fed)
        holds = {state.object_id: state.hold for state in states}
        is_thorough = self._is_due(self._feed_thorough) or _any_in_doubt(states)
        began = loop_time()
        is_first = self._objects.feed.top is None
        try:
            done = await self._readings.read_workspace(fed, is_thorough=is_thorough)
        except WorkspaceError as error:
            level = logging.DEBUG if self._feed_failures else logging.WARNING
            _log.log(level, "reading the workspace failed: %s", error)
            self._failed(fed, error)
            return
        except StorageError:
            raise
        except Exception as error:  # noqa: BLE001 - supervision: each object is read by itself
            log_failure(_log, "reading the workspace failed", error)
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
        due = [one.object_id for one in self._objects.those(fed) if self._is_look_due(one)]
        self._turns.ask(due, is_urgent=False)

    def _took(self, done: WorkspaceRead) -> None:
        for state in self._objects.those(done.served):
            state.succeeded(self._now())
            state.doubted(done.doubts.get(state.object_id))
        # A list that lacks much now may be a wrong one.
        unlisted = done.unlisted - done.doubts.keys()
        for state in self._objects.those(unlisted):
            self._unlist(state)
        for object_id in done.behind - unlisted:
            self._ask_own(object_id)

    def _failed(self, fed: Iterable[ObjectId], error: Exception) -> None:
        self._feed_failures += 1
        for state in self._objects.those(fed):
            state.failed(error)
        if not isinstance(error, WorkspaceUnreachableError):
            # It does not show that list; each object's own may be another matter.
            self._measured(_TOO_MANY)

    def _measured(self, requests: int) -> None:
        self._feed_requests = requests
        self._feed_measured = loop_time()
        self._choose()

    def _unlist(self, state: ObjectState) -> None:
        """Read an object by itself from now on, and anew: some of it may have been missed."""
        _log.info("the workspace's list does not hold all of %s", state.object_id)
        state.is_listed = False
        state.begins_anew = True
        self._choose()
        self._ask_own(state.object_id)

    def _feed_interval(self) -> float:
        fed = self._objects.those(self._fed)
        slow = self._slow(fed)
        is_served = all(self._connection.serves(one, one.needs) for one in fed)
        if is_served and not self._feed_failures:
            return slow
        wait_s = self._fast(self._feed_failures, slow)
        # One of them may be held back for a reading of its own.
        return self._held_back(fed, wait_s) if self._feed_failures else wait_s

    # Intervals.

    def _fast(self, failures: int, slow: float) -> float:
        """Return the interval without realtime, longer after so many failures in a row."""
        longest, fast = self._options.reconcile_s, self._options.poll_s
        if not failures:
            return min(slow, fast)
        return backoff_s(failures + 1, first_s=fast, longest_s=max(longest, fast))

    def _slow(self, states: Iterable[ObjectState]) -> float:
        """Return the slow interval, shorter where another reading may say otherwise soon."""
        options = self._options
        doubts = min((one.doubts for one in states if one.doubt is not None), default=None)
        if doubts is None:
            return options.reconcile_s
        soon = backoff_s(doubts, first_s=options.doubt_s, longest_s=options.agree_s)
        return min(options.reconcile_s, soon)

    def _held_back(self, states: Iterable[ObjectState], wait_s: float) -> float:
        """Return the interval of a reading, shorter where realtime is held back for it."""
        # It is waited for, and not for long: what is missed must come before what is new.
        is_held = any(one.hold for one in states)
        return min(wait_s, self._options.held_s) if is_held else wait_s


def _any_in_doubt(states: Iterable[ObjectState]) -> bool:
    return any(one.doubt is not None for one in states)
