"""Frames that are only events, read without parsing what the events carry.

Nearly all frames are such; their payload is parsed by whoever looks at it, if anybody does.
"""

from __future__ import annotations

import json

import msgspec

from .events import MessageReceived

_META = "/meta/"


class Envelope(msgspec.Struct, gc=False, frozen=True):
    """An event whose ``data`` is still JSON text."""

    channel: str
    data: msgspec.Raw

    def opened(self) -> MessageReceived:
        """Return the event as the reader gets it; its payload is parsed when it is read."""
        # A copy: the envelope's bytes would keep the whole frame in memory.
        return MessageReceived.unread(self.channel, bytes(self.data))


_DECODER = msgspec.json.Decoder(list[Envelope])
_FAILURES = (msgspec.DecodeError, ValueError, RecursionError)


class Unreadable:
    """Stands for a frame that is no JSON."""


UNREADABLE = Unreadable()


def read_frame(frame: str | bytes) -> object:
    """Return the JSON in ``frame``, ``Envelope``s if it is only events; never raises.

    ``UNREADABLE`` stands for what is no JSON.
    """
    try:
        if isinstance(frame, bytes) and not frame.isascii():
            # Nobody else looks whether text in a payload is UTF-8.
            frame = frame.decode()
        envelopes = _DECODER.decode(frame)
        if not any(envelope.channel.startswith(_META) for envelope in envelopes):
            return envelopes
    except _FAILURES:
        pass
    try:
        return json.loads(frame)
    except (ValueError, RecursionError):
        return UNREADABLE
