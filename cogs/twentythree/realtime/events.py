"""What the realtime client tells its reader. Times are those of the client's clock."""

from __future__ import annotations

from dataclasses import dataclass

from .. import bayeux

# An event on a channel that is subscribed to; ``channel``, and ``data``: any parsed JSON.
Delivery = bayeux.MessageReceived


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Events of the span ``since`` to ``until`` may be missing here.

    Either the server may not have delivered them (a new session, a socket that died), or the
    reader was too slow for its queue; then ``channels`` names those on which events were dropped.
    ``None``: it may be any. All subscriptions stand again when this comes, so a read of the truth
    made now leaves no second hole.
    """

    since: float
    until: float
    channels: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """The session is usable. ``resumed``: it is the one from before, with what it queued."""

    resumed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Disconnected:
    """The session is not usable any more; the client is at work on it.

    Told once per loss, not per attempt. ``reason`` names no channel.
    """

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionRefused:
    """The server does not let us subscribe to ``channel``; it is tried again in a new session.

    ``error`` names no channel.
    """

    channel: str
    error: str


RealtimeEvent = Delivery | Gap | Connected | Disconnected | SubscriptionRefused


def as_told(event: bayeux.Event) -> RealtimeEvent | None:
    """Return what a session's event is to the reader; ``None``: nothing."""
    match event:
        case bayeux.MessageReceived():
            return event
        case bayeux.Opened():
            return Connected(resumed=event.is_resumed)
        case bayeux.Lost():
            return Disconnected(reason=event.reason)
        case bayeux.Missed():
            return Gap(since=event.since, until=event.until)
        case bayeux.SubscribeRefused():
            return SubscriptionRefused(channel=event.channel, error=event.error)
        case _:
            return None
