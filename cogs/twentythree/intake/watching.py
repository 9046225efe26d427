"""Live events by the minute: who is watching, what is written, and the recording afterwards.

Realtime tells when a broadcast begins and ends, as far as it works; nothing tells how many watch.
So an event that is on air, or has only just ended, is looked at by itself, whatever the readings
do; one that has ended is looked at for its recording, ever more rarely, for two days.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime

from ..domain.live import is_recording_due, is_watched
from ..domain.model import ObjectId, Source
from ..domain.series import Sample
from ..errors import WorkspaceError, apart
from ..storage import LiveEvent
from .intake import Intake
from .objects import Objects, ObjectState
from .ports import Ports
from .turns import loop_time

_log = logging.getLogger("twentythree.intake")

_AT_ONCE = 4


class Watch:
    """Looks at the live events that need it, every so often.

    Args:
        ports: the workspace, the store, the rooms and the clock.
        objects: what realtime told of viewers.
        intake: takes what was seen.
        every_s: seconds between two rounds.
    """

    def __init__(self, ports: Ports, objects: Objects, intake: Intake, *, every_s: float) -> None:
        self._api = ports.api
        self._store = ports.store
        self._rooms = ports.rooms
        self._now = ports.clock.now
        self._objects = objects
        self._intake = intake
        self._every_s = every_s
        # When each event's recording was last sought.
        self._sought: dict[ObjectId, datetime] = {}

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            with apart(_log, "live events could not be looked at"):
                await self.look()
            await asyncio.sleep(self._every_s)

    async def look(self) -> None:
        """Look once at each event that needs it; one that fails does so alone."""
        for state in self._objects.values():
            if state.heard:
                await self._keep_heard(state)
        self._rooms.wake(await self._store.programmes.keep(self._now()))
        events = await self._store.broadcasts.live_events()
        there = {event.info.object_id for event in events}
        self._sought = {one: at for one, at in self._sought.items() if one in there}
        turns = asyncio.Semaphore(_AT_ONCE)

        async def take_turn(event: LiveEvent) -> None:
            async with turns:
                with apart(_log, f"a look at {event.info.object_id} failed"):
                    await self._look_at(event)

        async with asyncio.TaskGroup() as tasks:
            for event in events:
                if is_watched(event.state, self._now()) or self._is_due(event):
                    tasks.create_task(take_turn(event), name="live event")

    async def _keep_heard(self, state: ObjectState) -> None:
        samples = tuple(state.heard)
        state.heard.clear()
        try:
            await self._store.broadcasts.fill_samples(state.object_id, samples)
        except BaseException:
            # Nobody tells them twice: what was caught up with least of all.
            state.heard.extendleft(reversed(samples))
            raise

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
        since = loop_time()
        seen = await self._api.live(object_id)
        await self._intake.ingest_live(seen, Source.RECONCILE, since=since)
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
            self._rooms.wake(
                await self._store.broadcasts.set_recording(object_id, state.broadcast, found.url)
            )

    def _is_due(self, event: LiveEvent) -> bool:
        sought = self._sought.get(event.info.object_id)
        return is_recording_due(event.state, sought, self._now())
