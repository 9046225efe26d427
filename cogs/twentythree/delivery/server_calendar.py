"""The calendars, brought up to date from what is stored: a task for each server with work to do."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from ..backoff import backoff_s
from ..domain.calendar import (
    MOST_SCHEDULED,
    CalendarObstacle,
    KeptScheduled,
    ScheduledEvent,
    ScheduledKey,
    ScheduledStage,
    ScheduledStatus,
    sentence,
)
from ..domain.calendar_steps import (
    CalendarStep,
    CalendarView,
    DeleteScheduled,
    EditScheduled,
    ForgetScheduled,
    MakeScheduled,
    NoteScheduled,
    as_stored,
    next_step,
)
from ..domain.model import GuildId
from ..embeds import calendar_aim
from ..errors import StorageError, log_failure
from ..storage import CalendarWork, Store
from .calendar_waits import CalendarWaits
from .files import Covers
from .outcomes import RetryLater
from .pace import RoomOptions
from .scheduling import InTheWay, NotNow, NotTaken, NotThere, Scheduling, SchedulingFailure
from .telling import Teller

_log = logging.getLogger("twentythree.delivery")

There = dict[int, ScheduledEvent]


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarTools:
    """What calendars are kept with; ``covers`` ``None``: without pictures."""

    scheduling: Scheduling
    store: Store
    teller: Teller
    covers: Covers | None
    options: RoomOptions
    now: Callable[[], datetime]
    clock: Callable[[], float]


class ServerCalendar:
    """Does what there is to do in one server's calendar, and knows what has to wait there."""

    def __init__(self, guild_id: GuildId, tools: CalendarTools) -> None:
        self._guild_id = guild_id
        self._tools = tools
        self._calendars = tools.store.calendars
        self._waits = CalendarWaits()
        self._failures = 0

    def due_at(self) -> float | None:
        """Return when something that waits now may go on, by the clock; ``None``: nothing waits."""
        return min(self._waits.pending(self._tools.clock()), default=None)

    def is_due(self, work: CalendarWork) -> bool:
        """Say whether there may be anything to do, without asking Discord."""
        if self._tools.clock() < self._waits.again_at:
            return False
        stored = as_stored(work.kept)
        if self._next(work, stored, may_make=True, is_asking=True) is None:
            # Where nothing is to be done, nothing can be in its way.
            return work.obstacle is not None
        may_make = self._tools.clock() >= self._waits.full_until
        return self._next(work, stored, may_make=may_make, is_asking=True) is not None

    def recheck(self) -> None:
        """Tell that something changed after which Discord may take what it refused."""
        self._waits.again_at = self._waits.full_until = 0.0
        self._waits.waiting.clear()

    def put_off(self) -> None:
        """Try all of it again later, ever more rarely."""
        self._wait_after_failure(0.0)

    async def serve(self) -> None:
        """Do what there is to do, until nothing is left, or something has to wait."""
        work = await self._work()
        if self._next(work, as_stored(work.kept), may_make=True, is_asking=True) is None:
            await self._calendars.meet(self._guild_id, None, self._tools.now())
            return
        if self._tools.scheduling.may_keep(self._guild_id) is False:
            await self._meet(CalendarObstacle.FORBIDDEN)
            return
        there = await self._listed(work)
        if not isinstance(there, dict):
            await self._failed(there)
            return
        if await self._all_done(there):
            self._failures = 0
            await self._meet_full(there)

    async def _listed(self, work: CalendarWork) -> There | SchedulingFailure:
        """Return what Discord lists, and what its list lacks and is there all the same.

        One answer that lacks it must not make it forgotten, or made a second time.
        """
        scheduling = self._tools.scheduling
        known = {one.scheduled_id: one.key for one in work.kept if one.scheduled_id is not None}
        there = await scheduling.listed(self._guild_id, known)
        if there == {}:
            there = await scheduling.listed(self._guild_id, known, is_again=True)
        if not isinstance(there, dict):
            return there
        kept = [one for one in work.kept if one.stage is not ScheduledStage.CLOSED]
        for scheduled_id in as_stored(kept).keys() - there.keys():
            found = await scheduling.one(self._guild_id, scheduled_id)
            match found:
                case ScheduledEvent(status=status):
                    there |= {} if status.is_final else {scheduled_id: found}
                case NotThere():
                    pass
                case NotNow(reason=reason):
                    self._refused(known[scheduled_id], reason)
                case _:
                    return found
        return there

    async def _all_done(self, there: There) -> bool:
        """Take one step after the other; return whether none was in vain."""
        while True:
            # Each time anew: the platform goes on meanwhile.
            work = await self._work()
            step = self._next(work, there, may_make=len(there) < MOST_SCHEDULED)
            if step is None:
                return True
            failure = await self._tried(step, work, there)
            if failure is not None:
                await self._failed(failure)
                return False
            if not isinstance(step, NoteScheduled | ForgetScheduled):
                await asyncio.sleep(self._tools.options.calendar_spacing_s)

    async def _meet_full(self, there: There) -> None:
        work = await self._work()
        is_full = isinstance(self._next(work, there, may_make=True), MakeScheduled)
        if is_full:
            await self._meet(CalendarObstacle.FULL)
        else:
            await self._calendars.meet(self._guild_id, None, self._tools.now())

    async def _work(self) -> CalendarWork:
        found = await self._calendars.work(self._guild_id)
        return found.get(self._guild_id, CalendarWork())

    def _next(
        self, work: CalendarWork, there: There, *, may_make: bool, is_asking: bool = False
    ) -> CalendarStep | None:
        """Return the next step; ``is_asking``: ``there`` is what was stored, not what is so."""
        now, waits = self._tools.clock(), self._waits
        unsure = self._unsure(work, now)
        waits.forget(now)
        if not is_asking:
            waits.sought |= unsure
        view = CalendarView(
            aims=[calendar_aim(one) for one in work.covered],
            kept=work.kept,
            there=there,
            resting=waits.resting,
            waiting=waits.waiting,
            # What was not looked for yet may be there by now.
            unsure=unsure & waits.sought if is_asking else unsure,
            may_make=may_make,
        )
        return next_step(view, self._tools.now())

    def _unsure(self, work: CalendarWork, now: float) -> set[ScheduledKey]:
        """Return what may still turn up in Discord of what is begun."""
        waits, until = self._waits, now + self._tools.options.calendar_unsure_s
        begun = [one.key for one in work.kept if one.stage is ScheduledStage.BEGUN]
        waits.unsure = {key: waits.unsure.get(key, until) for key in begun}
        waits.sought.intersection_update(begun)
        return {key for key, at in waits.unsure.items() if at > now}

    async def _tried(
        self, step: CalendarStep, work: CalendarWork, there: There
    ) -> SchedulingFailure | None:
        try:
            return await self._done(step, work, there)
        except StorageError:
            raise
        except Exception as error:  # noqa: BLE001 - supervision: one event holds up no other
            key = step.kept.key if isinstance(step, NoteScheduled) else step.key
            log_failure(_log, f"the scheduled event for {key} waits", error)
            self._put_off(key)
            return None

    async def _done(
        self, step: CalendarStep, work: CalendarWork, there: There
    ) -> SchedulingFailure | None:
        """Take a step; ``there`` is brought up to date with it."""
        match step:
            case NoteScheduled(kept=kept):
                await self._calendars.keep(self._guild_id, kept)
            case ForgetScheduled(key=key):
                await self._calendars.forget(self._guild_id, key)
            case MakeScheduled():
                return await self._make(step, there)
            case EditScheduled():
                (kept,) = (one for one in work.kept if one.key == step.key)
                return await self._edit(step, kept, there)
            case DeleteScheduled():
                return await self._delete(step, there)
            case _:
                assert_never(step)
        return None

    async def _make(self, step: MakeScheduled, there: There) -> SchedulingFailure | None:
        begun = KeptScheduled(key=step.key, stage=ScheduledStage.BEGUN, said=step.said)
        image = await self._cover(step.said.picture_url)
        # First: whatever cuts it off, it is looked for before it is made again.
        await self._calendars.keep(self._guild_id, begun)
        made = await self._tools.scheduling.made(self._guild_id, step.said, image)
        match made:
            case ScheduledEvent():
                there[made.scheduled_id] = made
                kept = replace(
                    begun,
                    stage=ScheduledStage.MADE,
                    scheduled_id=made.scheduled_id,
                    status=made.status,
                )
                await self._calendars.keep(self._guild_id, kept)
                _log.info("server %d has a scheduled event for %s", self._guild_id, step.key)
                return None
            case InTheWay():
                await self._calendars.forget(self._guild_id, step.key)
            case NotTaken(reason=reason):
                _log.warning("Discord takes no scheduled event for %s: %s", step.key, reason)
                closed = replace(begun, stage=ScheduledStage.CLOSED)
                await self._calendars.keep(self._guild_id, closed)
                return None
            case NotNow(reason=reason):
                self._refused(step.key, reason)
                return None
            case _:
                until = self._tools.clock() + self._tools.options.calendar_unsure_s
                self._waits.unsure[step.key] = until
                self._waits.sought.discard(step.key)
        return made

    async def _edit(
        self, step: EditScheduled, kept: KeptScheduled, there: There
    ) -> SchedulingFailure | None:
        image = await self._cover(step.said.picture_url) if "picture_url" in step.changed else None
        if step.changed:
            # First: whatever cuts it off, Discord is asked what it says before it is edited again.
            editing = replace(kept, stage=ScheduledStage.EDITING)
            await self._calendars.keep(self._guild_id, editing)
        edited = await self._tools.scheduling.edited(self._guild_id, step, image)
        match edited:
            case ScheduledEvent():
                there[edited.scheduled_id] = edited
                if edited.status.is_final:
                    del there[edited.scheduled_id]
                kept = replace(kept, said=step.said, status=edited.status)
                await self._calendars.keep(self._guild_id, kept)
                self._rest(step, edited.status)
                return None
            case NotThere():
                there.pop(step.scheduled_id, None)
                return None
            case NotTaken(reason=reason):
                await self._not_taken(step, kept, reason)
                return None
            case NotNow(reason=reason):
                await self._calendars.keep(self._guild_id, kept)
                self._refused(step.key, reason)
                return None
            case _:
                return edited

    def _rest(self, step: EditScheduled, status: ScheduledStatus) -> None:
        now, options = self._tools.clock(), self._tools.options
        if step.changed:
            self._waits.resting[step.key] = now + options.calendar_edit_s
        if step.status not in (None, status):
            # Taken, and not done: asking for it again and again is of no use.
            self._waits.waiting[step.key] = now + options.calendar_again_s

    async def _not_taken(self, step: EditScheduled, kept: KeptScheduled, reason: str) -> None:
        """Leave out what Discord takes at no time, and put off what it does not take now."""
        _log.warning("Discord takes no edit of the scheduled event for %s: %s", step.key, reason)
        if step.status is None:
            await self._calendars.keep(self._guild_id, replace(kept, said=step.said))
        else:
            await self._calendars.keep(self._guild_id, kept)
            self._put_off(step.key)

    async def _delete(self, step: DeleteScheduled, there: There) -> SchedulingFailure | None:
        deleted = await self._tools.scheduling.deleted(self._guild_id, step.scheduled_id)
        if isinstance(deleted, NotNow):
            self._refused(step.key, deleted.reason)
            return None
        if not isinstance(deleted, NotThere):
            return deleted
        there.pop(step.scheduled_id, None)
        return None

    def _refused(self, key: ScheduledKey, reason: str) -> None:
        """Put off what may be about this one alone: it must not hold up the others."""
        _log.warning("Discord refuses the scheduled event for %s now: %s", key, reason)
        self._put_off(key)

    def _put_off(self, key: ScheduledKey) -> None:
        self._waits.waiting[key] = self._tools.clock() + self._tools.options.calendar_again_s

    async def _cover(self, url: str | None) -> str | None:
        return None if self._tools.covers is None else await self._tools.covers.cover(url)

    async def _failed(self, failure: SchedulingFailure) -> None:
        match failure:
            case InTheWay(obstacle=obstacle):
                await self._meet(obstacle)
            case RetryLater(after_s=after_s):
                self._wait_after_failure(after_s)
            case _:
                # A server that is not there, or an answer of another kind.
                self._wait_after_failure(self._tools.options.calendar_again_s)

    def _wait_after_failure(self, after_s: float) -> None:
        self._failures += 1
        options = self._tools.options
        wait_s = backoff_s(
            self._failures, first_s=options.retry_first_s, longest_s=options.retry_longest_s
        )
        self._waits.again_at = self._tools.clock() + max(after_s, wait_s)

    async def _meet(self, obstacle: CalendarObstacle) -> None:
        """Store what is in the way, tell people if it is new, and wait."""
        until = self._tools.clock() + self._tools.options.calendar_again_s
        if obstacle is CalendarObstacle.FULL:
            self._waits.full_until = until
        else:
            self._waits.again_at = until
        if not await self._calendars.meet(self._guild_id, obstacle, self._tools.now()):
            return
        _log.warning("the calendar of server %d waits: %s", self._guild_id, obstacle)
        people = await self._calendars.people(self._guild_id)
        language = (await self._tools.store.rooms.of_server(self._guild_id)).language()
        if not await self._tools.teller.tell_one(
            self._guild_id, people, sentence(obstacle), language
        ):
            _log.warning("nobody could be told that the calendar of %d waits", self._guild_id)


