"""What a message is stored with before it is sent: its nonce and its body."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from ..domain.model import Draft, NewNotice, QueuedNotice, RoomId
from ..embeds import body_json

# https://discord.com/developers/docs/resources/message#create-message
MAX_NONCE = 25


def draft_of(notices: Sequence[NewNotice | QueuedNotice], now: datetime) -> Draft:
    """Return what a message of these notices, all of one room, is stored with."""
    keys = [one.event_key for one in notices]
    return Draft(
        nonce=nonce(notices[0].room_id, keys, now),
        body=body_json([one.notice for one in notices]),
    )


def draft_lone(new: NewNotice, now: datetime) -> Draft:
    """Return what the message of a notice that is alone in it is stored with."""
    return draft_of([new], now)


def nonce(room_id: RoomId, event_keys: Iterable[str], created_at: datetime) -> str:
    """Return the nonce of a batch: the same batch always has the same one, no other has it.

    A digest of 125 bits. ``created_at`` is aware.
    """
    when = created_at.astimezone(UTC).isoformat()
    text = "\n".join((str(room_id), when, *event_keys))
    digest = hashlib.sha256(text.encode()).digest()
    return base64.b32encode(digest).decode().lower()[:MAX_NONCE]
