"""JSON on the wire: compact, and nothing that is not JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ..bayeux import UNREADABLE, Message
from ..errors import LocalProtocolError

__all__ = ["UNREADABLE", "encode"]


def encode(frame: Sequence[Message]) -> str:
    """Return ``frame`` as the array Bayeux sends."""
    return json.dumps(frame, separators=(",", ":"), allow_nan=False)


def check(data: object) -> None:
    """Look whether ``data`` can be sent.

    Raises:
        LocalProtocolError: it cannot.
    """
    try:
        json.dumps(data, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise LocalProtocolError("what is published has to be JSON") from None
