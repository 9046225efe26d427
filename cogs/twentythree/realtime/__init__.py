"""Drives the Bayeux session over aiohttp: WebSocket first, long-polling where it must be."""

from .client import RealtimeClient
from .events import (
    Connected,
    Delivery,
    Disconnected,
    Gap,
    RealtimeEvent,
    SubscriptionRefused,
)
from .options import RealtimeOptions

__all__ = [
    "Connected",
    "Delivery",
    "Disconnected",
    "Gap",
    "RealtimeClient",
    "RealtimeEvent",
    "RealtimeOptions",
    "SubscriptionRefused",
]
