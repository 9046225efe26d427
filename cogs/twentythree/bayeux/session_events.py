"""What a session tells its driver, and frames read into it. Times are the driver's seconds.

Nearly all frames are only events. What they carry is parsed with the frame where it is looked at,
and left as it came where nobody does.
"""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic

import msgspec

from ..weight import is_heavier

if TYPE_CHECKING:
    # Python itself knows of defaults from 3.13 on.
    from typing_extensions import TypeVar

    _Data_co = TypeVar("_Data_co", default=object, covariant=True)
else:
    from typing import TypeVar

    _Data_co = TypeVar("_Data_co", covariant=True)

_decode = msgspec.json.Decoder().decode
_UNSET = msgspec.UNSET
_Raw = msgspec.Raw  # looked up for every event
# A comment is a few kilobytes and some fifty values. What is more is left to whoever reads the
# truth elsewhere; up to here all that can be made of a payload takes some milliseconds.
_PAYLOAD_BYTES = 262_144
_PAYLOAD_WEIGHT = 10_000
# A frame is read in one step of the loop, which others wait for: 20 ms are enough. So many events
# take that, and so does what is parsed whole; a frame of a burst holds a tenth of it.
_FRAME_OBJECTS = 20_000
_FRAME_WEIGHT = 40_000
# More than come at once in a burst, and few enough to wait parsed where nobody looks at them. They
# may be twenty times as large then.
_SAMPLES_APART = 500
_SAMPLES_KEPT = 2
_PARSED_BYTES = 4096
_ON_THE_WIRE = {"carried": "data", "_successful": "successful"}
_FAILURES = (msgspec.DecodeError, ValueError, RecursionError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """The session is usable. ``resumed``: it is the one from before, with what it queued."""

    resumed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Disconnected:
    """The session is not usable any more, and is being made usable again.

    Told once per loss, not per attempt. ``reason`` names no channel.
    """

    reason: str


class MessageReceived(msgspec.Struct, Generic[_Data_co], eq=False, gc=False, rename=_ON_THE_WIRE):
    """An event on a channel that is subscribed to, by name or by pattern.

    It is decoded straight from the wire. What it carries is parsed with it, or left as JSON text
    until ``data`` is first looked at. To be treated as immutable.
    """

    channel: str
    carried: _Data_co
    # No JSON decodes to this type: what may be a reply is not decoded as an event.
    _successful: msgspec.UnsetType = _UNSET
    __hash__ = None  # type: ignore[assignment]  # the payload may be a list or an object
    __match_args__ = ("channel", "data")

    @property
    def data(self) -> object:
        """The payload: any JSON, also ``0``; ``None`` too where Python cannot hold it.

        So it is where it is over 256 KiB, or made of over 10,000 values.
        """
        carried: object = self.carried
        if type(carried) is _Raw:
            self.carried = carried = _parse(carried)  # type: ignore[assignment]
        return carried

    @property
    def is_parsed(self) -> bool:
        """Whether the payload was parsed with the event, or somebody has looked at it."""
        return type(self.carried) is not _Raw

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MessageReceived):
            return NotImplemented
        return self.channel == other.channel and self.data == other.data

    def __ne__(self, other: object) -> bool:
        # A struct's own would compare the texts.
        return not self == other

    def __repr__(self) -> str:
        return f"{type(self).__name__}(channel={self.channel!r}, data={self.data!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Events of the span ``since`` to ``until`` may be missing here.

    Either the server may not have delivered them (a new session, a socket that died), or the
    client's reader was too slow for its queue; then ``channels`` names those on which events were
    dropped. ``None``: it may be any. All subscriptions stand again when this comes, so a read of
    the truth made now leaves no second hole.
    """

    since: float
    until: float
    channels: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionAccepted:
    """These channels are subscribed to in this session."""

    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionRefused:
    """The server does not let us subscribe to ``channel``; it is tried again in a new session.

    ``error`` names no channel.
    """

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


SessionEvent = (
    MessageReceived
    | Connected
    | Disconnected
    | Gap
    | SubscriptionAccepted
    | SubscriptionRefused
    | HandshakeFailed
    | Stopped
)


def _parse(raw: msgspec.Raw) -> object:
    size = len(memoryview(raw))
    if size > _PAYLOAD_BYTES or (
        size > _PAYLOAD_WEIGHT and is_heavier(bytes(raw), _PAYLOAD_WEIGHT)
    ):
        return None
    try:
        return _decode(raw)
    except _FAILURES:
        pass
    try:
        # It takes what msgspec does not, such as half of a surrogate pair.
        return json.loads(bytes(raw))
    except _FAILURES:
        return None


class Unreadable:
    """Stands for a frame that is no JSON, or too much of it."""


UNREADABLE = Unreadable()


@dataclass(frozen=True, slots=True)
class Arriving:
    """Stands for a part of something that is slow, but on its way.

    ``id`` is that of the request that it answers; empty where only the whole tells.
    """

    id: str = ""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Stands for the answer that the connect of this id will not get: its poll ended without."""

    id: str


