"""The realtime client: subscribe to channels, iterate over what happens."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Collection, Coroutine
from typing import Self

import aiohttp
from yarl import URL

from .. import bayeux
from ..errors import LocalProtocolError, log_failure
from .driver import Driver, TransportChoice
from .inbox import Inbox, RealtimeEvent
from .long_polling import LongPollingTransport
from .transport import WEBSOCKET, RealtimeOptions, Transport
from .websocket import Pings, WebSocketTransport

_LOG = logging.getLogger("twentythree.realtime")
_SCHEMES = {"ws": "http", "wss": "https", "http": "http", "https": "https"}


class RealtimeClient:
    """A Bayeux client over WebSocket or long-polling that stays connected by itself.

    An async context manager (enter to start, leave to stop) and an async iterator over
    ``RealtimeEvent``. Iterating ends after the client was left, and raises RealtimeClosedError
    when the server wants no reconnection. A slow reader never holds up the protocol.

    ``url`` is the Bayeux endpoint, http(s) or ws(s), or without a scheme (``//host/faye``:
    https). ``http`` decides on TLS, proxies, cookies and headers, on where a WebSocket may be led,
    and on how large the headers of the answer to its upgrade may be; ``web.session()`` makes one
    that stays at its origin and takes large ones. Times are those of ``time.monotonic``.

    Raises:
        LocalProtocolError: ``url`` is not such an address.
    """

    def __init__(
        self,
        url: str,
        http: aiohttp.ClientSession,
        *,
        options: RealtimeOptions | None = None,
    ) -> None:
        self._options = options = options or RealtimeOptions()
        self._clock = time.monotonic
        self._session = bayeux.Session(options=options.session, draw=random.random)
        self._inbox = Inbox(options.queue_size, options.queue_bytes, self._session, self._clock)
        self._driver = Driver(
            self._session,
            transports=_AiohttpTransports(url, http, options),
            inbox=self._inbox,
            choice=TransportChoice(
                options.session.connection_types,
                websocket_retry_s=options.websocket_retry_s,
                settled_s=options.session.settled_s,
            ),
            clock=self._clock,
            cross_s=options.open_timeout_s,
        )
        self._task: asyncio.Task[None] | None = None

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
        self._inbox.check_open()
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
                    await self._inbox.until_told()
        return book.standing(channels)

    async def unsubscribe(self, channels: Collection[str]) -> None:
        """Want ``channels`` no longer; what is in the queue already still comes.

        Raises:
            RealtimeClosedError: the client has ended.
        """
        self._inbox.check_open()
        self._session.unsubscribe(channels, self._clock())
        self._driver.step()

    async def aclose(self) -> None:
        """Say good-bye to the server within ``close_timeout_s`` and stop; twice is once."""
        self._inbox.close()
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
            self._inbox.close("an error in the client; its log has the details")


class _AiohttpTransports:
    """Opens transports to one service, as ``Transports``."""

    def __init__(self, url: str, http: aiohttp.ClientSession, options: RealtimeOptions) -> None:
        self._url = http_url(url)
        self._http = http
        self._options = options
        self._pings = Pings()

    async def open(self, kind: str) -> Transport:
        if kind == WEBSOCKET:
            return await WebSocketTransport.open(self._http, self._url, self._options, self._pings)
        return LongPollingTransport(self._http, self._url, self._options)


def http_url(url: str) -> str:
    """Return the address of a service, however it is written, as one for HTTP.

    Raises:
        LocalProtocolError: it is none.
    """
    try:
        parsed = URL(f"https:{url}" if url.startswith("//") else url)
        scheme = _SCHEMES[parsed.scheme]
        # What no host can be named would break the look-up of names with an error of its own.
        if parsed.host and parsed.host.encode("idna"):
            return str(parsed.with_scheme(scheme))
    except (KeyError, ValueError):
        pass
    raise LocalProtocolError("the address of a realtime service starts with http(s) or ws(s)")