class CalendarKeeper:
    """Looks at what calendars are to hold, when it is told to and now and then.

    A server whose calendar waits, for a limit say, holds up no other.
    """

    def __init__(self, tools: CalendarTools) -> None:
        self._tools = tools
        self._servers: dict[GuildId, ServerCalendar] = {}
        self._busy: set[GuildId] = set()
        self._is_called = asyncio.Event()
        self._is_stopped = False

    def wake(self) -> None:
        """Tell that calendars may have to hold something else now; quick."""
        self._is_called.set()

    def recheck(self, guild_id: GuildId) -> None:
        """Tell that something changed in a server; what was refused may be taken."""
        if (server := self._servers.get(guild_id)) is not None:
            server.recheck()
            self.wake()

    def stop(self) -> None:
        """Begin nothing more."""
        self._is_stopped = True

    async def run(self) -> None:
        """Keep all calendars until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._is_called.clear()
                await self._look(group)
                await self._until_next_look()

    async def _look(self, group: asyncio.TaskGroup) -> None:
        try:
            found = await self._tools.store.calendars.work()
        except Exception as error:  # noqa: BLE001 - supervision: rooms go on without calendars
            log_failure(_log, "what calendars are to hold could not be read", error)
            return
        for guild_id, work in found.items():
            if guild_id in self._busy or self._is_stopped:
                continue
            server = self._servers.get(guild_id)
            if server is None:
                server = self._servers[guild_id] = ServerCalendar(guild_id, self._tools)
            if _is_due(server, work):
                self._busy.add(guild_id)
                group.create_task(self._serve(guild_id, server), name=f"calendar {guild_id}")
        # What a server without any calendar waited for is of no matter.
        for guild_id in self._servers.keys() - found.keys() - self._busy:
            del self._servers[guild_id]

    async def _serve(self, guild_id: GuildId, server: ServerCalendar) -> None:
        try:
            await server.serve()
        except Exception as error:  # noqa: BLE001 - supervision: one server holds up no other
            log_failure(_log, f"the calendar of server {guild_id} could not be kept", error)
            server.put_off()
        finally:
            self._busy.discard(guild_id)
            self.wake()

    async def _until_next_look(self) -> None:
        options, clock = self._tools.options, self._tools.clock
        due = [at for server in self._servers.values() if (at := server.due_at()) is not None]
        wait_s = min(options.sweep_s, *(at - clock() for at in due), options.sweep_s)
        await asyncio.sleep(options.calendar_look_s)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, wait_s - options.calendar_look_s)):
                await self._is_called.wait()


def _is_due(server: ServerCalendar, work: CalendarWork) -> bool:
    try:
        return server.is_due(work)
    except Exception as error:  # noqa: BLE001 - supervision: one server holds up no other
        log_failure(_log, "what a calendar lacks could not be found out", error)
        server.put_off()
        return False
