"""The relay at work: realtime and REST in, the outbox out.

``Bridge`` is the whole of it for the outside; it knows no Discord.
"""

from .book import Analytics
from .model import BridgeStatus, ChannelShape, Mode, ObjectStatus, WantedAttachment, WantedFollow
from .options import BridgeOptions
from .service import Bridge

__all__ = [
    "Analytics",
    "Bridge",
    "BridgeOptions",
    "BridgeStatus",
    "ChannelShape",
    "Mode",
    "ObjectStatus",
    "WantedAttachment",
    "WantedFollow",
]
