"""The channels and the comment events that are published; 641 bytes as a frame of Faye's."""

from __future__ import annotations

import hashlib
import json
from typing import Any

FRAME_BYTES = 641
_N_DIGITS = 7


def channels(count: int) -> list[str]:
    """Names as the workspaces make them: a root of 40 hex digits and a sub-channel."""
    roots = (hashlib.sha1(str(n).encode(), usedforsecurity=False) for n in range(count))
    return [f"/{root.hexdigest()}/all_json" for root in roots]


def comment() -> dict[str, Any]:
    """An invented comment, of the length that makes its frame ``FRAME_BYTES`` long.

    Room is left for ``n``, a number of seven digits that the publisher sets.
    """
    data: dict[str, Any] = {
        "n": 10 ** (_N_DIGITS - 1),
        "comment_id": 123456789,
        "comment_type": "comment",
        "promoted_p": 0,
        "object_id": 98765432,
        "object_type": "photo",
        "parent_id": None,
        "creation_date_epoch": 1764000000,
        "creation_date_ansi": "2025-11-24 16:00:00",
        "name": "An Attendee",
        "avatar_url": "https://video.example.com/files/avatar/medium.jpg",
        "likes": 3,
        "content": "",
        "content_text": "",
    }
    missing = FRAME_BYTES - len(frame(channels(1)[0], data))
    half = missing // 2
    data["content"] = ("Will the slides be shared after the webinar? " * 9)[:half]
    data["content_text"] = ("Will the slides be shared after the webinar? " * 9)[: missing - half]
    return data


def frame(channel: str, data: dict[str, Any]) -> bytes:
    """One event as the text of a WebSocket frame."""
    message = [{"channel": channel, "data": data}]
    return json.dumps(message, separators=(",", ":")).encode()
