"""What a session tells its driver. Times are the seconds the driver passed in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The session is usable. ``is_resumed``: it is the one we had before the loss."""

    is_resumed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """The session was usable and is not any more. ``reason`` names no channel."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReceived:
    """An event on a channel that is subscribed to, by name or by pattern."""

    channel: str
    data: object


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
