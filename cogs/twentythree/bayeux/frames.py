"""Frames that are only events, read without parsing what the events carry.

Nearly all frames are such; their payload is parsed by whoever looks at it, if anybody does.
"""

from __future__ import annotations

import json

import msgspec

from .events import MessageReceived

_decode_events = msgspec.json.Decoder(list[MessageReceived]).decode
_FAILURES = (msgspec.DecodeError, ValueError, RecursionError)


class Unreadable:
    """Stands for a frame that is no JSON."""


UNREADABLE = Unreadable()


def read_frame(frame: str | bytes) -> object:
    """Return the JSON in ``frame``, as ``MessageReceived`` if all in it have data; never raises.

    ``UNREADABLE`` stands for what is no JSON.
    """
    try:
        if type(frame) is bytes and not frame.isascii():
            # Nobody else looks whether text in a payload is UTF-8.
            frame = frame.decode()
        return _decode_events(frame)
    except _FAILURES:
        return read_json(frame)


def read_json(frame: str | bytes) -> object:
    """Return the JSON in ``frame`` with all that it holds; never raises."""
    try:
        return json.loads(frame)
    except _FAILURES:
        return UNREADABLE