# One class for both: to tell what is of a class under another takes seven times as long.
_decode_events = msgspec.json.Decoder(list[MessageReceived[msgspec.Raw]]).decode
_decode_parsed = msgspec.json.Decoder(list[MessageReceived[object]]).decode


class FrameReader:
    """Reads the frames of one way as ``read_frame`` does, and sees what becomes of them.

    To parse a payload with its frame takes half of what it takes afterwards, and three times what
    it takes to leave it. So now and then an event is left as it came, as a sample. Where one of
    the two before it has been looked at since, small payloads are parsed until the next: in a
    burst, the last may not have had its turn yet.
    """

    def __init__(self) -> None:
        self._samples: deque[MessageReceived] = deque(maxlen=_SAMPLES_KEPT)
        self._left = 0
        self._are_looked_at = False

    def read(self, frame: str | bytes) -> object:
        """Return the JSON in ``frame``, as ``MessageReceived`` if all in it have data."""
        self._left -= 1
        if self._left < 0:
            return self._take_sample(frame)
        # In so short a frame no payload is too heavy. Whether bytes are UTF-8 is seen to below.
        if self._are_looked_at and type(frame) is str and len(frame) <= _PARSED_BYTES:
            try:
                return _decode_parsed(frame)
            except _FAILURES:
                pass
        return read_frame(frame)

    def _take_sample(self, frame: str | bytes) -> object:
        self._are_looked_at = any(sample.is_parsed for sample in self._samples)
        self._left = _SAMPLES_APART
        received = read_frame(frame)
        first = received[0] if isinstance(received, list) and received else None
        if isinstance(first, MessageReceived):
            self._samples.append(first)
        return received


def read_frame(frame: str | bytes) -> object:
    """Return the JSON in ``frame``, as ``MessageReceived`` if all in it have data; never raises.

    ``UNREADABLE`` stands for what is no JSON, or would take too long to read.
    """
    try:
        if len(frame) > _FRAME_OBJECTS and _objects_in(frame) > _FRAME_OBJECTS:
            return UNREADABLE
        if type(frame) is bytes and not frame.isascii():
            # Nobody else looks whether text in a payload is UTF-8.
            frame = frame.decode()
        return _decode_events(frame)
    except _FAILURES:
        return _read_json(frame)


def _objects_in(frame: str | bytes) -> int:
    return frame.count("{") if isinstance(frame, str) else frame.count(b"{")


def _read_json(frame: str | bytes) -> object:
    """Return the JSON in ``frame`` with all that it holds; never raises."""
    if is_heavier(frame, _FRAME_WEIGHT):
        return UNREADABLE
    try:
        # A byte order mark is nothing that JSON may begin with, but some servers write one. In
        # bytes it is seen to.
        return json.loads(frame.removeprefix("\ufeff") if isinstance(frame, str) else frame)
    except _FAILURES:
        return UNREADABLE
