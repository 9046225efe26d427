"""The realtime client: subscribe to channels, iterate over what happens."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Collection, Coroutine
from typing import Self

import aiohttp
from yarl import URL

from .. import bayeux
from ..errors import LocalProtocolError, RealtimeClosedError, log_failure
from .choice import WEBSOCKET, Choice
from .driver import Driver
from .events import RealtimeEvent, as_told
from .inbox import Inbox
from .long_polling import LongPollingTransport
from .options import RealtimeOptions
from .transport import Transport
from .websocket import Pings, WebSocketTransport

_LOG = logging.getLogger("twentythree.realtime")
_CLOSED = "it was closed"
_SCHEMES = {"ws": "http", "wss": "https", "http": "http", "https": "https"}


class RealtimeClient:
    """A Bayeux client over WebSocket or long-polling that stays connected by itself.

    An async context manager (enter to start, leave to stop) and an async iterator over
    ``RealtimeEvent``. Iterating ends after the client was left, and raises RealtimeClosedError
    when the server wants no reconnection. A slow reader never holds up the protocol.

    ``url`` is the Bayeux endpoint, http(s) or ws(s), or without a scheme (``//host/faye``:
    https). ``clock`` is monotonic, in seconds; ``draw`` gives
    numbers in [0, 1). ``http`` decides on TLS, proxies, cookies and headers,
    and on where a WebSocket may be led; ``web.session()`` makes one that stays at its origin.

    Raises:
        LocalProtocolError: ``url`` is not such an address.
    """

    def __init__(
        self,
        url: str,
        http: aiohttp.ClientSession,
        *,
        options: RealtimeOptions | None = None,
        clock: Callable[[], float] = time.monotonic,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._url = _http_url(url)
        self._http = http
        self._options = options or RealtimeOptions()
        self._clock = clock
        self._session = bayeux.Session(options=self._options.session, draw=draw)
        self._pings = Pings()
        self._inbox = Inbox(self._options.queue_size, self._options.queue_bytes, self._span)
        self._verdicts = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._is_ended = False
        self._error: str | None = None
        self._driver = Driver(
            self._session,
            open_transport=self._open_transport,
            choice=Choice(
                self._options.session.connection_types,
                websocket_retry_s=self._options.websocket_retry_s,
            ),
            clock=clock,
            deliver=self._deliver,
            deliver_messages=self._inbox.put_all,
            cross_s=self._options.open_timeout_s,
        )

    @property
    def connected(self) -> bool:
        """Whether the session is usable now."""
        return self._session.is_usable

    async def __aenter__(self) -> Self:
        if self._task is not None:
            raise LocalProtocolError("a realtime client is started once")
        self._task = asyncio.create_task(self._run(), name="twentythree.realtime")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __aiter__(self) -> Self:
        return self

    def __anext__(self) -> Coroutine[None, None, RealtimeEvent]:
        return self._inbox.get()

    def standing(self, channels: Collection[str]) -> frozenset[str]:
        """Return those of ``channels`` that the server has accepted, and has not refused since.

        While the session is not usable they stand as soon as it is taken up, or are asked for.
        """
        return self._session.subscriptions.standing(channels)

    async def subscribe(self, channels: Collection[str]) -> None:
        """Want ``channels``, now and after every reconnection; returns at once.

        A channel that cannot be had comes as a SubscriptionRefused event.

        Raises:
            RealtimeClosedError: the client has ended.
        """
        self._check_open()
        self._session.subscribe(channels, self._clock())
        self._driver.step()

    async def subscribe_confirmed(self, channels: Collection[str]) -> frozenset[str]:
        """Want ``channels``, wait for the server's verdict, return those that it accepted.

        It waits through losses for as long as it takes; the caller sets the bound.

        Raises:
            RealtimeClosedError: the client has ended, or ended meanwhile.
        """
        await self.subscribe(channels)
        book = self._session.subscriptions
        while waiting := book.unsettled(channels):
            for channel in waiting:
                while book.is_waiting(channel):
                    await self._verdicts.wait()
                    self._check_open()
        return book.standing(channels)

    async def unsubscribe(self, channels: Collection[str]) -> None:
        """Want ``channels`` no longer; what is in the queue already still comes.

        Raises:
            RealtimeClosedError: the client has ended.
        """
        self._check_open()
        self._session.unsubscribe(channels, self._clock())
        self._driver.step()

    async def aclose(self) -> None:
        """Say good-bye to the server within ``close_timeout_s`` and stop; twice is once."""
        self._end()
        self._session.disconnect(self._clock())
        self._driver.step()
        if self._task is not None:
            try:
                # Only a session that the server knows of has a good-bye to wait for.
                patience = 0.0 if self._session.is_over else self._options.close_timeout_s
                await asyncio.wait({self._task}, timeout=patience)
            finally:
                self._task.cancel()
                await asyncio.wait({self._task})

    async def _run(self) -> None:
        try:
            await self._driver.run()
        except Exception as error:  # noqa: BLE001 - the supervision point of the realtime client
            log_failure(_LOG, "the realtime client failed", error)
            self._end("an error in the client; its log has the details")

    async def _open_transport(self, kind: str) -> Transport:
        if kind == WEBSOCKET:
            return await WebSocketTransport.open(self._http, self._url, self._options, self._pings)
        return LongPollingTransport(self._http, self._url, self._options, self._clock)

    def _deliver(self, events: list[bayeux.Event], size: int) -> None:
        is_news = False
        for event in events:
            if isinstance(event, bayeux.MessageReceived):
                self._inbox.put(event, size // len(events))
                continue
            is_news = True
            if isinstance(event, bayeux.Stopped):
                self._end(event.reason)
            elif (told := as_told(event)) is not None:
                self._inbox.put(told)
        if is_news:
            self._tell_verdicts()

    def _span(self) -> tuple[float, float]:
        now = self._clock()
        proven_at = self._session.proven_at
        return (now if proven_at is None else proven_at), now

    def _end(self, error: str | None = None) -> None:
        self._is_ended = True
        self._error = self._error or error
        self._inbox.close(error)
        self._tell_verdicts()

    def _tell_verdicts(self) -> None:
        self._verdicts.set()
        self._verdicts.clear()

    def _check_open(self) -> None:
        if self._is_ended:
            raise RealtimeClosedError(self._error or _CLOSED)


def _http_url(url: str) -> str:
    try:
        parsed = URL(f"https:{url}" if url.startswith("//") else url)
        scheme = _SCHEMES[parsed.scheme]
        if parsed.raw_host:
            return str(parsed.with_scheme(scheme))
    except (KeyError, ValueError):
        pass
    raise LocalProtocolError("the address of a realtime service starts with http(s) or ws(s)")
