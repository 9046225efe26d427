"""Everything that brings news in: realtime, readings and timers, joined."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from ..api import WorkspaceClient
from ..metrics import Metrics
from ..realtime import RealtimeClient
from ..relay.analytics import samples_in
from ..relay.barring import KEEP_GONE
from ..relay.model import Attachment, CommentId, ObjectId
from ..storage import Drafting, Store
from .book import ChannelBook, Needs, Service
from .comments import CommentReadings
from .confirming import Confirming
from .diagnosis import Probes
from .feed import Feed
from .intake import Intake, Wake
from .listener import Listener
from .objects import Known, Objects
from .options import BridgeOptions
from .reader import Room
from .readings import Readings
from .rumours import Rumours
from .schedule import Schedule, loop_time
from .watching import Watch
from .witness import Witness

_log = logging.getLogger("twentythree.bridge")

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
        book: their channels.
        probes: the diagnoses under way.
        readings: reads one object.
        rumours: what realtime alone has told.
        connected_since: when realtime came, while it works.
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
        self.book = ChannelBook(options.analytics)
        self.probes = Probes()
        self.connected_since: datetime | None = None
        self.last_event_at: datetime | None = None
        self._listener = Listener(make_client, self)
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
        witness = Witness(api, store)
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
            look_up=self._look_up,
            is_known=self._is_known,
            is_served=self.is_served,
            options=options,
            budget=budget,
            now=now,
        )

    async def run(self) -> None:
        """Bring news in until cancelled."""
        for attachment in await self._store.attachments():
            if self.objects.get(attachment.object.object_id) is None:
                await self.refresh(attachment.object.object_id)
        self.missed()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._schedule.run(), name="readings")
            tasks.create_task(self._listener.run(), name="realtime")
            tasks.create_task(self._intake.run(), name="intake")
            tasks.create_task(self._confirming.run(), name="confirming")
            tasks.create_task(self._watch.run(), name="live events")
            tasks.create_task(self._prune(), name="pruning")

    async def refresh(self, object_id: ObjectId) -> None:
        """Take over what the store holds of one object's attachments."""
        known = self.objects.set(object_id, await self._store.attachments(object_id=object_id))
        address = self.book.address(object_id)
        if known is None:
            self._schedule.forget(object_id)
            self.book.forget(object_id)
            self.rumours.forget(object_id)
        elif address is not None:
            self.book.learn(object_id, address, known.needs)
        self._schedule.changed()
        self.listen()

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
            await self._store.prune(self._now() - _KEEP)
            await self._forget_servers()
            await asyncio.sleep(self._options.upkeep_s)

    async def _forget_servers(self) -> None:
        forgotten, object_ids = await self._store.forget_servers(self._now() - KEEP_GONE)
        for guild_id in forgotten:
            _log.warning("server %d is forgotten: it removed the bot long ago", guild_id)
        for object_id in object_ids:
            await self.refresh(object_id)

    async def _look_up(self, known: Known) -> None:
        """Find the object's channels where realtime does not serve it yet."""
        object_id = known.info.object_id
        # Each time in vain, it is twice as long until the next.
        wait_s = self._options.reconcile_s * 2.0 ** min(max(0, known.lookups - 1), 10)
        is_recent = loop_time() - known.looked_up < min(wait_s, self._options.upkeep_s)
        if is_recent or self._is_known(known):
            return
        known.looked_up, known.lookups = loop_time(), known.lookups + 1
        found = await self.readings.address(known)
        if found is None:
            # Not asked and answered: the next reading asks again.
            known.looked_up, known.lookups = float("-inf"), 0
        # It may have been detached meanwhile.
        elif self.objects.get(object_id) is known:
            self.book.learn(object_id, found.address, known.needs)
            self.listen(found.url)

    def _is_known(self, known: Known) -> bool:
        return self.book.serves(known.info.object_id, known.needs)

    def listen(self, url: str | None = None) -> None:
        """Listen to what the book and the probes want, and to nothing else."""
        channels = self.book.channels() | self.probes.patterns()
        self._listener.want(self._options.realtime_url or url, channels)

    def is_served(self, known: Known) -> bool:
        """Tell whether realtime carries all that is asked for of an object now."""
        return self.serves(known.info.object_id, known.needs)

    def serves(self, object_id: ObjectId, needs: Needs) -> bool:
        """Tell whether realtime carries this of an object now."""
        return self._listener.is_connected and self.book.serves(object_id, needs)

    # What the listener tells (see listener.Hearer).

    def delivered(self, channel: str, data: object) -> None:
        """Take a realtime message in."""
        self.probes.hear(channel, data)
        found = self.book.find(channel)
        if found is None:
            return
        object_id, service = found
        if service is Service.ANALYTICS:
            if not self.book.is_double(object_id, data):
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
        object_id = self.book.refuse(channel)
        if object_id is not None:
            _log.warning("the realtime service refused a channel of %s: %s", object_id, error)
            self._schedule.replan()

    def subscribing(self, channels: frozenset[str]) -> None:
        """Let what comes on new channels wait for the reading that follows."""
        self._intake.hold(self.book.objects_of(channels))

    def connected(self) -> None:
        """Slow the readings down."""
        self.connected_since = self._now()
        self._metrics.realtime(connected=True)
        self._schedule.replan()

    def lost(self, reason: str) -> None:
        """Read faster until realtime is back."""
        if self.connected_since is not None:
            _log.warning("realtime is lost (%s); polling until it is back", reason)
        self.connected_since = None
        self._metrics.realtime(connected=False)
        self._metrics.reconnect(_label(reason))
        self._schedule.replan()

    def missed(self, channels: frozenset[str] | None = None) -> None:
        """Read what is missing before what comes now; ``None``: of every object."""
        missing = self.objects if channels is None else self.book.objects_of(channels)
        self._intake.hold(missing)
        self._schedule.ask(missing)


def _label(reason: str) -> str:
    """Return one word of a closed set for a reason that is a sentence."""
    return next((word for word in ("forgotten", "closed", "dismissed") if word in reason), "broken")
