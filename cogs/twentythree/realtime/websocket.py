"""The WebSocket transport, on aiohttp."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import aiohttp

from ..bayeux import Message
from . import wire
from .options import RealtimeOptions
from .transport import Decode, Take, TransportError

_CLOSE_TYPES = (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSING, aiohttp.WSMsgType.CLOSED)
_DATA_TYPES = (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY)
_SERVER_ERROR = 500
# Of permessage-deflate (RFC 7692), in bits: the largest.
_DEFLATE_WINDOW = 15


class WebSocketTransport:
    """One open WebSocket."""

    def __init__(
        self, socket: aiohttp.ClientWebSocketResponse, options: RealtimeOptions, decode: Decode
    ) -> None:
        self._socket = socket
        self._options = options
        self._decode = decode

    @classmethod
    async def open(
        cls, http: aiohttp.ClientSession, url: str, options: RealtimeOptions, decode: Decode
    ) -> WebSocketTransport:
        """Open a WebSocket to ``url``.

        Raises:
            TransportError: it could not be opened. A refusal is when the server is there but
                no WebSocket comes about: an HTTP answer, a hang-up, or silence.
        """
        try:
            async with asyncio.timeout(options.open_timeout_s):
                socket = await http.ws_connect(
                    url,
                    heartbeat=options.heartbeat_s,
                    max_msg_size=options.max_message_bytes,
                    timeout=aiohttp.ClientWSTimeout(ws_close=options.websocket_close_s),
                    compress=_DEFLATE_WINDOW if options.compresses else 0,
                )
        except aiohttp.WSServerHandshakeError as error:
            raise TransportError(
                f"the WebSocket upgrade was answered with HTTP {error.status}",
                is_refusal=error.status < _SERVER_ERROR,
            ) from error
        except (TimeoutError, aiohttp.ServerDisconnectedError) as error:
            raise TransportError("no answer to the WebSocket upgrade", is_refusal=True) from error
        except (aiohttp.ClientError, OSError) as error:
            raise TransportError(f"no connection ({type(error).__name__})") from error
        return cls(socket, options, decode)

    async def send(self, frame: Sequence[Message]) -> None:
        """Send ``frame`` as one text frame."""
        try:
            async with asyncio.timeout(self._options.send_timeout_s):
                await self._socket.send_str(wire.encode(frame))
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise TransportError(f"could not send ({type(error).__name__})") from error

    async def pump(self, take: Take) -> None:
        """Give each frame to ``take``, those that are no JSON as ``UNREADABLE``."""
        receive, decode = self._socket.receive, self._decode
        while True:
            message = await receive()
            if message.type in _DATA_TYPES:
                take(decode(message.data), len(message.data))
            elif message.type in _CLOSE_TYPES:
                code = self._socket.close_code
                is_clean = code == aiohttp.WSCloseCode.OK
                raise TransportError(f"the WebSocket was closed ({code})", is_clean=is_clean)
            else:
                raise TransportError("the WebSocket broke")

    async def close(self) -> None:
        """Close the socket; on a dead path the wait for the server's close is cut short."""
        await self._socket.close()
