"""The limits of the realtime client."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..bayeux import SessionOptions

_QUEUE_BYTES = 64 * 1024 * 1024
# Thousands of comments. It bounds the memory that one frame takes, and what it takes to look
# through it once (12 ms); a larger one ends the transport, and what it held is read elsewhere.
_FRAME_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class RealtimeOptions:
    """The limits of the realtime client; times in seconds.

    A silent WebSocket is found dead after 1.5 x ``heartbeat_s``, unless no ping was ever answered.
    ``websocket_retry_s`` is how long a WebSocket that could not be opened is left alone while
    long-polling works.
    ``queue_size`` bounds the events that wait for the reader, and ``queue_bytes`` those of them
    that are large (over 4 KiB) together.
    """

    session: SessionOptions = field(default_factory=SessionOptions)
    heartbeat_s: float = 4.0
    open_timeout_s: float = 10.0
    send_timeout_s: float = 10.0
    close_timeout_s: float = 3.0
    websocket_close_s: float = 0.5
    websocket_retry_s: float = 300.0
    max_message_bytes: int = _FRAME_BYTES
    queue_size: int = 10_000
    queue_bytes: int = _QUEUE_BYTES
