"""Everything that brings news in: realtime, readings and timers, joined."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..api import WorkspaceClient
from ..metrics import Metrics
from ..realtime import RealtimeClient
from ..relay.analytics import samples_in
from ..relay.model import ObjectId
from ..storage import Drafting, Store
from .book import Analytics, ChannelBook, Service
from .diagnosis import Probes
from .intake import Intake, Wake
from .listener import Listener
from .objects import Known, Objects
from .reader import Reader
from .readings import Readings
from .watching import Watch

_log = logging.getLogger("twentythree.bridge")

# How long a delivered message can still be edited or asked about.
_KEEP = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeOptions:
    """Times in seconds.

    ``reconcile_s``: between readings of an object that realtime serves; ``poll_s``: of one that
    it does not; ``upkeep_s``: between looks at an object's title, and between prunings.
    ``hold_s``: the longest that realtime waits for the reading after a gap; ``held_s``: until
    that reading is made again where it failed. ``watch_s``: between looks at a live event that is
    on air. ``follow_s``: between looks for what follows attach.
    ``same_broadcast_s``: what begins so soon after an end is the same broadcast. ``analytics``:
    where to hear of viewers, if anywhere. ``realtime_url`` overrides the address that the
    workspace names.
    """

    reconcile_s: float = 300.0
    poll_s: float = 15.0
    upkeep_s: float = 3_600.0
    hold_s: float = 5.0
    held_s: float = 1.0
    watch_s: float = 60.0
    follow_s: float = 120.0
    same_broadcast_s: float = 180.0
    analytics: Analytics | None = None
    realtime_url: str | None = None


class News:
    """What runs behind the bridge, and what it knows meanwhile.

    Attributes:
        objects: the attached objects.
        book: their channels.
        probes: the diagnoses under way.
        readings: reads one object.
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
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._metrics = metrics
        self._options = options
        self._now = now
        self.objects = Objects()
        self.book = ChannelBook(options.analytics)
        self.probes = Probes()
        self.connected_since: datetime | None = None
        self.last_event_at: datetime | None = None
        self._listener = Listener(make_client, self)
        self._reader = Reader(self._read, self._interval, clock=_loop_time)
        self._intake = Intake(
            store,
            metrics,
            hint=self._reader.ask,
            wake=wake,
            draft=draft,
            noted=self._note_event,
            now=now,
            hold_s=options.hold_s,
            same_broadcast=timedelta(seconds=options.same_broadcast_s),
        )
        self._watch = Watch(api, store, self._intake, wake=wake, now=now, every_s=options.watch_s)
        self.readings = Readings(api, store, self._intake, wake=wake, now=now)

    async def run(self) -> None:
        """Bring news in until cancelled."""
        for attachment in await self._store.attachments():
            if self.objects.get(attachment.object.object_id) is None:
                await self.refresh(attachment.object.object_id)
        self.missed()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._reader.run(), name="readings")
            tasks.create_task(self._listener.run(), name="realtime")
            tasks.create_task(self._intake.run(), name="intake")
            tasks.create_task(self._watch.run(), name="live events")
            tasks.create_task(self._prune(), name="pruning")

    async def refresh(self, object_id: ObjectId) -> None:
        """Take over what the store holds of one object's attachments."""
        known = self.objects.set(object_id, await self._store.attachments(object_id=object_id))
        address = self.book.address(object_id)
        if known is None:
            self._reader.forget(object_id)
            self.book.forget(object_id)
        elif address is not None:
            self.book.learn(object_id, address, known.needs)
        self.listen()

    def ask(self, object_id: ObjectId) -> None:
        """Have an object read as soon as may be."""
        self._reader.ask([object_id])

    async def _prune(self) -> None:
        """Drop what was delivered long ago; what the memory needs stays."""
        while True:
            await self._store.prune(self._now() - _KEEP)
            await asyncio.sleep(self._options.upkeep_s)

    async def _read(self, object_id: ObjectId) -> None:
        known = self.objects.get(object_id)
        if known is None:
            self._reader.forget(object_id)
            return
        hold = self._intake.held(object_id)
        await self._look_up(known)
        if await self.readings.read(known):
            # Else what was missed is still to come, and goes first.
            self._intake.release(object_id, hold)
        # Last: it writes, and where the store is slow, comments must not wait behind a title.
        if _loop_time() - known.refreshed >= self._options.upkeep_s:
            known.refreshed = _loop_time()
            await self.readings.refresh(known)

    async def _look_up(self, known: Known) -> None:
        """Find the object's channels where realtime does not serve it yet."""
        object_id = known.info.object_id
        is_recent = _loop_time() - known.looked_up < self._options.reconcile_s
        if is_recent or self.book.serves(object_id, known.needs):
            return
        known.looked_up = _loop_time()
        found = await self.readings.address(known)
        if found is None:
            # Not asked and answered: the next reading asks again.
            known.looked_up = float("-inf")
        # It may have been detached meanwhile.
        elif self.objects.get(object_id) is known:
            self.book.learn(object_id, found.address, known.needs)
            self.listen(found.url)

    def listen(self, url: str | None = None) -> None:
        """Listen to what the book and the probes want, and to nothing else."""
        channels = self.book.channels() | self.probes.patterns()
        self._listener.want(self._options.realtime_url or url, channels)

    def _interval(self, object_id: ObjectId) -> float:
        known = self.objects.get(object_id)
        slow, fast = self._options.reconcile_s, self._options.poll_s
        # What a failed reading was to find, after a gap say, must not wait for the slow timer.
        if known is None or (self.is_served(known) and not known.failures):
            return slow
        wait_s = min(max(slow, fast), fast * 2.0 ** min(known.failures, 10))
        # It is waited for, and not for long: what is missed must come before what is new.
        return min(wait_s, self._options.held_s) if self._intake.held(object_id) else wait_s

    def is_served(self, known: Known) -> bool:
        """Tell whether realtime carries all that is asked for of an object now."""
        return self._listener.is_connected and self.book.serves(known.info.object_id, known.needs)

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
            self._reader.replan()

    def subscribing(self, channels: frozenset[str]) -> None:
        """Let what comes on new channels wait for the reading that follows."""
        self._intake.hold(self.book.objects_of(channels))

    def connected(self) -> None:
        """Slow the readings down."""
        self.connected_since = self._now()
        self._metrics.realtime(connected=True)
        self._reader.replan()

    def lost(self, reason: str) -> None:
        """Read faster until realtime is back."""
        if self.connected_since is not None:
            _log.warning("realtime is lost (%s); polling until it is back", reason)
        self.connected_since = None
        self._metrics.realtime(connected=False)
        self._metrics.reconnect(_label(reason))
        self._reader.replan()

    def missed(self, channels: frozenset[str] | None = None) -> None:
        """Read what is missing before what comes now; ``None``: of every object."""
        missing = self.objects if channels is None else self.book.objects_of(channels)
        self._intake.hold(missing)
        self._reader.ask(missing)


def _label(reason: str) -> str:
    """Return one word of a closed set for a reason that is a sentence."""
    return next((word for word in ("forgotten", "closed", "dismissed") if word in reason), "broken")


def _loop_time() -> float:
    return asyncio.get_running_loop().time()
