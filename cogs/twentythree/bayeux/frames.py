"""Frames that are only events, read without parsing what the events carry.

Nearly all frames are such; their payload is parsed by whoever looks at it, if anybody does.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import msgspec

from ..weight import is_heavier
from .events import MessageReceived

_decode_events = msgspec.json.Decoder(list[MessageReceived]).decode
# A frame is read in one step of the loop, which others wait for: 20 ms are enough. So many events
# take that, and so does what is parsed whole; a frame of a burst holds a tenth of it.
_MOST_OBJECTS = 20_000
_MOST_WEIGHT = 40_000
_FAILURES = (msgspec.DecodeError, ValueError, RecursionError)


class Unreadable:
    """Stands for a frame that is no JSON, or too much of it."""


UNREADABLE = Unreadable()


@dataclass(frozen=True, slots=True)
class Arriving:
    """Stands for a part of the answer to the request of this id: slow, but on its way."""

    id: str


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Stands for the answer that the connect of this id will not get: its poll ended without."""

    id: str


def read_frame(frame: str | bytes) -> object:
    """Return the JSON in ``frame``, as ``MessageReceived`` if all in it have data; never raises.

    ``UNREADABLE`` stands for what is no JSON, or would take too long to read.
    """
    try:
        if len(frame) > _MOST_OBJECTS and _objects_in(frame) > _MOST_OBJECTS:
            return UNREADABLE
        if type(frame) is bytes and not frame.isascii():
            # Nobody else looks whether text in a payload is UTF-8.
            frame = frame.decode()
        return _decode_events(frame)
    except _FAILURES:
        return read_json(frame)


def _objects_in(frame: str | bytes) -> int:
    return frame.count("{") if isinstance(frame, str) else frame.count(b"{")


def read_json(frame: str | bytes) -> object:
    """Return the JSON in ``frame`` with all that it holds; never raises."""
    if is_heavier(frame, _MOST_WEIGHT):
        return UNREADABLE
    try:
        # A byte order mark is nothing that JSON may begin with, but some servers write one. In
        # bytes it is seen to.
        return json.loads(frame.removeprefix("\ufeff") if isinstance(frame, str) else frame)
    except _FAILURES:
        return UNREADABLE
