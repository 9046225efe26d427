"""Drives the Bayeux session over aiohttp: WebSocket first, long-polling where it must be."""

from ..bayeux import Connected, Delivery, Disconnected, Gap, SubscriptionRefused
from .client import RealtimeClient
from .inbox import RealtimeEvent
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
