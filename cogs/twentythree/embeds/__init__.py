"""Notices as Discord message bodies: pure functions, the same notice always gives the same body."""

from .body import Body, body_json, cost, digest, identity, lines, message
from .text import MAX_MESSAGE_UNITS, disarm, one_line

__all__ = [
    "MAX_MESSAGE_UNITS",
    "Body",
    "body_json",
    "cost",
    "digest",
    "disarm",
    "identity",
    "lines",
    "message",
    "one_line",
]
