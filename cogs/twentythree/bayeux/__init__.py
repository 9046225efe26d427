"""The Bayeux protocol as a client sees it, sans-IO: no clock, no socket, no asyncio."""

from .backoff import Backoff
from .channels import CatchUp, matching_patterns, valid_channel, valid_interval, valid_pattern
from .events import (
    UNREADABLE,
    Arriving,
    Event,
    HandshakeFailed,
    Lost,
    MessageReceived,
    Missed,
    Opened,
    Stopped,
    SubscribeAccepted,
    SubscribeRefused,
    Unanswered,
    read_frame,
)
from .messages import Advice, Message, handshake
from .requests import SessionOptions
from .session import Session
from .states import TRANSITIONS, State, Trigger

__all__ = [
    "TRANSITIONS",
    "UNREADABLE",
    "Advice",
    "Arriving",
    "Backoff",
    "CatchUp",
    "Event",
    "HandshakeFailed",
    "Lost",
    "Message",
    "MessageReceived",
    "Missed",
    "Opened",
    "Session",
    "SessionOptions",
    "State",
    "Stopped",
    "SubscribeAccepted",
    "SubscribeRefused",
    "Trigger",
    "Unanswered",
    "handshake",
    "matching_patterns",
    "read_frame",
    "valid_channel",
    "valid_interval",
    "valid_pattern",
]
