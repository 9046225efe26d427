"""Drives the Bayeux session over aiohttp: WebSocket first, long-polling where it must be."""

from ..bayeux import Connected, Disconnected, Gap, MessageReceived, SubscriptionRefused
from .client import RealtimeClient
from .inbox import RealtimeEvent
from .transport import RealtimeOptions

__all__ = [
    "Connected",
    "Disconnected",
    "Gap",
    "MessageReceived",
    "RealtimeClient",
    "RealtimeEvent",
    "RealtimeOptions",
    "SubscriptionRefused",
]
