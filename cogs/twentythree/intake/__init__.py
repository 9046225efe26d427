"""The relay at work: realtime and REST in, the outbox out.

``Bridge`` is the whole of it for the outside; it knows no Discord.
"""

from .exchange import (
    BridgeStatus,
    ChannelShape,
    Mode,
    ObjectStatus,
    WantedAttachment,
    WantedFollow,
    WantedSetup,
)
from .ports import Analytics, BridgeOptions, Clock, Ports
from .question_boards import QuestionPage
from .service import Bridge

__all__ = [
    "Analytics",
    "Bridge",
    "BridgeOptions",
    "BridgeStatus",
    "ChannelShape",
    "Clock",
    "Mode",
    "ObjectStatus",
    "Ports",
    "QuestionPage",
    "WantedAttachment",
    "WantedFollow",
    "WantedSetup",
]
