"""The one realtime connection that all attached objects share."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Protocol, assert_never

from ..breath import Breath
from ..errors import LocalProtocolError, RealtimeClosedError
from ..realtime import (
    Connected,
    Disconnected,
    Gap,
    MessageReceived,
    RealtimeClient,
    RealtimeEvent,
    SubscriptionRefused,
)

_log = logging.getLogger("twentythree.intake")

# How long to leave a service alone that told us to go away (advice "none").
_DISMISSED_S = 300.0
# How long new channels may hold up the next change of the set.
_VERDICT_S = 30.0


class Hearer(Protocol):
    """Whoever is told what the listener hears. All calls are synchronous and quick."""

    def delivered(self, channel: str, data: object) -> None:
        """A message came on a channel."""

    def refused(self, channel: str, error: str) -> None:
        """The service does not let us listen to a channel."""

    def subscribing(self, channels: frozenset[str]) -> None:
        """These are about to be listened to; what came on them before must be read first."""

    def connected(self) -> None:
        """The connection works; all channels are being listened to."""

    def lost(self, reason: str) -> None:
        """The connection is gone; it is being made anew."""

    def missed(self, channels: frozenset[str] | None = None) -> None:
        """Messages of these channels, or of any, may have been missed."""


class Listener:
    """Keeps the connection and the set of channels listened to.

    Args:
        make: returns a client for the address of the service.
        hearer: told of everything that is heard.
        dismissed_s: pause after the service told the client to go away, and between two changes
            of the address while the connection works, in seconds.
        verdict_s: how long to wait for the service's answer to new channels, in seconds.
    """

    def __init__(
        self,
        make: Callable[[str], RealtimeClient],
        hearer: Hearer,
        *,
        dismissed_s: float = _DISMISSED_S,
        verdict_s: float = _VERDICT_S,
    ) -> None:
        self._make = make
        self._hearer = hearer
        self._dismissed_s = dismissed_s
        self._verdict_s = verdict_s
        self._url: str | None = None
        self._moved_at = float("-inf")
        self._channels: frozenset[str] = frozenset()
        # What is to be asked for again.
        self._refused: frozenset[str] = frozenset()
        self._changed = asyncio.Event()
        self._client: RealtimeClient | None = None

    @property
    def has_address(self) -> bool:
        """Whether it is known where the service is."""
        return self._url is not None

    @property
    def is_connected(self) -> bool:
        """Whether messages can come now."""
        return self._client is not None and self._client.connected

    def standing(self, channels: Collection[str]) -> frozenset[str]:
        """Return those of the channels on which messages can come now."""
        if self._client is None or not self._client.connected:
            return frozenset()
        return self._client.standing(channels)

    def ask_again(self, channels: Collection[str]) -> None:
        """Ask for channels again that were refused."""
        self._refused |= frozenset(channels)
        self._changed.set()

    def want(self, url: str | None, channels: frozenset[str]) -> None:
        """Set the service's address and all channels to listen to."""
        if url is not None and url != self._url and self._may_move():
            # One service for all workspaces: a second address is not a second connection.
            self._url, self._moved_at = url, time.monotonic()
            self._changed.set()
        if channels != self._channels or self._client is None:
            self._channels = channels
            self._changed.set()

    def _may_move(self) -> bool:
        """Whether to believe another address: objects that name two must not make it flap."""
        return not self.is_connected or time.monotonic() - self._moved_at >= self._dismissed_s

    async def run(self) -> None:
        """Listen until cancelled; the connection is made when the first channel is known."""
        while True:
            while self._url is None or not self._channels:
                self._changed.clear()
                await self._changed.wait()
            url = self._url
            try:
                await self._connect(url)
            except* RealtimeClosedError as closed:
                _log.warning("%s Next try in %.0f s.", closed.exceptions[0], self._dismissed_s)
                self._hearer.lost("dismissed")
            except* LocalProtocolError as mistaken:
                _log.warning("No realtime: %s", mistaken.exceptions[0])
                self._hearer.lost("it has no address")
            with suppress(TimeoutError):
                async with asyncio.timeout(self._dismissed_s):
                    while self._url == url:
                        self._changed.clear()
                        await self._changed.wait()

    async def _connect(self, url: str) -> None:
        """Listen until the service ends it, or has moved."""
        async with self._make(url) as client, asyncio.TaskGroup() as tasks:
            self._client = client
            helpers = [tasks.create_task(self._listen(client), name="realtime")]
            try:
                await self._follow(client, url, tasks, helpers)
            finally:
                self._client = None
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
            wanted = self._channels
            if gone := current - wanted:
                await client.unsubscribe(gone)
            if new := wanted - current:
                self._hearer.subscribing(new)
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
            self._hearer.missed(accepted)

    def _hear(self, event: RealtimeEvent) -> None:
        match event:
            case MessageReceived():
                self._hearer.delivered(event.channel, event.data)
            case SubscriptionRefused():
                self._hearer.refused(event.channel, event.error)
            case Connected():
                _log.info("realtime works%s", " again" if event.resumed else "")
                self._hearer.connected()
            case Disconnected():
                self._hearer.lost(event.reason)
            case Gap():
                self._hearer.missed(event.channels)
            case _:
                assert_never(event)
