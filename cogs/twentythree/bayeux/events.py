"""What a session tells its driver. Times are the seconds the driver passed in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Self

import msgspec

from ..weight import is_heavier


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The session is usable. ``is_resumed``: it is the one we had before the loss."""

    is_resumed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """The session was usable and is not any more. ``reason`` names no channel."""

    reason: str


_decode = msgspec.json.Decoder().decode
_UNSET = msgspec.UNSET
# A comment is a few kilobytes and some fifty values. What is more is left to whoever reads the
# truth elsewhere; up to here all that can be made of a payload takes some milliseconds.
_MOST_BYTES = 262_144
_MOST_WEIGHT = 10_000
_NO_TEXT = msgspec.Raw(b"")
_ON_THE_WIRE = {"raw": "data", "_successful": "successful"}


class MessageReceived(msgspec.Struct, eq=False, gc=False, rename=_ON_THE_WIRE):
    """An event on a channel that is subscribed to, by name or by pattern.

    It is decoded straight from the wire, with its payload left as the JSON text ``raw``; ``data``
    parses it when it is first looked at. To be treated as immutable.
    """

    channel: str
    raw: msgspec.Raw
    # No JSON decodes to this type: what may be a reply is not decoded as an event, and no server
    # can set the parsed payload.
    _successful: msgspec.UnsetType = _UNSET
    _parsed: msgspec.UnsetType = _UNSET
    __hash__ = None  # type: ignore[assignment]  # the payload may be a list or an object
    __match_args__ = ("channel", "data")

    @classmethod
    def of(cls, channel: str, data: object) -> Self:
        """Return an event whose payload is parsed already."""
        event = cls(channel, _NO_TEXT)
        event._parsed = data  # type: ignore[assignment]
        return event

    @property
    def data(self) -> object:
        """The payload: any JSON, also ``0``; ``None`` too where Python cannot hold it.

        So it is where it is over 256 KiB, or made of over 10,000 values.
        """
        if self._parsed is _UNSET:
            self._parsed = _parsed(self.raw)  # type: ignore[assignment]
        return self._parsed

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MessageReceived):
            return NotImplemented
        return self.channel == other.channel and self.data == other.data

    def __ne__(self, other: object) -> bool:
        # A struct's own would compare the texts.
        return not self == other

    def __repr__(self) -> str:
        return f"{type(self).__name__}(channel={self.channel!r}, data={self.data!r})"


def _parsed(raw: msgspec.Raw) -> object:
    size = len(memoryview(raw))
    if size > _MOST_BYTES or (size > _MOST_WEIGHT and is_heavier(bytes(raw), _MOST_WEIGHT)):
        return None
    try:
        return _decode(raw)
    except (msgspec.DecodeError, ValueError, RecursionError):
        pass
    try:
        # It takes what msgspec does not, such as half of a surrogate pair.
        return json.loads(bytes(raw))
    except (ValueError, RecursionError):
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """Events between ``since`` and ``until`` may never have reached us.

    It comes once the way is clear again: all subscriptions stand, so that whoever reads the
    truth elsewhere now has no second hole behind it.
    """

    since: float
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscribeAccepted:
    """These channels are subscribed to in this session."""

    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscribeRefused:
    """This channel cannot be subscribed to; it is tried again in the next session."""

    channel: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandshakeFailed:
    """The server did not give us a session; the session tries again by itself."""

    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """The server wants us to stop for good; the session is over."""

    reason: str


Event = (
    MessageReceived
    | Opened
    | Lost
    | Missed
    | SubscribeAccepted
    | SubscribeRefused
    | HandshakeFailed
    | Stopped
)
