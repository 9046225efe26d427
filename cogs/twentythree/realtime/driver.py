"""Drives a session over transports: opens one, pumps it until it is lost, opens the next."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from ..bayeux import (
    Event,
    HandshakeFailed,
    Lost,
    MessageReceived,
    Opened,
    Session,
    State,
    Stopped,
    handshake,
)
from .choice import LONG_POLLING, WEBSOCKET, Choice
from .transport import Transport, TransportError

_LOG = logging.getLogger("twentythree.realtime")


class Driver:
    """The one task between a session and the network.

    ``open_transport`` opens one of the given kind or raises TransportError. ``deliver`` takes
    the session's events and the bytes that they came in, and must not wait. So does
    ``deliver_messages``, where nothing but messages came: nearly always. Within ``cross_s`` a
    message is to cross a WebSocket for which polling is given up.
    """

    def __init__(
        self,
        session: Session,
        *,
        open_transport: Callable[[str], Awaitable[Transport]],
        choice: Choice,
        clock: Callable[[], float],
        deliver: Callable[[list[Event], int], None],
        deliver_messages: Callable[[Sequence[MessageReceived], int], None],
        cross_s: float = 10.0,
    ) -> None:
        self._session = session
        self._open_transport = open_transport
        self._choice = choice
        self._clock = clock
        self._deliver = deliver
        self._deliver_messages = deliver_messages
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
        if not (self._was_opened or self._session.is_over):
            self._choice.failed(self._kind, self._clock(), is_refusal=True)
            self._tell_trouble(f"no session came about over {self._kind}")

    async def _next_transport(self) -> Transport:
        if self._better is not None:
            self._kind, transport, self._better = WEBSOCKET, self._better, None
            return transport
        self._kind = self._choice.pick(self._session.server_types, self._clock())
        return await self._open_transport(self._kind)

    async def _climb(self) -> None:
        """While polling, look now and then whether a WebSocket gets through, and move to it."""
        while (at := self._choice.climb_at(self._session.server_types)) is not None:
            await asyncio.sleep(max(0.0, at - self._clock()))
            try:
                self._better = await self._open_transport(WEBSOCKET)
                if not self._session.is_over:
                    await self._cross(self._better)
            except TransportError:
                await self._drop_better()
                self._choice.failed(WEBSOCKET, self._clock(), is_refusal=True)
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
        pump = asyncio.create_task(transport.pump(lambda _payload, _size: is_crossed.set()))
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
        if type(payload) is list and payload and type(payload[0]) is MessageReceived:
            if wanted := self._session.receive_events(payload):
                self._deliver_messages(wanted, size)
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
                case Opened():
                    self._was_opened = True
                    self._choice.worked(self._kind)
                    self._tell_recovery()
                case Lost():
                    self._tell_trouble(f"the session is not usable: {event.reason}")
                case HandshakeFailed():
                    self._tell_trouble(f"the server gave no session: {event.error}")
                case Stopped():
                    _LOG.error("the realtime service wants no reconnection: %s", event.reason)
                case _:
                    pass
        self._deliver(events, size)

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
