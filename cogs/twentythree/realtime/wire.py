"""JSON on the wire: compact, and nothing that is not JSON. And what goes with it over HTTP."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from ..bayeux import UNREADABLE, Message

__all__ = ["UNREADABLE", "encode", "is_busy", "wait_s"]

# Large enough for the cookies of any balancer.
MAX_HEADER_BYTES = 32 * 1024
# However long a server wants to be left alone.
_MOST_WAIT_S = 300.0
_BUSY = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS)


def encode(frame: Sequence[Message]) -> str:
    """Return ``frame`` as the array Bayeux sends."""
    return json.dumps(frame, separators=(",", ":"), allow_nan=False)


def is_busy(status: int) -> bool:
    """Whether an HTTP status says that the server may do it another time."""
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _BUSY


def wait_s(headers: Mapping[str, str] | None, now: datetime) -> float:
    """Return the seconds of ``Retry-After`` (RFC 9110, 10.2.3), 0 without; 300 at most."""
    text = (headers or {}).get("Retry-After", "").strip()
    if text.isdecimal() and text.isascii():
        return min(_MOST_WAIT_S, float(text[:9]))
    try:
        at = parsedate_to_datetime(text)
        return min(_MOST_WAIT_S, max(0.0, (at - now).total_seconds()))
    except (TypeError, ValueError, OverflowError):
        return 0.0
