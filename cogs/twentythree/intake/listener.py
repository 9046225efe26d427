"""The one realtime connection that all attached objects share."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Collection, Generator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import assert_never

from ..breath import Breath
from ..domain.decoding import shape
from ..domain.needs import Needs, Service, root_of, sub_channel_of
from ..domain.series import samples_in
from ..errors import LocalProtocolError, RealtimeClosedError, log_failure
from ..realtime import (
    Connected,
    Disconnected,
    Gap,
    MessageReceived,
    RealtimeClient,
    RealtimeEvent,
    SubscriptionRefused,
)
from .agenda import Agenda
from .exchange import ChannelShape
from .intake import Intake
from .objects import Objects, ObjectState
from .ports import BridgeOptions, Ports
from .turns import loop_time

_log = logging.getLogger("twentythree.intake")

# It is there within seconds, where it is.
_CONNECTING = timedelta(seconds=10)
# More different shapes than a person would read, or a hostile publisher should cost.
_MOST_SHAPES = 50
# Together well below what Discord takes as a file.
_MAX_SHAPE = 8_000


class Connection:
    """The realtime connection, as far as others ask about it.

    Attributes:
        client: at work, whether it is connected or not.
        since: when realtime came, while it works.
        lost_at: when it went, while it does not.
        asked_in_vain: how often the workspace was asked where the service is since it went.
    """

    def __init__(self) -> None:
        self.client: RealtimeClient | None = None
        self.since: datetime | None = None
        self.lost_at: datetime | None = None
        self.asked_in_vain = 0
        self._is_there = asyncio.Event()

    @property
    def is_connected(self) -> bool:
        """Whether messages can come now."""
        return self.client is not None and self.client.connected

    def standing(self, channels: Collection[str]) -> frozenset[str]:
        """Return those of the channels on which messages can come now."""
        if self.client is None or not self.client.connected:
            return frozenset()
        return self.client.standing(channels)

    def serves(self, state: ObjectState, needs: Needs) -> bool:
        """Tell whether realtime carries this of an object now: all of its channels stand."""
        if not (self.is_connected and state.has_channels_for(needs)):
            return False
        wanted = state.channels_for(needs)
        return len(self.standing(wanted)) == len(wanted)

    def came(self, now: datetime) -> None:
        """Note that realtime works."""
        self.since, self.lost_at, self.asked_in_vain = now, None, 0
        self._is_there.set()

    def went(self, now: datetime) -> None:
        """Note that it does not."""
        self.since, self.lost_at = None, self.lost_at or now
        self._is_there.clear()

    def away_since(self, wanted_since: datetime | None, now: datetime) -> datetime | None:
        """Return when realtime went, or was looked for first, if it is away for long enough."""
        if self.since is not None or wanted_since is None:
            return None
        is_young = now - wanted_since < _CONNECTING
        return self.lost_at or (None if is_young else wanted_since)

    async def comes_within(self, seconds: float) -> bool:
        """Wait so long for realtime; say whether it is there."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._is_there.wait()
        return self._is_there.is_set()


class Probe:
    """What was heard under some root channels: sub-channels and shapes, never values."""

    def __init__(self, roots: frozenset[str]) -> None:
        self.roots = roots
        self._heard: Counter[tuple[str, str]] = Counter()

    def hear(self, channel: str, data: object) -> None:
        """Note a message if it is under one of the roots."""
        if root_of(channel) not in self.roots:
            return
        key = (sub_channel_of(channel), shape(data, _MAX_SHAPE))
        if key in self._heard or len(self._heard) < _MOST_SHAPES:
            self._heard[key] += 1

    def shapes(self) -> list[ChannelShape]:
        """Return what was heard, by sub-channel."""
        return [
            ChannelShape(sub_channel=sub_channel, shape=seen, count=count)
            for (sub_channel, seen), count in sorted(self._heard.items())
        ]


