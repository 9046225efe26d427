"""All rooms: workers for each room that has work, and none for the others."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import discord

from ..domain.batching import Batch
from ..domain.model import Attachment, GuildId, ObjectInfo, RoomId
from ..domain.places import is_to_be_opened
from ..domain.troubles import Fault, Kind
from ..errors import MISTAKE, StorageError
from ..languages import Language, kept, language_of
from ..metrics import Metrics
from ..storage import Store
from .batches import RoomBatches, draft_lone
from .edge import DiscordEdge
from .exposure import ExposureWatch
from .files import Covers
from .opening import OpenedRooms
from .outcomes import REQUEST_ERRORS, outcome_of
from .pace import EditPace
from .pauses import OutboxGauges, Pauses
from .permissions import is_usable
from .posts import Posts
from .scheduling import Scheduling
from .server_calendar import CalendarKeeper, CalendarTools
from .threads import remove_post
from .workers import Calls, EditWorker, PostWorker, RoomWorker, Surroundings

_log = logging.getLogger("twentythree.delivery")

_Worker = TypeVar("_Worker", bound=RoomWorker)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class RoomSupervisor:
    """Has what waits in the store posted and edited, by two workers a room.

    ``run`` does the work; the other methods may be called before, during and after it. A room
    that is slow or broken holds up no other.
    """

    draft = staticmethod(draft_lone)

    def __init__(
        self,
        edge: DiscordEdge,
        store: Store,
        metrics: Metrics,
        covers: Covers | None = None,
        *,
        now: Callable[[], datetime] = _utc_now,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._edge = edge
        self._store = store
        self._metrics = metrics
        self._now = now
        self._chance = chance
        options = edge.options
        self._timeout_s = options.request_timeout_s
        self._gauges = OutboxGauges(store, metrics, options.measure_s)
        self._pauses = Pauses(edge, store, self._gauges, now=now)
        self._posts = Posts(edge, store, now=now, clock=clock)
        self._exposures = ExposureWatch(edge, store, self.wake, now=now)
        self._edits = EditPace(
            options.edit_interval_s,
            options.old_edit_interval_s,
            board_interval_s=options.board_interval_s,
            now=now,
            clock=clock,
        )
        self._calendars = CalendarKeeper(
            CalendarTools(
                scheduling=Scheduling(edge.client, edge.gate, request_timeout_s=self._timeout_s),
                store=store,
                teller=edge.teller,
                covers=covers,
                options=options,
                now=now,
                clock=clock,
            )
        )
        self._posters: dict[RoomId, PostWorker] = {}
        self._editors: dict[RoomId, EditWorker] = {}
        self._tasks: dict[RoomWorker, asyncio.Task[None]] = {}
        self._calls = Calls()
        self._group: asyncio.TaskGroup | None = None
        self._is_draining = False

    async def run(self) -> None:
        """Work until cancelled, beginning with what the store holds.

        Raises:
            StorageError: the database could not be read at the beginning.
        """
        await self._pauses.recall()
        self._exposures.call([one.id for one in self._edge.client.guilds])
        self.wake(await self._store.outbox.rooms_with_work())
        try:
            with self._edge.gate.watching():
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._gauges.run(), name="measuring")
                    group.create_task(self._calendars.run(), name="calendars")
                    group.create_task(self._exposures.run(), name="exposures")
                    await self._keep_answering(group)
        finally:
            # One that was cut off before its first step has not left by itself.
            for workers in (self._posters, self._editors, self._tasks):
                workers.clear()

    async def _keep_answering(self, group: asyncio.TaskGroup) -> None:
        self._group = group
        loop, every_s = asyncio.get_running_loop(), self._edge.options.sweep_s
        sweep_at = loop.time() + every_s
        try:
            while True:
                posts, edits = self._calls.taken()
                for room_id in posts:
                    self._wake_poster(room_id)
                for room_id in edits:
                    self._wake_editor(room_id)
                try:
                    async with asyncio.timeout_at(sweep_at):
                        await self._calls.wait()
                except TimeoutError:
                    await self._sweep()
                    sweep_at = loop.time() + every_s
        finally:
            self._group = None

    def wake(
        self,
        rooms: Iterable[RoomId],
        started: Iterable[Batch] = (),
        edits: Collection[RoomId] = (),
    ) -> None:
        """Tell that there is new work in these rooms, or in calendars.

        ``started`` are batches among it that were stored just now: to be sent without another
        look at the store. ``edits`` are the rooms in which there is something to edit alone.
        """
        fresh = {batch.room_id: batch for batch in started}
        if not fresh and not edits:
            # Comments that were stored just now are of no matter to calendars.
            self._calendars.wake()
        for room_id in rooms:
            batch = fresh.get(room_id)
            if room_id in edits and self._is_idle(room_id):
                self._wake_editor(room_id, is_first=True)
                continue
            if batch is None and room_id in self._posters:
                # A worker that is busy with a post does not come to see what is to be edited.
                self._wake_editor(room_id)
            self._wake_poster(room_id, batch)

    def _is_idle(self, room_id: RoomId) -> bool:
        is_at_work = self._group is not None and not self._is_draining
        return is_at_work and room_id not in self._posters and room_id not in self._editors

    def _wake_poster(self, room_id: RoomId, fresh: Batch | None = None) -> None:
        worker = self._posters.get(room_id)
        if worker is not None:
            if fresh is not None:
                worker.hand_over(fresh)
            worker.wake()
        elif self._group is None:
            # What is handed over before there is anybody to take it may be withdrawn by then:
            # the store knows.
            self._calls.for_posts(room_id)
        elif not self._is_draining:
            worker = PostWorker(self._around(room_id), now=self._now, first=fresh)
            self._begin(self._group, self._posters, worker)

    def _wake_editor(self, room_id: RoomId, *, is_first: bool = False) -> None:
        worker = self._editors.get(room_id)
        if worker is not None:
            worker.wake()
        elif self._group is None:
            self._calls.for_edits(room_id)
        elif not self._is_draining:
            worker = EditWorker(self._around(room_id), self._edits, is_first=is_first)
            self._begin(self._group, self._editors, worker)

    def recheck(self, guild_id: int) -> None:
        """Tell that something about a server's rooms changed; paused ones may work again.

        Only rooms where the cache shows every permission are tried at once: a request that is
        refused again counts against the bot.
        """
        self._calendars.recheck(GuildId(guild_id))
        self._exposures.call([guild_id])
        guild = self._edge.client.get_guild(guild_id)
        if guild is None:
            return
        for worker in self._tasks:
            # Of this server: discord.py would look for the room in thousands of others, too.
            room = guild.get_channel_or_thread(worker.place_id)
            opens = is_to_be_opened(worker.room_id)
            if room is not None and is_usable(room, guild.me, opens=opens):
                worker.recheck()

    async def tell(self, barred: Sequence[Attachment]) -> None:
        """Tell people why nothing is posted of some objects, in each room once."""
        for room_id in dict.fromkeys(one.room_id for one in barred):
            here = [one for one in barred if one.room_id == room_id]
            reasons = [one.pause.reason for one in here if one.pause is not None]
            await self._edge.teller.tell(room_id, reasons[0], here)

    def faults(self, rooms: Collection[RoomId] | None = None) -> dict[Kind, Fault]:
        """Return what is wrong on the way out (to these rooms)."""
        found = self._edge.gate.faults()
        why = {
            worker.room_id: worker.not_taken
            for worker in self._tasks
            if worker.not_taken is not None and (rooms is None or worker.room_id in rooms)
        }
        # What is our own mistake is none of Discord's.
        ours = [room_id for room_id, said in why.items() if said == MISTAKE]
        others = [said for said in why.values() if said != MISTAKE]
        if ours:
            found[Kind.NOT_MADE] = Fault(count=len(ours))
        if others:
            found[Kind.NOT_TAKEN] = Fault(count=len(others), said=others[0])
        return found

    async def tell_one(self, guild_id: GuildId, people: Sequence[int], text: str) -> bool:
        """Tell the first of these people who can be reached, or the server; say whether."""
        language = await self.language(guild_id)
        return await self._edge.teller.tell_one(guild_id, people, text, language)

    async def language(self, guild_id: GuildId, room_id: RoomId | None = None) -> Language:
        """Return the language of a room, or of what is said to the whole server."""
        try:
            return (await self._store.rooms.of_server(guild_id)).language(room_id)
        except StorageError:
            # Just that may be to be told.
            guild = self._edge.client.get_guild(guild_id)
            return language_of(None if guild is None else guild.preferred_locale)

    async def greet(self, guild_id: GuildId) -> None:
        """Say in a server that has just got the bot how it is set up."""
        if not await self._edge.teller.greet(guild_id, await self.language(guild_id)):
            _log.warning("nobody in server %d could be told of /video setup", guild_id)

    async def open_post(self, forum_id: RoomId, info: ObjectInfo) -> RoomId | str:
        """Open a post for an object in a forum; where that fails, a sentence says why."""
        forum = self._edge.client.get_channel(forum_id)
        if not isinstance(forum, discord.ForumChannel):
            _log.warning("room %d is not there, or is no forum", forum_id)
            return kept(
                "The forum is not there, or the bot cannot see it; grant it View Channel there."
            )
        language = await self.language(GuildId(forum.guild.id), forum_id)
        try:
            return await self._posts.open(forum, info, language)
        except REQUEST_ERRORS as error:
            _log.warning("no post could be opened in %d: %s", forum_id, type(error).__name__)
            said = error.text if isinstance(error, discord.HTTPException) else ""
            return kept("Discord opens no post in the forum: {reason}").format(
                reason=said or getattr(outcome_of(error), "reason", "no answer")
            )

    async def close_post(self, room_id: RoomId) -> None:
        """Take back a post that was opened for nothing; a failure is logged."""
        try:
            async with self._edge.gate.passing(), asyncio.timeout(self._timeout_s):
                await remove_post(self._edge.client, room_id)
        except REQUEST_ERRORS as error:
            _log.warning("post %d stays without an attachment: %s", room_id, type(error).__name__)

    async def drain(self, timeout_s: float) -> None:
        """Begin nothing more, and give what is under way so long to end.

        What has not ended by then is cut off; the store holds all that is needed to go on from
        there without losing or repeating it. discord.py sleeps out a used-up rate limit before
        it returns from the request that used it up, so a cut-off message may well be there.
        """
        self._is_draining = True
        self._calendars.stop()
        for worker in self._tasks:
            worker.stop()
        tasks = set(self._tasks.values())
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=timeout_s)
        for task in late:
            task.cancel()
        if late:
            _log.info(
                "%d rooms were cut off while posting; they go on at the next start", len(late)
            )
            await asyncio.wait(late)

    def _begin(
        self, group: asyncio.TaskGroup, workers: dict[RoomId, _Worker], worker: _Worker
    ) -> None:
        workers[worker.room_id] = worker
        name = f"room {worker.room_id}"
        self._tasks[worker] = group.create_task(self._work(worker, workers), name=name)

    def _around(self, room_id: RoomId) -> Surroundings:
        return Surroundings(
            batches=RoomBatches(room_id, self._edge, self._store, self._metrics, now=self._now),
            opened=OpenedRooms(room_id, self._edge, self._store, now=self._now),
            outbox=self._store.outbox,
            pauses=self._pauses,
            calls=self._calls,
            exposures=self._exposures,
            options=self._edge.options,
            chance=self._chance,
        )

    async def _work(self, worker: _Worker, workers: dict[RoomId, _Worker]) -> None:
        try:
            await worker.run()
        finally:
            # Without an await since the worker's last look: whoever wakes the room from here
            # on finds no worker, and a new one is started.
            del workers[worker.room_id], self._tasks[worker]
        self._gauges.changed()

    async def _sweep(self) -> None:
        """Look for work that nobody told of: from a lost wake-up, or another process."""
        try:
            self.wake(await self._store.outbox.rooms_with_work())
        except StorageError as error:
            _log.warning("the store could not be looked through: %s", error)
        self._gauges.changed()
