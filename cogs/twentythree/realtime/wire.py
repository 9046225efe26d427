"""JSON on the wire: compact out, lenient in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from ..bayeux import Message


class Unreadable:
    """Stands for a frame that is no JSON."""


UNREADABLE: Final = Unreadable()


def encode(frame: Sequence[Message]) -> str:
    """Return ``frame`` as the array Bayeux sends."""
    return json.dumps(frame, separators=(",", ":"))


def decode(text: str | bytes) -> object:
    """Return the JSON in ``text``, or ``UNREADABLE``; never raises."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return UNREADABLE
