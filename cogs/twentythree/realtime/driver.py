"""Drives a session over transports: opens one, pumps it until it is lost, opens the next."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from contextlib import suppress

from ..backoff import backoff_s
from ..bayeux import (
    Connected,
    Disconnected,
    HandshakeFailed,
    MessageReceived,
    Session,
    State,
    Stopped,
    handshake,
)
from .inbox import Inbox
from .transport import LONG_POLLING, WEBSOCKET, Transport, TransportError, Transports

_LOG = logging.getLogger("twentythree.realtime")
_REFUSALS_AFTER_SUCCESS = 3
_BUSY_ALLOWED = 3
_YOUNG_ALLOWED = 5
# How long a WebSocket is left alone at least that is to come later, while polling.
_LATER_S = 10.0
# So many times as long as at first is a WebSocket left alone; with the default, 80 minutes.
_MOST_TIMES = 16
_NO_WAY = "the server offers no transport that may be used here"


class Driver:
    """The one task between a session and the network.

    What the session tells goes into ``inbox``. Within ``cross_s`` a message is to cross a WebSocket
    for which polling is given up.
    """

    def __init__(
        self,
        session: Session,
        *,
        transports: Transports,
        inbox: Inbox,
        choice: TransportChoice,
        clock: Callable[[], float],
        cross_s: float = 10.0,
    ) -> None:
        self._session = session
        self._transports = transports
        self._inbox = inbox
        self._choice = choice
        self._clock = clock
        self._cross_s = cross_s
        self._wake = asyncio.Event()
        self._kind = ""
        # A WebSocket that was opened while polling; it is the next transport.
        self._better: Transport | None = None
        self._was_opened = False
        self._is_in_trouble = False

    async def run(self) -> None:
        """Run until the session is over."""
        try:
            while not self._session.is_over:
                deadline = self._session.next_deadline()
                if deadline is None or deadline > self._clock():
                    await self._rest(deadline)
                else:
                    await self._use_a_transport()
        finally:
            await self._drop_better()

    def step(self) -> None:
        """Hand on what the session has to tell, and have its messages sent."""
        self._take_events()
        self._wake.set()

    async def _use_a_transport(self) -> None:
        self._was_opened = False
        try:
            transport = await self._next_transport()
        except TransportError as error:
            if self._session.is_over:
                return
            self._choice.failed(
                self._kind, self._clock(), is_refusal=error.is_refusal, is_busy=error.is_busy
            )
            self._session.transport_failed(self._clock(), wait_s=error.wait_s)
            self._tell_trouble(f"{self._kind} could not be opened: {error.reason}")
            return
        try:
            if self._session.is_over:
                return
            self._session.transport_opened(self._kind, self._clock())
            async with asyncio.TaskGroup() as tasks:
                helpers = [tasks.create_task(self._read(transport))]
                if self._kind == LONG_POLLING:
                    helpers.append(tasks.create_task(self._climb()))
                await self._write(transport)
                for helper in helpers:
                    helper.cancel()
        finally:
            await transport.close()
        if self._was_opened:
            self._choice.ended(self._kind, self._clock())
        elif not self._session.is_over:
            self._choice.failed(self._kind, self._clock(), is_refusal=True)
            is_fit = self._choice.is_among(self._session.server_types)
            self._tell_trouble(f"no session came about over {self._kind}" if is_fit else _NO_WAY)

    async def _next_transport(self) -> Transport:
        if self._better is not None:
            self._kind, transport, self._better = WEBSOCKET, self._better, None
            return transport
        self._kind = self._choice.pick(self._session.server_types, self._clock())
        return await self._transports.open(self._kind)

    async def _climb(self) -> None:
        """While polling, look now and then whether a WebSocket gets through, and move to it."""
        while (at := self._choice.climb_at(self._session.server_types)) is not None:
            await asyncio.sleep(max(0.0, at - self._clock()))
            try:
                self._better = await self._transports.open(WEBSOCKET)
                if not self._session.is_over:
                    await self._cross(self._better)
            except TransportError as error:
                await self._drop_better()
                is_busy = error.is_busy
                self._choice.failed(
                    WEBSOCKET, self._clock(), is_refusal=not is_busy, is_busy=is_busy
                )
                await asyncio.sleep(max(error.wait_s, _LATER_S if is_busy else 0.0))
                continue
            self._session.transport_lost("a WebSocket gets through", self._clock(), is_clean=True)
            self._wake.set()
            return

    async def _cross(self, transport: Transport) -> None:
        """Have a message cross a transport, both ways, while another is in use.

        A handshake is what every server answers; the session that it begins is left to expire.

        Raises:
            TransportError: none did.
        """
        is_crossed = asyncio.Event()
        await transport.send([handshake("climb", [WEBSOCKET])])

        def take(payload: object, _size: int) -> None:
            if isinstance(payload, list):
                is_crossed.set()

        pump = asyncio.create_task(transport.pump(take))
        crossed = asyncio.create_task(is_crossed.wait())
        try:
            await asyncio.wait(
                {pump, crossed}, timeout=self._cross_s, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            for task in (pump, crossed):
                task.cancel()
            await asyncio.gather(pump, crossed, return_exceptions=True)
        if not is_crossed.is_set():
            raise TransportError("no message crosses the WebSocket", is_refusal=True)

    async def _drop_better(self) -> None:
        better, self._better = self._better, None
        if better is not None:
            await better.close()

    async def _read(self, transport: Transport) -> None:
        try:
            await transport.pump(self._take)
        except TransportError as error:
            self._lose(error)
            self._wake.set()

    def _take(self, payload: object, size: int) -> None:
        if type(payload) is list and payload and isinstance(payload[0], MessageReceived):
            if wanted := self._session.receive_events(payload):
                self._inbox.put_all(wanted, size)
        else:
            if self._session.receive(payload, self._clock()):
                self._wake.set()
            self._take_events(size)

    async def _write(self, transport: Transport) -> None:
        """Send what is to be sent, until the session wants this transport no longer."""
        while True:
            self._session.tick(self._clock())
            try:
                for frame in self._session.messages_to_send():
                    await transport.send(frame)
            except TransportError as error:
                self._lose(error)
            self._take_events()
            if not self._session.is_attached:
                return
            await self._rest(self._session.next_deadline())

    def _lose(self, error: TransportError) -> None:
        self._tell_trouble(f"{self._kind} was lost: {error.reason}")
        self._session.transport_lost(
            error.reason,
            self._clock(),
            is_clean=error.is_clean,
            is_too_large=error.is_too_large,
            is_refusal=error.is_refusal,
            wait_s=error.wait_s,
        )

    async def _rest(self, deadline: float | None) -> None:
        """Wait until ``deadline`` or until there is something to do."""
        delay = None if deadline is None else max(0.0, deadline - self._clock())
        with suppress(TimeoutError):
            async with asyncio.timeout(delay):
                await self._wake.wait()
        self._wake.clear()

    def _take_events(self, size: int = 0) -> None:
        events = self._session.events_received()
        if not events:
            return
        for event in events:
            if isinstance(event, MessageReceived):
                continue
            match event:
                case Connected():
                    self._was_opened = True
                    self._choice.worked(self._kind, self._clock())
                    self._tell_recovery()
                case Disconnected():
                    self._tell_trouble(f"the session is not usable: {event.reason}")
                case HandshakeFailed():
                    self._tell_trouble(f"the server gave no session: {event.error}")
                case Stopped():
                    _LOG.error("the realtime service wants no reconnection: %s", event.reason)
                case _:
                    pass
        self._inbox.take(events, size)

    def _tell_trouble(self, what: str) -> None:
        if self._session.is_over or self._session.state is State.DISCONNECTING:
            return
        level = logging.DEBUG if self._is_in_trouble else logging.WARNING
        self._is_in_trouble = True
        _LOG.log(level, "realtime: %s", what)

    def _tell_recovery(self) -> None:
        level = logging.INFO if self._is_in_trouble else logging.DEBUG
        self._is_in_trouble = False
        _LOG.log(level, "realtime: connected over %s", self._kind)


class TransportChoice:
    """Which kind of transport to open next: WebSocket first, else long-polling. Times are given.

    Where a WebSocket has worked before, a proxy in the middle of a restart may refuse one, so
    several refusals in a row are needed, and as many answers that ask to come again later, or as
    sessions that do not last for ``settled_s``. When long-polling fails too, the network is to
    blame, and WebSocket's turn comes again. Where one refusal follows another, a WebSocket is left
    alone for longer each time.
    """

    def __init__(
        self, kinds: Collection[str], *, websocket_retry_s: float, settled_s: float = 0.0
    ) -> None:
        self._kinds = tuple(kinds)
        self._retry_s = websocket_retry_s
        self._settled_s = settled_s
        self._worked_at = float("-inf")
        self._young = 0
        self._avoid_until = float("-inf")
        self._refusals = 0
        self._refusals_allowed = 1
        self._avoided = 0
        self._busy = 0

    def is_among(self, offered: Collection[str]) -> bool:
        """Whether the server offers any kind that may be used; so it is taken while unknown."""
        return not offered or any(kind in offered for kind in self._kinds)

    def pick(self, offered: Collection[str], now: float) -> str:
        """Return the kind to try; ``offered`` are the server's, empty while unknown."""
        usable = [kind for kind in self._kinds if kind in offered] or list(self._kinds)
        if now < self._avoid_until and LONG_POLLING in usable:
            return LONG_POLLING
        return usable[0]

    def climb_at(self, offered: Collection[str]) -> float | None:
        """Return when to look whether a WebSocket gets through, while long-polling works.

        ``None``: none is wanted, or the server offers none.
        """
        wanted = [kind for kind in self._kinds if kind in offered or not offered]
        return self._avoid_until if wanted[:1] == [WEBSOCKET] else None

    def worked(self, kind: str, now: float) -> None:
        """Note that a session came about over ``kind``."""
        self._worked_at = now
        if kind == WEBSOCKET:
            self._refusals = self._busy = 0
            self._refusals_allowed = _REFUSALS_AFTER_SUCCESS

    def ended(self, kind: str, now: float) -> None:
        """Note that ``kind``, over which there was a session, was lost."""
        if kind != WEBSOCKET:
            return
        if now - self._worked_at >= self._settled_s:
            self._young = self._avoided = 0
            return
        self._young += 1
        if self._young >= _YOUNG_ALLOWED:
            self._young = 0
            self._avoid(now)

    def failed(
        self, kind: str, now: float, *, is_refusal: bool = False, is_busy: bool = False
    ) -> None:
        """Note that no session came about over ``kind``."""
        if kind == LONG_POLLING:
            self._avoid_until = float("-inf")
            self._avoided = 0
            return
        self._busy = self._busy + 1 if is_busy else 0
        if is_refusal or self._busy >= _BUSY_ALLOWED:
            self._busy = 0
            self._refusals += 1
            if self._refusals >= self._refusals_allowed:
                self._refusals = 0
                self._avoid(now)

    def _avoid(self, now: float) -> None:
        self._avoided += 1
        self._avoid_until = now + backoff_s(
            self._avoided, first_s=self._retry_s, longest_s=_MOST_TIMES * self._retry_s
        )
