"""JSON on the wire: compact out, lenient in."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ..bayeux import UNREADABLE, Message
from ..bayeux import read_frame as decode

__all__ = ["UNREADABLE", "decode", "encode"]


def encode(frame: Sequence[Message]) -> str:
    """Return ``frame`` as the array Bayeux sends."""
    return json.dumps(frame, separators=(",", ":"))
