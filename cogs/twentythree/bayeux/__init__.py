"""The Bayeux protocol as a client sees it, sans-IO: no clock, no socket, no asyncio."""

from .channels import CatchUp, matching_patterns, valid_channel, valid_interval, valid_pattern
from .messages import Advice, Message, handshake
from .requests import SessionOptions
from .retrying import RetryDelays
from .session import Session
from .session_events import (
    UNREADABLE,
    Arriving,
    Connected,
    Disconnected,
    FrameReader,
    Gap,
    HandshakeFailed,
    MessageReceived,
    SessionEvent,
    Stopped,
    SubscriptionAccepted,
    SubscriptionRefused,
    Unanswered,
    read_frame,
)
from .states import TRANSITIONS, State, Trigger

__all__ = [
    "TRANSITIONS",
    "UNREADABLE",
    "Advice",
    "Arriving",
    "CatchUp",
    "Connected",
    "Disconnected",
    "FrameReader",
    "Gap",
    "HandshakeFailed",
    "Message",
    "MessageReceived",
    "RetryDelays",
    "Session",
    "SessionEvent",
    "SessionOptions",
    "State",
    "Stopped",
    "SubscriptionAccepted",
    "SubscriptionRefused",
    "Trigger",
    "Unanswered",
    "handshake",
    "matching_patterns",
    "read_frame",
    "valid_channel",
    "valid_interval",
    "valid_pattern",
]
