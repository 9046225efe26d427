"""All rooms: workers for each room that has work, and none for the others."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import aiohttp
import discord

from ..domain.model import Attachment, Batch, GuildId, ObjectInfo, RoomId
from ..domain.troubles import Fault, Kind
from ..errors import StorageError
from ..metrics import Metrics
from ..storage import Store
from .budget import InvalidBudget
from .delivery import Delivery, draft_lone
from .edits import EditWorker
from .forum import open_post, remove_post
from .gate import Gate
from .options import RoomOptions
from .outcomes import NO_PERMISSION
from .pace import EditPace, RequestPace
from .permissions import Room, is_usable, missing
from .posting import Poster
from .posts import PostWorker
from .telling import Teller
from .waits import Held
from .worker import RoomWorker, Surroundings

_log = logging.getLogger("twentythree.delivery")

_Worker = TypeVar("_Worker", bound=RoomWorker)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Rooms:
    """Posts what waits in the store, with the host's client.

    ``run`` does the work; the other methods may be called before, during and after it. A room
    that is slow or broken holds up no other.
    """

    draft = staticmethod(draft_lone)

    def __init__(
        self,
        client: discord.Client,
        store: Store,
        metrics: Metrics,
        *,
        now: Callable[[], datetime] = _utc_now,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
        options: RoomOptions = RoomOptions(),  # noqa: B008 - frozen
    ) -> None:
        self._client = client
        self._store = store
        self._metrics = metrics
        self._now = now
        self._chance = chance
        self._options = options
        timeout_s = options.request_timeout_s
        pace, budget = RequestPace(options.requests_per_s), InvalidBudget(clock=clock)
        self._gate = gate = Gate(client, pace, budget)
        self._poster = Poster(
            client, gate, request_timeout_s=timeout_s, history_limit=options.history_limit
        )
        self._teller = Teller(
            client, gate, request_timeout_s=timeout_s, again_s=options.tell_again_s, clock=clock
        )
        self._edits = EditPace(
            options.edit_interval_s, options.old_edit_interval_s, now=now, clock=clock
        )
        self._workers: dict[RoomId, PostWorker] = {}
        self._editors: dict[RoomId, EditWorker] = {}
        self._tasks: dict[RoomWorker, asyncio.Task[None]] = {}
        self._wanted: dict[RoomId, Batch | None] = {}
        self._wanted_editors: set[RoomId] = set()
        self._paused: set[RoomId] = set()
        self._post_refused: set[RoomId] = set()
        self._news = asyncio.Event()
        self._is_uncounted = asyncio.Event()
        self._is_draining = False

    async def run(self) -> None:
        """Work until cancelled, beginning with what the store holds.

        Raises:
            StorageError: the database could not be read at the beginning.
        """
        # What was handed over before now may be withdrawn by now: the store knows.
        self._wanted = dict.fromkeys(self._wanted)
        attachments = await self._store.attachments.find()
        self._paused = {one.room_id for one in attachments if one.pause is not None}
        self.wake(await self._store.outbox.rooms_with_work())
        with self._gate.watching():
            async with asyncio.TaskGroup() as group:
                group.create_task(self._keep_measuring(), name="measuring")
                await self._keep_working(group)

    async def _keep_working(self, group: asyncio.TaskGroup) -> None:
        while True:
            self._start_workers(group)
            try:
                async with asyncio.timeout(self._options.sweep_s):
                    await self._news.wait()
            except TimeoutError:
                await self._sweep()
            self._news.clear()

    def wake(self, rooms: Iterable[RoomId], started: Iterable[Batch] = ()) -> None:
        """Tell that there is new work in these rooms.

        ``started`` are batches among it that were stored just now: to be sent without another
        look at the store.
        """
        fresh = {batch.room_id: batch for batch in started}
        for room_id in rooms:
            batch = fresh.get(room_id)
            worker = self._workers.get(room_id)
            if worker is None:
                self._want_posts(room_id, batch)
                continue
            if batch is not None:
                worker.hand_over(batch)
            else:
                # A worker that is busy with a post does not come to see what is to be edited.
                self._wake_editor(room_id)
            worker.wake()

    def _wake_poster(self, room_id: RoomId) -> None:
        if (worker := self._workers.get(room_id)) is not None:
            worker.wake()
        else:
            self._want_posts(room_id, None)

    def _want_posts(self, room_id: RoomId, first: Batch | None) -> None:
        if not self._is_draining:
            self._wanted[room_id] = first or self._wanted.get(room_id)
            self._news.set()

    def _wake_editor(self, room_id: RoomId) -> None:
        if (editor := self._editors.get(room_id)) is not None:
            editor.wake()
        elif not self._is_draining:
            self._wanted_editors.add(room_id)
            self._news.set()

    def recheck(self, guild_id: int) -> None:
        """Tell that something about a server's rooms changed; paused ones may work again.

        Only rooms where the cache shows every permission are tried at once: a request that is
        refused again counts against the bot.
        """
        for worker in self._tasks:
            room = self._client.get_channel(worker.room_id)
            if isinstance(room, discord.abc.GuildChannel | discord.Thread):
                guild = room.guild
                if guild.id == guild_id and is_usable(room, guild.me):
                    worker.recheck()

    async def tell(self, barred: Sequence[Attachment]) -> None:
        """Tell people why nothing is posted of some objects, in each room once."""
        for room_id in dict.fromkeys(one.room_id for one in barred):
            here = [one for one in barred if one.room_id == room_id]
            reasons = [one.pause.reason for one in here if one.pause is not None]
            await self._teller.tell(room_id, reasons[0], here)

    def faults(self, rooms: Collection[RoomId] | None = None) -> dict[Kind, Fault]:
        """Return what is wrong on the way out (to these rooms)."""
        found = self._gate.faults()
        why = {
            worker.room_id: worker.not_taken
            for worker in self._tasks
            if worker.not_taken is not None and (rooms is None or worker.room_id in rooms)
        }
        if why:
            found[Kind.NOT_TAKEN] = Fault(count=len(why), said=next(iter(why.values())) or "")
        return found

    async def tell_one(self, guild_id: GuildId, people: Sequence[int], text: str) -> bool:
        """Tell the first of these people who can be reached, or the server; say whether."""
        return await self._teller.tell_one(guild_id, people, text)

    async def open_post(self, forum_id: RoomId, info: ObjectInfo) -> RoomId | str:
        """Open a post for an object in a forum; where that fails, a sentence says why."""
        forum = self._client.get_channel(forum_id)
        if not isinstance(forum, discord.ForumChannel):
            _log.warning("room %d is not there, or is no forum", forum_id)
            return "The forum is not there, or the bot cannot see it; grant it View Channel there."
        try:
            async with self._gate.passing(), asyncio.timeout(self._options.request_timeout_s):
                return RoomId((await open_post(forum, info)).id)
        except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError, Held) as error:
            _log.warning("no post could be opened in %d: %s", forum_id, type(error).__name__)
            if isinstance(error, Held):
                return "Discord takes no requests of the bot for now; it is tried again."
            said = error.text if isinstance(error, discord.HTTPException) else ""
            return f"Discord opens no post in the forum: {said or 'no answer'}"

    async def close_post(self, room_id: RoomId) -> None:
        """Take back a post that was opened for nothing; a failure is logged."""
        try:
            async with self._gate.passing(), asyncio.timeout(self._options.request_timeout_s):
                await remove_post(self._client, room_id)
        except (TimeoutError, Held) as error:
            _log.warning("post %d stays without an attachment: %s", room_id, type(error).__name__)

    async def drain(self, timeout_s: float) -> None:
        """Begin nothing more, and give what is under way so long to end.

        What has not ended by then is cut off; the store holds all that is needed to go on from
        there without losing or repeating it. discord.py sleeps out a used-up rate limit before
        it returns from the request that used it up, so a cut-off message may well be there.
        """
        self._is_draining = True
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

    def _start_workers(self, group: asyncio.TaskGroup) -> None:
        wanted, self._wanted = self._wanted, {}
        editors, self._wanted_editors = self._wanted_editors, set()
        if self._is_draining:
            return
        for room_id, first in wanted.items():
            if room_id not in self._workers:
                around = self._around(room_id, on_other=self._wake_editor)
                poster = PostWorker(around, now=self._now, first=first)
                self._begin(group, self._workers, poster)
        for room_id in editors - self._editors.keys():
            editor = EditWorker(self._around(room_id, on_other=self._wake_poster), self._edits)
            self._begin(group, self._editors, editor)

    def _begin(
        self, group: asyncio.TaskGroup, workers: dict[RoomId, _Worker], worker: _Worker
    ) -> None:
        workers[worker.room_id] = worker
        name = f"room {worker.room_id}"
        self._tasks[worker] = group.create_task(self._work(worker, workers), name=name)

    def _around(self, room_id: RoomId, *, on_other: Callable[[RoomId], None]) -> Surroundings:
        delivery = Delivery(
            room_id,
            self._poster,
            self._store,
            self._metrics,
            now=self._now,
            options=self._options,
            on_stuck=self._stuck,
        )
        return Surroundings(
            room_id=room_id,
            delivery=delivery,
            store=self._store,
            on_pause=self._pause,
            on_resume=self._resume,
            on_other=on_other,
            options=self._options,
            chance=self._chance,
        )

    async def _work(self, worker: _Worker, workers: dict[RoomId, _Worker]) -> None:
        try:
            await worker.run()
        finally:
            # Without an await since the worker's last look: whoever wakes the room from here
            # on finds no worker, and a new one is started.
            del workers[worker.room_id], self._tasks[worker]
        self._is_uncounted.set()

    async def _sweep(self) -> None:
        """Look for work that nobody told of: from a lost wake-up, or another process."""
        try:
            self.wake(await self._store.outbox.rooms_with_work())
        except StorageError as error:
            _log.warning("the store could not be looked through: %s", error)
        self._is_uncounted.set()

    async def _pause(self, worker: RoomWorker, reason: str) -> None:
        room_id = worker.room_id
        if isinstance(worker, PostWorker):
            self._post_refused.add(room_id)
        reason = self._exact(room_id, reason)
        paused = await self._store.attachments.pause(room_id, reason, self._now())
        self._paused.add(room_id)
        if paused:
            _log.warning("room %d is paused: %s", room_id, reason)
            self._is_uncounted.set()
            await self._teller.tell(room_id, reason, paused)

    def _exact(self, room_id: RoomId, reason: str) -> str:
        """Return a reason that names the permissions that are missing, where the cache knows."""
        room = self._client.get_channel(room_id)
        if reason != NO_PERMISSION.reason or not isinstance(room, Room):
            return reason
        try:
            lacking = missing(room, room.guild.me)
        except discord.ClientException:
            return reason
        names = " and ".join(lacking)
        return f"The bot may not post in this room; grant it {names} there." if lacking else reason

    async def _resume(self, worker: RoomWorker) -> None:
        room_id = worker.room_id
        if isinstance(worker, PostWorker):
            self._post_refused.discard(room_id)
        # That a message can be edited does not say that another can be posted.
        if room_id in self._paused and room_id not in self._post_refused:
            await self._store.attachments.resume(room_id)
            self._paused.discard(room_id)
            _log.info("room %d is not paused any more", room_id)
            self._is_uncounted.set()

    async def _stuck(self, batch: Batch) -> None:
        held = await self._store.attachments.find(room_id=batch.room_id)
        await self._teller.tell_of_stuck(batch.room_id, batch.message_id or 0, held)

    async def _keep_measuring(self) -> None:
        while True:
            await self._is_uncounted.wait()
            self._is_uncounted.clear()
            await self._measure()
            await asyncio.sleep(self._options.measure_s)

    async def _measure(self) -> None:
        try:
            counts = await self._store.upkeep.counts()
        except StorageError as error:
            _log.debug("the store could not be counted: %s", error)
            return
        self._metrics.outbox(counts.pending)
        self._metrics.rooms_paused(counts.paused_rooms)
