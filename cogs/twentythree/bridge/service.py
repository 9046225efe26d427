"""The bridge: what the slash commands call, and what runs behind them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ..api import WorkspaceClient
from ..metrics import Metrics
from ..realtime import RealtimeClient
from ..relay.model import Attachment, GuildId, Notice, ObjectId, ObjectInfo, RoomId
from ..storage import Attached, Store
from .attaching import Attaching
from .book import ChannelBook, Service
from .diagnosis import Probes
from .intake import Intake
from .listener import Listener
from .model import BridgeStatus, ChannelShape, Mode, ObjectStatus, WantedAttachment
from .objects import Known, Objects
from .reader import Reader
from .readings import Readings
from .samples import sample_notices

_log = logging.getLogger("twentythree.bridge")

# How long a delivered message can still be edited or asked about.
_KEEP = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeOptions:
    """Times in seconds.

    ``reconcile_s``: between readings of an object that realtime serves; ``poll_s``: of one that
    it does not; ``upkeep_s``: between looks at an object's title, and between prunings.
    ``hold_s``: the longest that realtime waits for the reading after a gap. ``realtime_url``
    overrides the address that the workspace names.
    """

    reconcile_s: float = 300.0
    poll_s: float = 15.0
    upkeep_s: float = 3_600.0
    hold_s: float = 5.0
    realtime_url: str | None = None


class Bridge:
    """Everything between a workspace and the outbox.

    Args:
        store: attachments, memory and outbox.
        api: the workspace.
        make_client: returns a realtime client for an address.
        metrics: what is counted.
        wake: tells the rooms that there is work.
        options: times and the address of the realtime service.
        now: the time, aware.
    """

    def __init__(
        self,
        store: Store,
        api: WorkspaceClient,
        make_client: Callable[[str], RealtimeClient],
        metrics: Metrics,
        *,
        wake: Callable[[Iterable[RoomId]], None],
        options: BridgeOptions,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._api = api
        self._metrics = metrics
        self._options = options
        self._now = now
        self._objects = Objects()
        self._book = ChannelBook()
        self._probes = Probes()
        self._connected_since: datetime | None = None
        self._last_event_at: datetime | None = None
        self._listener = Listener(make_client, self)
        self._reader = Reader(self._read, self._interval, clock=_loop_time)
        self._intake = Intake(
            store,
            metrics,
            hint=self._reader.ask,
            wake=wake,
            noted=self._note_event,
            now=now,
            hold_s=options.hold_s,
        )
        self._readings = Readings(api, store, self._intake, wake=wake, now=now)
        self._attaching = Attaching(api, store, self._readings, now=now)
        self._wake = wake

    # What runs.

    async def run(self) -> None:
        """Bring news in until cancelled."""
        for attachment in await self._store.attachments():
            if self._objects.get(attachment.object.object_id) is None:
                await self._refresh(attachment.object.object_id)
        self.missed()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._reader.run(), name="readings")
            tasks.create_task(self._listener.run(), name="realtime")
            tasks.create_task(self._intake.run(), name="intake")
            tasks.create_task(self._prune(), name="pruning")

    async def _prune(self) -> None:
        """Drop what was delivered long ago; what the memory needs stays."""
        while True:
            await self._store.prune(self._now() - _KEEP)
            await asyncio.sleep(self._options.upkeep_s)

    async def _read(self, object_id: ObjectId) -> None:
        known = self._objects.get(object_id)
        if known is None:
            self._reader.forget(object_id)
            return
        hold = self._intake.held(object_id)
        await self._look_up(known)
        if _loop_time() - known.refreshed >= self._options.upkeep_s:
            known.refreshed = _loop_time()
            await self._readings.refresh(known)
        await self._readings.read(known)
        self._intake.release(object_id, hold)

    async def _look_up(self, known: Known) -> None:
        """Find the object's channels where realtime does not serve it yet."""
        object_id = known.info.object_id
        is_recent = _loop_time() - known.looked_up < self._options.reconcile_s
        if is_recent or self._book.serves(object_id, known.needs):
            return
        known.looked_up = _loop_time()
        found = await self._readings.address(known)
        # It may have been detached meanwhile.
        if found is not None and self._objects.get(object_id) is known:
            self._book.learn(object_id, found.address, known.needs)
            self._listen(found.url)

    def _listen(self, url: str | None = None) -> None:
        channels = self._book.channels() | self._probes.patterns()
        self._listener.want(self._options.realtime_url or url, channels)

    def _interval(self, object_id: ObjectId) -> float:
        known = self._objects.get(object_id)
        slow, fast = self._options.reconcile_s, self._options.poll_s
        if known is None or self._is_served(known):
            return slow
        return min(max(slow, fast), fast * 2.0 ** min(known.failures, 10))

    def _is_served(self, known: Known) -> bool:
        return self._listener.is_connected and self._book.serves(known.info.object_id, known.needs)

    # What the listener tells (see listener.Hearer).

    def delivered(self, channel: str, data: object) -> None:
        """Take a realtime message in."""
        self._probes.hear(channel, data)
        found = self._book.find(channel)
        if found is None:
            return
        object_id, service = found
        self._note_event(object_id)
        self._intake.deliver(object_id, service, data)

    def _note_event(self, object_id: ObjectId) -> None:
        self._last_event_at = self._now()
        if known := self._objects.get(object_id):
            known.event_at = self._last_event_at

    def refused(self, channel: str, error: str) -> None:
        """Poll instead, where the service does not let us listen."""
        object_id = self._book.refuse(channel)
        if object_id is not None:
            _log.warning("the realtime service refused a channel of %s: %s", object_id, error)
            self._reader.replan()

    def subscribing(self) -> None:
        """Let what comes on new channels wait for the reading that follows."""
        self._intake.hold(self._objects)

    def connected(self) -> None:
        """Slow the readings down."""
        self._connected_since = self._now()
        self._metrics.realtime(connected=True)
        self._reader.replan()

    def lost(self, reason: str) -> None:
        """Read faster until realtime is back."""
        if self._connected_since is not None:
            _log.warning("realtime is lost (%s); polling until it is back", reason)
        self._connected_since = None
        self._metrics.realtime(connected=False)
        self._metrics.reconnect(reason)
        self._reader.replan()

    def missed(self) -> None:
        """Read everything, and what is missing before what comes now."""
        self._intake.hold(self._objects)
        self._reader.ask(self._objects)

    # What the slash commands call.

    async def find(self, object_id: ObjectId) -> ObjectInfo:
        """Return the video or live event with this ID.

        Raises:
            WorkspaceError: unknown, hidden, or the workspace is away.
        """
        return await self._api.find(object_id)

    async def search(self, text: str) -> list[ObjectInfo]:
        """Return objects whose title matches.

        Raises:
            WorkspaceError: the workspace did not answer as it should.
        """
        return await self._api.search(text)

    async def attach(self, wanted: WantedAttachment) -> Attached:
        """Attach an object to a room, or change the rules of what is attached.

        Raises:
            WorkspaceError: nothing was stored.
        """
        attached = await self._attaching.attach(wanted)
        await self._refresh(wanted.object_id)
        self._reader.ask([wanted.object_id])
        self._wake({attached.attachment.room_id, *attached.ingested.rooms})
        return attached

    async def detach(self, room_id: RoomId, object_id: ObjectId) -> Attachment | None:
        """Detach an object from a room; ``None`` where it was not attached."""
        gone = await self._store.detach(room_id, object_id)
        await self._refresh(object_id)
        return gone

    async def attachments(
        self,
        *,
        guild_id: GuildId | None = None,
        room_id: RoomId | None = None,
        object_id: ObjectId | None = None,
    ) -> list[Attachment]:
        """Return the attachments that match, oldest first."""
        return list(
            await self._store.attachments(guild_id=guild_id, room_id=room_id, object_id=object_id)
        )

    async def sample(self, object_id: ObjectId) -> list[Notice]:
        """Return sample notices for an object.

        Raises:
            WorkspaceError: unknown, hidden, or the workspace is away.
        """
        known = self._objects.get(object_id)
        info = known.info if known else await self._api.find(object_id)
        return sample_notices(info, self._now())

    async def diagnose(self, object_id: ObjectId, seconds: float) -> list[ChannelShape]:
        """Listen to all of an object's own channels and return the shapes of what came.

        Raises:
            WorkspaceError: unknown, hidden, or the workspace is away.
        """
        info = await self._api.find(object_id)
        found = await self._readings.address_of(info)
        try:
            with self._probes.listening(found.address.roots()) as probe:
                self._listen(found.url)
                await asyncio.sleep(seconds)
        finally:
            self._listen()
        return probe.shapes()

    async def status(self) -> BridgeStatus:
        """Return the state of the whole."""
        counts = await self._store.counts()
        oldest = await self._store.oldest_pending()
        errors = [known.error for known in self._objects.values() if known.error]
        return BridgeStatus(
            mode=self._mode(self._objects.values()),
            connected_since=self._connected_since,
            last_event_at=self._last_event_at,
            lag_s=None if oldest is None else (self._now() - oldest).total_seconds(),
            pending=counts.pending,
            paused_rooms=counts.paused_rooms,
            last_error=errors[-1] if errors else None,
        )

    def object_status(self, object_id: ObjectId) -> ObjectStatus:
        """Return the state of one object; ``idle`` where it is not attached."""
        known = self._objects.get(object_id)
        services: tuple[Service, ...] = self._book.services(object_id)
        return ObjectStatus(
            mode=self._mode([known] if known else []),
            channels=tuple(str(service) for service in services),
            last_event_at=known.event_at if known else None,
            last_read_at=known.read_at if known else None,
            last_error=known.error if known else None,
        )

    def _mode(self, known: Iterable[Known]) -> Mode:
        found = list(known)
        if not found:
            return Mode.IDLE
        return Mode.REALTIME if all(map(self._is_served, found)) else Mode.POLLING

    async def _refresh(self, object_id: ObjectId) -> None:
        """Take over what the store holds of one object's attachments."""
        known = self._objects.set(object_id, await self._store.attachments(object_id=object_id))
        address = self._book.address(object_id)
        if known is None:
            self._reader.forget(object_id)
            self._book.forget(object_id)
        elif address is not None:
            self._book.learn(object_id, address, known.needs)
        self._listen()


def _loop_time() -> float:
    return asyncio.get_running_loop().time()
