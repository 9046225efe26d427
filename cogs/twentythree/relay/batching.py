"""Which notices share a Discord message, and the nonce of that message."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from .model import LiveNotice, Notice, QueuedNotice, RoomId

# https://discord.com/developers/docs/resources/message#create-message
MAX_EMBEDS = 10
MAX_CHARS = 6_000
MAX_NONCE = 25


def plan(
    queued: Sequence[QueuedNotice],
    *,
    cost: Callable[[Notice], int],
    max_embeds: int = MAX_EMBEDS,
    max_chars: int = MAX_CHARS,
) -> tuple[QueuedNotice, ...]:
    """Return the notices of the next message, at least one if any wait.

    A card is alone in its message, since it is edited, and goes before comments. Comments keep
    their order and share a message as far as Discord's limits let them; the first of them goes
    in any case, so that one that takes too much cannot stop a room for ever.

    Args:
        queued: what waits in one room, oldest first.
        cost: the characters that a notice takes.
        max_embeds: notices per message.
        max_chars: characters of all embeds of a message together.
    """
    for one in queued:
        if isinstance(one.notice, LiveNotice):
            return (one,)
    batch: list[QueuedNotice] = []
    left = max_chars
    for one in queued[:max_embeds]:
        left -= cost(one.notice)
        if batch and left < 0:
            break
        batch.append(one)
    return tuple(batch)


def nonce(room_id: RoomId, event_keys: Iterable[str], created_at: datetime) -> str:
    """Return the nonce of a batch: the same batch always has the same one, no other has it.

    At most 25 characters, a digest of 125 bits. ``created_at`` is aware.
    """
    when = created_at.astimezone(UTC).isoformat()
    text = "\n".join((str(room_id), when, *event_keys))
    digest = hashlib.sha256(text.encode()).digest()
    return base64.b32encode(digest).decode().lower()[:MAX_NONCE]
