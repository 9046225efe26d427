"""Everything that brings news in: realtime, readings and timers, joined."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TypeAlias

from ..api import WorkspaceClient
from ..domain.barring import KEEP_GONE
from ..domain.model import Attachment, CommentId, ObjectId
from ..domain.series import samples_in
from ..metrics import Metrics
from ..realtime import RealtimeClient
from ..storage import Drafting, Store
from .book import Service
from .channels import AfterLookUps, Channels
from .comments import CommentReadings
from .confirming import Confirming
from .feed import Feed
from .intake import Intake, Wake
from .listener import Listener
from .objects import Objects
from .options import BridgeOptions
from .reader import Room
from .readings import Readings
from .rumours import Rumours
from .schedule import Schedule
from .watching import Watch
from .witness import Witness

_log = logging.getLogger("twentythree.intake")

# It is there within seconds, where it is.
_CONNECTING = timedelta(seconds=10)
# How long a delivered message can still be edited or asked about.
_KEEP = timedelta(days=7)


Tell: TypeAlias = Callable[[Sequence[Attachment]], Awaitable[None]]
"""Tells people, once, of attachments of which nothing is posted from now on."""


async def tell_nobody(_: Sequence[Attachment]) -> None:
    """Tell nobody."""


class News:
    """What runs behind the bridge, and what it knows meanwhile.

    Attributes:
        objects: the attached objects.
        channels: what they are listened to on.
        readings: reads one object.
        rumours: what realtime alone has told.
        connected_since: when realtime came, while it works.
        witness: knows at which level objects were read.
        last_event_at: when something last happened on any object.
    """

    def __init__(
        self,
        store: Store,
        api: WorkspaceClient,
        make_client: Callable[[str], RealtimeClient],
        metrics: Metrics,
        *,
        wake: Wake,
        draft: Drafting | None,
        options: BridgeOptions,
        budget: Room,
        now: Callable[[], datetime],
        tell: Tell = tell_nobody,
    ) -> None:
        self._store = store
        self._metrics = metrics
        self._tell = tell
        self._options = options
        self._now = now
        self.objects = Objects()
        self.connected_since: datetime | None = None
        self._lost_at: datetime | None = None
        self._wanted_at: datetime | None = None
        self._is_there = asyncio.Event()
        self.last_event_at: datetime | None = None
        self._listener = Listener(make_client, self)
        self.channels = Channels(
            self.objects, api, store, self._listener, options=options, budget=budget
        )
        # Counts what was taken over of attachments.
        self._taken = 0
        self.rumours = Rumours(
            now,
            confirm_s=options.confirm_s,
            again_s=options.again_s,
            verifies=options.verifies,
        )
        self._intake = Intake(
            store,
            metrics,
            self.rumours,
            hint=self._hint,
            wake=wake,
            draft=draft,
            noted=self._note_event,
            now=now,
            hold_s=options.hold_s,
            same_broadcast=timedelta(seconds=options.same_broadcast_s),
        )
        self._watch = Watch(api, store, self._intake, wake=wake, now=now, every_s=options.watch_s)
        self.witness = witness = Witness(api, store)
        self._confirming = Confirming(
            api, store, self._intake, witness=witness, rumours=self.rumours, budget=budget
        )
        comments = CommentReadings(api, store, self._intake, witness, now=now)
        feed = Feed(store, comments)
        self.readings = Readings(
            api,
            store,
            self._intake,
            comments,
            common_top=lambda: feed.top,
            wake=wake,
            turned=self._turned,
            now=now,
        )
        self._schedule = Schedule(
            self.objects,
            self._intake,
            self.readings,
            feed,
            self.channels,
            options=options,
            budget=AfterLookUps(budget, self.channels),
            now=now,
        )

    async def run(self) -> None:
        """Bring news in until cancelled."""
        await self.channels.recall()
        await self._take_all()
        self.missed()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.channels.run(), name="channels")
            tasks.create_task(self._schedule.run(), name="readings")
            tasks.create_task(self._listener.run(), name="realtime")
            tasks.create_task(self._intake.run(), name="intake")
            tasks.create_task(self._confirming.run(), name="confirming")
            tasks.create_task(self._watch.run(), name="live events")
            tasks.create_task(self._prune(), name="pruning")

    async def refresh(self, object_id: ObjectId) -> None:
        """Take over what the store holds of one object's attachments."""
        self._take(object_id, await self._store.attachments.find(object_id=object_id))
        self._schedule.changed()
        self.channels.listen()

    async def _take_all(self) -> None:
        """Take over all that the store holds, at once."""
        before, held = -1, list[Attachment]()
        # What was changed while it was read is read again.
        while before != self._taken:
            before, held = self._taken, await self._store.attachments.find()
        by_object: dict[ObjectId, list[Attachment]] = {}
        for one in held:
            by_object.setdefault(one.object.object_id, []).append(one)
        for object_id, mine in by_object.items():
            self._take(object_id, mine)
        self._schedule.changed()
        self.channels.listen()

    def _take(self, object_id: ObjectId, held: Sequence[Attachment]) -> None:
        self._taken += 1
        known = self.objects.set(object_id, held)
        self._wanted_at = (self._wanted_at or self._now()) if len(self.objects) else None
        if known is None:
            self._schedule.forget(object_id)
            self.channels.forget(object_id)
            self.rumours.forget(object_id)
        else:
            self.channels.take(known)

    async def _turned(self, object_id: ObjectId, barred: Sequence[Attachment]) -> None:
        """Read what is public now, or not any more, for other rooms than before."""
        await self.refresh(object_id)
        self.ask(object_id)
        await self._tell(barred)

    def ask(self, object_id: ObjectId) -> None:
        """Have an object read as soon as may be."""
        self._schedule.ask([object_id])

    def _hint(self, object_id: ObjectId, named: Collection[CommentId]) -> None:
        self._schedule.hint(object_id, named)

    async def _prune(self) -> None:
        """Drop what was delivered long ago; what the memory needs stays.

        Dropped is as well what servers had that removed the bot long ago.
        """
        while True:
            await self._store.upkeep.prune(self._now() - _KEEP)
            await self._forget_servers()
            await asyncio.sleep(self._options.upkeep_s)

    async def _forget_servers(self) -> None:
        forgotten, object_ids = await self._store.barred_servers.forget(self._now() - KEEP_GONE)
        for guild_id in forgotten:
            _log.warning("server %d is forgotten: it removed the bot long ago", guild_id)
        for object_id in object_ids:
            await self.refresh(object_id)

    @property
    def away_since(self) -> datetime | None:
        """When realtime went, or was looked for first, if it has been away for long enough."""
        if self.connected_since is not None or self._wanted_at is None:
            return None
        is_young = self._now() - self._wanted_at < _CONNECTING
        return self._lost_at or (None if is_young else self._wanted_at)

    async def comes_within(self, seconds: float) -> bool:
        """Wait so long for realtime, unless it is known to be away; say whether it is there."""
        if self.away_since is not None:
            return False
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._is_there.wait()
        return self._is_there.is_set()

    def misread(self, object_ids: Iterable[ObjectId]) -> int:
        """Return how many messages about these were not understood since the last that was."""
        return sum(self._intake.misread[one] for one in object_ids)

    # What the listener tells (see listener.Hearer).

    def delivered(self, channel: str, data: object) -> None:
        """Take a realtime message in."""
        self.channels.probes.hear(channel, data)
        found = self.channels.book.find(channel)
        if found is None:
            return
        object_id, service = found
        if service is Service.ANALYTICS:
            if not self.channels.book.is_double(object_id, data):
                self._watch.heard(object_id, samples_in(data, self._now()))
            return
        self._note_event(object_id)
        self._intake.deliver(object_id, service, data)

    def _note_event(self, object_id: ObjectId) -> None:
        self.last_event_at = self._now()
        if known := self.objects.get(object_id):
            known.event_at = self.last_event_at

    def refused(self, channel: str, error: str) -> None:
        """Poll instead, where the service does not let us listen."""
        known = self.channels.refused(channel)
        if known is None:
            return
        object_id = known.info.object_id
        # It is asked again and again.
        level = logging.WARNING if known.refusals == 1 else logging.DEBUG
        _log.log(level, "the realtime service refused a channel of %s: %s", object_id, error)
        self._schedule.replan([object_id])

    def subscribing(self, channels: frozenset[str]) -> None:
        """Let what comes on new channels wait for the reading that follows."""
        self._intake.hold(self.channels.book.objects_of(channels))

    def connected(self) -> None:
        """Slow the readings down."""
        self.connected_since, self._lost_at = self._now(), None
        self._is_there.set()
        self._metrics.realtime(connected=True)
        self.channels.connected()
        self._schedule.replan()

    def lost(self, reason: str) -> None:
        """Read faster until realtime is back."""
        if self.connected_since is not None:
            _log.warning("realtime is lost (%s); polling until it is back", reason)
        self.connected_since = None
        self._is_there.clear()
        self._lost_at = self._lost_at or self._now()
        self._metrics.realtime(connected=False)
        self._metrics.reconnect(_label(reason))
        self._schedule.replan()

    def missed(self, channels: frozenset[str] | None = None) -> None:
        """Read what is missing before what comes now; ``None``: of every object."""
        missing = self.objects if channels is None else self.channels.book.objects_of(channels)
        self._intake.hold(missing)
        self._schedule.ask(missing)


def _label(reason: str) -> str:
    """Return one word of a closed set for a reason that is a sentence."""
    return next((word for word in ("forgotten", "closed", "dismissed") if word in reason), "broken")