class Listener:
    """Keeps the connection and the set of channels listened to, and hands on what it hears.

    Args:
        ports: makes the client; counts losses; knows the time.
        objects: whose channels these are.
        agenda: told what is to be read.
        intake: takes messages.
        options: how patient it is.

    Attributes:
        connection: what can be said of the connection.
    """

    def __init__(
        self,
        ports: Ports,
        objects: Objects,
        agenda: Agenda,
        intake: Intake,
        options: BridgeOptions,
    ) -> None:
        self._make = ports.realtime
        self._metrics = ports.metrics
        self._now = ports.clock.now
        self._objects = objects
        self._agenda = agenda
        self._intake = intake
        self._dismissed_s = options.dismissed_s
        self._verdict_s = options.verdict_s
        self.connection = Connection()
        self._probes: list[Probe] = []
        self._url: str | None = None
        self._moved_at = float("-inf")
        self._channels: frozenset[str] = frozenset()
        # What is to be asked for again.
        self._refused: frozenset[str] = frozenset()
        self._changed = asyncio.Event()

    @property
    def has_address(self) -> bool:
        """Whether it is known where the service is."""
        return self._url is not None

    @contextmanager
    def listening(self, roots: Collection[str]) -> Generator[Probe]:
        """Collect all that comes under some roots while the context is open."""
        probe = Probe(frozenset(roots))
        self._probes.append(probe)
        self._changed.set()
        try:
            yield probe
        finally:
            self._probes.remove(probe)
            self._changed.set()

    def ask_again(self, channels: Collection[str]) -> None:
        """Ask for channels again that were refused."""
        self._refused |= frozenset(channels)
        self._changed.set()

    def want(self, url: str | None, channels: frozenset[str]) -> None:
        """Set the service's address and the channels of all objects."""
        if url is not None and url != self._url and self._may_move():
            # One service for all workspaces: a second address is not a second connection.
            self._url, self._moved_at = url, loop_time()
            self._changed.set()
        if channels != self._channels or self.connection.client is None:
            self._channels = channels
            self._changed.set()

    def _may_move(self) -> bool:
        """Whether to believe another address: objects that name two must not make it flap."""
        is_recent = loop_time() - self._moved_at < self._dismissed_s
        return not (self.connection.is_connected and is_recent)

    def _wanted(self) -> frozenset[str]:
        """Return the channels of all objects, and everything under the roots of the probes."""
        return self._channels.union(f"{root}/**" for one in self._probes for root in one.roots)

    async def run(self) -> None:
        """Listen until cancelled; the connection is made when the first channel is known."""
        try:
            await self._keep_listening()
        finally:
            # The work may begin anew.
            if self.connection.since is not None:
                self.connection.went(self._now())
                self._metrics.realtime(connected=False)

    async def _keep_listening(self) -> None:
        while True:
            while self._url is None or not self._wanted():
                self._changed.clear()
                await self._changed.wait()
            url = self._url
            try:
                await self._connect(url)
                if self.connection.since is not None:
                    self._lost("it is left for another address")
            except* RealtimeClosedError as closed:
                _log.warning("%s Next try in %.0f s.", closed.exceptions[0], self._dismissed_s)
                self._lost("dismissed")
            except* LocalProtocolError as mistaken:
                _log.warning("No realtime: %s", mistaken.exceptions[0])
                self._lost("it has no address")
            # A group of tasks that ends by an error forgets that it is cancelled meanwhile.
            if (this := asyncio.current_task()) is not None and this.cancelling():
                raise asyncio.CancelledError
            with suppress(TimeoutError):
                async with asyncio.timeout(self._dismissed_s):
                    while self._url == url:
                        self._changed.clear()
                        await self._changed.wait()

    async def _connect(self, url: str) -> None:
        """Listen until the service ends it, or has moved."""
        async with self._make(url) as client, asyncio.TaskGroup() as tasks:
            self.connection.client = client
            helpers = [tasks.create_task(self._listen(client), name="realtime")]
            try:
                await self._follow(client, url, tasks, helpers)
            finally:
                self.connection.client = None
                for helper in helpers:
                    helper.cancel()

    async def _listen(self, client: RealtimeClient) -> None:
        breath = Breath()
        # What waits already comes without a wait between.
        async for event in client:
            self._hear(event)
            await breath.take()

    async def _follow(
        self,
        client: RealtimeClient,
        url: str,
        tasks: asyncio.TaskGroup,
        helpers: list[asyncio.Task[None]],
    ) -> None:
        """Keep the client's subscriptions equal to the channels wanted."""
        current: frozenset[str] = frozenset()
        while self._url == url:
            self._changed.clear()
            wanted = self._wanted()
            if gone := current - wanted:
                await client.unsubscribe(gone)
            if new := wanted - current:
                # What comes on them waits for the reading that follows.
                self._intake.hold(self._objects.all_behind(new))
            again, self._refused = self._refused & wanted, frozenset()
            if asked := new | again:
                # Its end may be long in coming, where the service is away.
                helpers[1:] = [helper for helper in helpers[1:] if not helper.done()]
                helpers.append(tasks.create_task(self._subscribe(client, asked)))
                await asyncio.wait(helpers[-1:], timeout=self._verdict_s)
            current = wanted
            await self._changed.wait()

    async def _subscribe(self, client: RealtimeClient, channels: frozenset[str]) -> None:
        accepted = await client.subscribe_confirmed(channels)
        # What came between the last reading and the subscription must be read.
        if accepted:
            self._missed(accepted)

    def _hear(self, event: RealtimeEvent) -> None:
        match event:
            case MessageReceived():
                self._delivered(event.channel, event.data)
            case SubscriptionRefused():
                self._was_refused(event)
            case Connected():
                _log.info("realtime works%s", " again" if event.resumed else "")
                self._came()
            case Disconnected():
                self._lost(event.reason)
            case Gap():
                self._missed(event.channels)
            case _:
                assert_never(event)

    def _delivered(self, channel: str, data: object) -> None:
        for probe in self._probes:
            probe.hear(channel, data)
        found = self._objects.behind(channel)
        for state, service in found:
            if service is not Service.ANALYTICS:
                state.event_at = self._now()
            if len(found) > 1:
                # Whose news it is the workspace alone can tell.
                self._agenda.hint(state.object_id)
            elif service is not Service.ANALYTICS:
                self._deliver(state, service, data)
            elif not state.is_double(data):
                state.heard.extend(samples_in(data, self._now()))

    def _deliver(self, state: ObjectState, service: Service, data: object) -> None:
        try:
            self._intake.deliver(state, service, data)
        except Exception as error:  # noqa: BLE001 - supervision: one message ends no listening
            log_failure(_log, f"a message about {state.object_id} could not be taken", error)
            self._agenda.hint(state.object_id)

    def _was_refused(self, event: SubscriptionRefused) -> None:
        """Have it asked for again later, and the object read meanwhile."""
        for state, _ in self._objects.behind(event.channel):
            # It is asked again and again.
            level = logging.DEBUG if state.refusals > 1 else logging.WARNING
            _log.log(
                level,
                "the realtime service refused a channel of %s: %s",
                state.object_id,
                event.error,
            )
            state.refusals = state.refusals or 1
            self._agenda.replan([state.object_id])

    def _came(self) -> None:
        """Have the readings slow down, and what is refused in the new session asked for again."""
        self.connection.came(self._now())
        self._metrics.realtime(connected=True)
        self._agenda.replan()

    def _lost(self, reason: str) -> None:
        """Have the readings go faster until realtime is back."""
        if self.connection.since is not None:
            _log.warning("realtime is lost (%s); polling until it is back", reason)
        self.connection.went(self._now())
        self._metrics.realtime(connected=False)
        self._metrics.reconnect(_label(reason))
        self._agenda.replan()

    def _missed(self, channels: Collection[str] | None) -> None:
        """Have what is missing read before what comes now; ``None``: of every object."""
        missing = self._objects if channels is None else self._objects.all_behind(channels)
        self._intake.hold(missing)
        self._agenda.ask(missing)


def _label(reason: str) -> str:
    """Return one word of a closed set for a reason that is a sentence."""
    return next((word for word in ("forgotten", "closed", "dismissed") if word in reason), "broken")
