"""What a session tells its driver. Times are the seconds the driver passed in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Self

import msgspec


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The session is usable. ``is_resumed``: it is the one we had before the loss."""

    is_resumed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """The session was usable and is not any more. ``reason`` names no channel."""

    reason: str


class MessageReceived:
    """An event on a channel that is subscribed to, by name or by pattern.

    Its payload is parsed when it is first looked at. To be treated as immutable.
    """

    __slots__ = ("_data", "_text", "channel")
    __hash__ = None  # type: ignore[assignment]  # the payload may be a list or an object
    __match_args__ = ("channel", "data")

    channel: str
    _data: object
    _text: bytes | None

    def __init__(self, *, channel: str, data: object) -> None:
        self.channel = channel
        self._data = data
        self._text = None

    @classmethod
    def unread(cls, channel: str, text: bytes) -> Self:
        """Return an event whose payload is the JSON ``text``."""
        event = cls.__new__(cls)
        event.channel = channel
        event._text = text  # noqa: SLF001 - its own class, made without the parsed payload
        return event

    @property
    def data(self) -> object:
        """The payload: any JSON, also ``0``; ``None`` too where Python cannot hold it."""
        if self._text is not None:
            self._data = _parsed(self._text)
            self._text = None
        return self._data

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MessageReceived):
            return NotImplemented
        return self.channel == other.channel and self.data == other.data

    def __repr__(self) -> str:
        return f"{type(self).__name__}(channel={self.channel!r}, data={self.data!r})"


def _parsed(text: bytes) -> object:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, ValueError, RecursionError):
        pass
    try:
        # It takes what msgspec does not, such as half of a surrogate pair.
        return json.loads(text)
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
