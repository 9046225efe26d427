"""What a transport is: a way to send frames and to get frames, until it is lost.

And what all of them have in common on the way: JSON, and the words of HTTP.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Protocol

from ..bayeux import Message, SessionOptions
from ..errors import TwentyThreeError

WEBSOCKET = "websocket"
LONG_POLLING = "long-polling"
# However long a server wants to be left alone.
_MOST_WAIT_S = 300.0
_SECONDS = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_BUSY = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS)

# Takes one frame, decoded, and its size in bytes, or a mark that stands for none (see
# ``bayeux.Arriving``); must not wait.
Take = Callable[[object, int], None]


class TransportError(TwentyThreeError):
    """The transport cannot be opened, or is lost. It never leaves this package.

    Attributes:
        reason: what happened, without addresses and channel names.
        is_clean: the server closed in good order and kept what it had not delivered.
        is_refusal: the server, or something on the way, does not let this through at all.
        is_busy: the server, or something on the way, asks to come again later.
        is_passing: something on the way answered for the server, which may be well.
        is_too_large: a frame of ours was larger than the server takes.
        wait_s: how long the server wants to be left alone at least, in seconds.
    """

    def __init__(
        self,
        reason: str,
        *,
        is_clean: bool = False,
        is_refusal: bool = False,
        is_busy: bool = False,
        is_passing: bool = False,
        is_too_large: bool = False,
        wait_s: float = 0.0,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_clean = is_clean
        self.is_refusal = is_refusal
        self.is_busy = is_busy
        self.is_passing = is_passing
        self.is_too_large = is_too_large
        self.wait_s = wait_s


class Transport(Protocol):
    """One WebSocket, or one spell of polling. All methods but ``close`` raise TransportError."""

    async def send(self, frame: Sequence[Message]) -> None:
        """Send ``frame``, or have it sent in order."""
        ...

    async def pump(self, take: Take) -> None:
        """Give each frame that comes to ``take``, until the transport is lost."""
        ...

    async def close(self) -> None:
        """Close within a bound and leave nothing behind; never raises."""
        ...


class Transports(Protocol):
    """Whatever opens transports."""

    async def open(self, kind: str) -> Transport:
        """Open one of this kind.

        Raises:
            TransportError: it could not be opened.
        """
        ...


def encode(frame: Sequence[Message]) -> str:
    """Return ``frame`` as the array Bayeux sends."""
    return json.dumps(frame, separators=(",", ":"), allow_nan=False)


def is_busy(status: int) -> bool:
    """Whether an HTTP status says that the server may do it another time."""
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _BUSY


def is_passing(status: int) -> bool:
    """Whether an HTTP status is one that gateways give by themselves."""
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT


def wait_s(headers: Mapping[str, str] | None, now: datetime) -> float:
    """Return the seconds of ``Retry-After`` (RFC 9110, 10.2.3), 0 without; 300 at most."""
    text = (headers or {}).get("Retry-After", "").strip()
    if _SECONDS.fullmatch(text):
        return min(_MOST_WAIT_S, float(text[:9]))
    try:
        at = parsedate_to_datetime(text)
        # The oldest of the three forms of a date names no zone: all are in that of Greenwich.
        at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
        return min(_MOST_WAIT_S, max(0.0, (at - now).total_seconds()))
    except (TypeError, ValueError, OverflowError):
        return 0.0


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
