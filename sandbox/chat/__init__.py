"""A stand-in for Discord on loopback: gateway v10 and REST v10, for the demo and for tests."""

from .chat import Chat
from .errors import NoReplyError, NotOfferedError
from .faults import Fault
from .model import Channel, ChannelType, Guild, Message, Role, Scheduled, ScheduledStatus, User
from .options import ChatOptions, Limit, Rules
from .payloads import Shown
from .people import Reply

__all__ = [
    "Channel",
    "ChannelType",
    "Chat",
    "ChatOptions",
    "Fault",
    "Guild",
    "Limit",
    "Message",
    "NoReplyError",
    "NotOfferedError",
    "Reply",
    "Role",
    "Rules",
    "Scheduled",
    "ScheduledStatus",
    "Shown",
    "User",
]
