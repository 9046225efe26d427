"""The WebSocket transport, on aiohttp."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus

import aiohttp
from yarl import URL

from ..bayeux import Arriving, FrameReader, Message
from .transport import (
    RealtimeOptions,
    Take,
    TransportError,
    encode,
    is_busy,
    wait_s,
)

_CLOSE_TYPES = (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSING, aiohttp.WSMsgType.CLOSED)
_DATA_TYPES = (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY)
# From here on, servers say by a close what they like: none of it is that they are well.
_FIRST_OWN_CODE = 3000
# In quarters of ``heartbeat_s``: where nothing at all comes for six, a socket is found silent.
_QUARTERS = 7


class Pings:
    """What is known of a service's answers to pings. Some never give one, and are not silent."""

    def __init__(self) -> None:
        self.are_answered = False
        self.are_in_vain = False

    def answered(self) -> None:
        """Note that there was an answer."""
        self.are_answered, self.are_in_vain = True, False


class WebSocketTransport:
    """One open WebSocket."""

    def __init__(
        self,
        socket: aiohttp.ClientWebSocketResponse,
        options: RealtimeOptions,
        pings: Pings,
    ) -> None:
        self._socket = socket
        self._options = options
        self._pings = pings
        self._is_quiet = True

    @classmethod
    async def open(
        cls,
        http: aiohttp.ClientSession,
        url: str,
        options: RealtimeOptions,
        pings: Pings | None = None,
    ) -> WebSocketTransport:
        """Open a WebSocket to ``url``; ``pings`` is what the ones before it have learnt.

        Raises:
            TransportError: it could not be opened. A refusal is when the server is there but
                no WebSocket comes about: an HTTP answer, a hang-up, or silence.
        """
        pings = pings or Pings()
        try:
            async with asyncio.timeout(options.open_timeout_s):
                socket = await http.ws_connect(
                    url,
                    # Connections that a proxy left half upgraded look fit for reuse, and nothing
                    # sent into them is answered; named like this, no poll finds them.
                    server_hostname=URL(url).raw_host,
                    autoping=False,
                    heartbeat=None if pings.are_in_vain else options.heartbeat_s,
                    max_msg_size=options.max_message_bytes,
                    timeout=aiohttp.ClientWSTimeout(ws_close=options.websocket_close_s),
                )
        except aiohttp.ClientResponseError as error:
            raise _refused(error) from error
        except (TimeoutError, aiohttp.ServerDisconnectedError) as error:
            raise TransportError("no answer to the WebSocket upgrade", is_refusal=True) from error
        except (aiohttp.ClientError, OSError) as error:
            raise TransportError(f"no connection ({type(error).__name__})") from error
        return cls(socket, options, pings)

    async def send(self, frame: Sequence[Message]) -> None:
        """Send ``frame`` as one text frame."""
        try:
            async with asyncio.timeout(self._options.send_timeout_s):
                await self._socket.send_str(encode(frame))
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise TransportError(f"could not send ({type(error).__name__})") from error

    async def pump(self, take: Take) -> None:
        """Give each frame to ``take``, those that are no JSON as ``UNREADABLE``; and marks."""
        marking = None if self._pings.are_in_vain else asyncio.create_task(self._mark(take))
        try:
            await self._pump(take)
        finally:
            if marking is not None:
                marking.cancel()
                await asyncio.wait({marking})

    async def _pump(self, take: Take) -> None:
        receive, read = self._socket.receive, FrameReader().read
        has_heard = False
        # Whether pings are answered is to be known before the path can go silent.
        await self._send_control(self._socket.ping())
        while True:
            message = await receive()
            self._is_quiet = False
            if message.type in _DATA_TYPES:
                has_heard = True
                take(read(message.data), len(message.data))
            else:
                await self._take_control(message, has_heard=has_heard)

    async def _mark(self, take: Take) -> None:
        """Tell ``take`` that something is coming where it takes long to be whole.

        Nobody tells of the bytes of a frame before its last. But a path on which none come is
        found silent; so they do come where nothing whole has come for longer than that takes.
        """
        quarters = 0
        while True:
            self._is_quiet = True
            await asyncio.sleep(self._options.heartbeat_s / 4)
            quarters = quarters + 1 if self._is_quiet else 0
            if quarters >= _QUARTERS:
                take(Arriving(), 0)

    async def _take_control(self, message: aiohttp.WSMessage, *, has_heard: bool) -> None:
        if message.type is aiohttp.WSMsgType.PONG:
            self._pings.answered()
        elif message.type is aiohttp.WSMsgType.PING:
            await self._send_control(self._socket.pong(message.data))
        elif message.type in _CLOSE_TYPES:
            code = self._socket.close_code or aiohttp.WSCloseCode.ABNORMAL_CLOSURE
            raise TransportError(
                f"the WebSocket was closed ({code})",
                is_clean=code == aiohttp.WSCloseCode.OK,
                is_refusal=code == aiohttp.WSCloseCode.POLICY_VIOLATION or code >= _FIRST_OWN_CODE,
                is_too_large=code == aiohttp.WSCloseCode.MESSAGE_TOO_BIG,
            )
        else:
            is_silent = isinstance(message.data, aiohttp.ServerTimeoutError)
            if is_silent and has_heard and not self._pings.are_answered:
                self._pings.are_in_vain = True
            raise TransportError(
                "the WebSocket went silent" if is_silent else "the WebSocket broke"
            )

    async def _send_control(self, sending: Awaitable[None]) -> None:
        # Why it cannot be sent is what is received next.
        with suppress(aiohttp.ClientError, OSError):
            await sending

    async def close(self) -> None:
        """Close the socket; on a dead path the wait for the server's close is cut short."""
        await self._socket.close()


def _refused(error: aiohttp.ClientResponseError) -> TransportError:
    comes_later = is_busy(error.status)
    return TransportError(
        f"the WebSocket upgrade was answered with HTTP {error.status or HTTPStatus.BAD_GATEWAY}",
        is_refusal=not comes_later,
        is_busy=comes_later,
        wait_s=wait_s(error.headers, datetime.now(UTC)),
    )
