"""Live events by the minute: who is watching, what is written, and the recording afterwards.

Realtime tells when a broadcast begins and ends, as far as it works; nothing tells how many watch.
So an event that is on air, or has only just ended, is looked at by itself, whatever the readings
do; one that has ended is looked at for its recording, ever more rarely, for two days.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime

from ..api import WorkspaceClient
from ..domain.model import ObjectId, RoomId, Source
from ..domain.series import Sample
from ..domain.watching import is_recording_due, is_watched
from ..errors import WorkspaceError
from ..storage import LiveEvent, Store
from .intake import Intake

_log = logging.getLogger("twentythree.intake")

_AT_ONCE = 4
# More than a day of minutes; older ones are dropped.
_MOST_HEARD = 1_500


class Watch:
    """Looks at the live events that need it, every so often.

    Args:
        api: the workspace.
        store: states, samples and recordings.
        intake: takes what was seen.
        wake: tells the rooms that there is work.
        now: the time, aware.
        every_s: seconds between two rounds.
    """

    def __init__(
        self,
        api: WorkspaceClient,
        store: Store,
        intake: Intake,
        *,
        wake: Callable[[Iterable[RoomId]], None],
        now: Callable[[], datetime],
        every_s: float,
    ) -> None:
        self._api = api
        self._store = store
        self._intake = intake
        self._wake = wake
        self._now = now
        self._every_s = every_s
        # When each event's recording was last sought.
        self._sought: dict[ObjectId, datetime] = {}
        self._heard: dict[ObjectId, deque[Sample]] = {}

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(self._every_s)

    def heard(self, object_id: ObjectId, samples: Iterable[Sample]) -> None:
        """Take what realtime told of viewers, in any order; it is stored with the next round."""
        self._heard.setdefault(object_id, deque(maxlen=_MOST_HEARD)).extend(samples)

    async def look(self) -> None:
        """Look once at each event that needs it; one that fails does so alone."""
        heard, self._heard = self._heard, {}
        for object_id, samples in heard.items():
            await self._store.broadcasts.fill_samples(object_id, samples)
        self._wake(await self._store.programmes.keep(self._now()))
        events = await self._store.broadcasts.live_events()
        there = {event.info.object_id for event in events}
        self._sought = {one: at for one, at in self._sought.items() if one in there}
        turns = asyncio.Semaphore(_AT_ONCE)

        async def take_turn(event: LiveEvent) -> None:
            async with turns:
                await self._look_at(event)

        async with asyncio.TaskGroup() as tasks:
            for event in events:
                if is_watched(event.state, self._now()) or self._is_due(event):
                    tasks.create_task(take_turn(event), name="live event")

    async def _look_at(self, event: LiveEvent) -> None:
        try:
            if is_watched(event.state, self._now()):
                await self._sample(event.info.object_id)
            else:
                await self._seek_recording(event)
        except WorkspaceError as error:
            # The readings of the object meet the same failure, and tell of it.
            _log.debug("a look at %s failed: %s", event.info.object_id, error)

    async def _sample(self, object_id: ObjectId) -> None:
        seen = await self._api.live(object_id)
        await self._intake.ingest_live(seen, Source.RECONCILE)
        if not seen.is_broadcasting:
            return
        page = await self._api.comments(object_id, size=1)
        sample = Sample(at=self._now(), viewers=seen.viewers_now, comments=page.total)
        await self._store.broadcasts.add_sample(object_id, sample)

    async def _seek_recording(self, event: LiveEvent) -> None:
        object_id, state = event.info.object_id, event.state
        self._sought[object_id] = self._now()
        found = await self._api.listing.recording(object_id, state)
        if found is not None:
            self._wake(
                await self._store.broadcasts.set_recording(object_id, state.broadcast, found.url)
            )

    def _is_due(self, event: LiveEvent) -> bool:
        sought = self._sought.get(event.info.object_id)
        return is_recording_due(event.state, sought, self._now())
