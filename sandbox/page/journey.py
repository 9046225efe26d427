"""The way of the last comment, with its times; pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Journey:
    """When a comment was where, in seconds since 1970; ``None``: not yet, or nobody said so.

    Attributes:
        published: the workspace gave it to the realtime service.
        received: the bot has it.
        stored: it is in the bot's database, with its notices.
        posted: the first message with it is in a room.
    """

    comment_id: int
    object_id: int
    published: float
    received: float | None = None
    stored: float | None = None
    posted: float | None = None

    def heard(self, step: str, at: float, comment_ids: Collection[int]) -> Journey:
        """Return the journey after the bot said that it has ``received`` or ``stored`` comments."""
        if self.comment_id not in comment_ids or getattr(self, step) is not None:
            return self
        return replace(self, received=at) if step == "received" else replace(self, stored=at)

    def shown(self, message: str, at: float) -> Journey:
        """Return the journey after a message, as text, was posted or edited."""
        if self.posted is not None or not re.search(rf"#comment-{self.comment_id}\b", message):
            return self
        return replace(self, posted=at)

    def told(self) -> dict[str, Any]:
        """Return the journey for pages, times in milliseconds since 1970."""
        return {
            "comment_id": str(self.comment_id),
            "object_id": str(self.object_id),
            **{
                step: None if (at := getattr(self, step)) is None else round(at * 1000)
                for step in ("published", "received", "stored", "posted")
            },
        }
