"""Bodies and frames as lists of messages."""

from __future__ import annotations

import json
from urllib.parse import parse_qs

from .engine import Message


def messages_of_body(body: str, content_type: str) -> list[object] | None:
    """Return what was posted: JSON, or a form with JSON in ``message``; ``None``: neither."""
    if content_type == "application/json":
        return messages_of(body)
    found = parse_qs(body).get("message", [""])
    return messages_of(found[0])


def messages_of_frame(frame: str | bytes) -> list[object] | None:
    """Return a frame's messages; one with ``null`` in it has no answer at all."""
    messages = messages_of(frame)
    return None if messages is None or None in messages else messages


def messages_of(text: str | bytes) -> list[object] | None:
    """Return a list's items, or the one thing that is no list, as Faye reads JSON."""
    try:
        parsed = json.loads(text)
    except ValueError:
        return None
    if isinstance(parsed, list):
        return parsed
    return [parsed] if parsed is None or isinstance(parsed, dict) else None


def session_of(messages: list[object]) -> str | None:
    """Return the session whose connect is among them: the socket is its own from now on."""
    for message in messages:
        if isinstance(message, dict) and message.get("channel") == "/meta/connect":
            client_id = message.get("clientId")
            return client_id if isinstance(client_id, str) and client_id else None
    return None


def as_text(messages: list[Message]) -> str:
    """Return messages as Faye writes them: no blanks, nothing escaped that need not be."""
    return json.dumps(messages, ensure_ascii=False, separators=(",", ":"))
