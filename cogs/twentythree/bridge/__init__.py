"""The relay at work: realtime and REST in, the outbox out.

``Bridge`` is the whole of it for the outside; it knows no Discord.
"""

from .model import BridgeStatus, ChannelShape, Mode, ObjectStatus, WantedAttachment
from .options import BridgeOptions
from .service import Bridge

__all__ = [
    "Bridge",
    "BridgeOptions",
    "BridgeStatus",
    "ChannelShape",
    "Mode",
    "ObjectStatus",
    "WantedAttachment",
]
