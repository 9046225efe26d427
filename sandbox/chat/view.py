"""Messages as a room shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from . import embeds
from .model import Message, MessageFlag


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A message as a room shows it; a snapshot.

    Attributes:
        author: the name.
        collapsed: URLs that several embeds share, of which Discord's client shows one.
        pinged_roles: of the roles in the text, those that were notified.
        sent_at: seconds since 1970.
    """

    id: int
    channel_id: int
    author_id: int
    author: str
    content: str
    embeds: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    is_edited: bool = False
    is_loading: bool = False
    collapsed: list[str] = field(default_factory=list)
    pinged_roles: list[int] = field(default_factory=list)
    pings_everyone: bool = False
    nonce: str | int | None = None
    flags: int = 0
    sent_at: float = 0.0


def shown(it: Message) -> Shown:
    """Return a snapshot of a message."""
    return Shown(
        id=it.id,
        channel_id=it.channel_id,
        author_id=it.author.id,
        author=it.author.name,
        content=it.content,
        embeds=[] if it.flags & MessageFlag.SUPPRESS_EMBEDS else list(it.embeds),
        components=list(it.components),
        is_edited=it.edited_at is not None,
        is_loading=it.is_loading,
        collapsed=embeds.collapsed(it.embeds),
        pinged_roles=list(it.mention_role_ids),
        pings_everyone=it.mention_everyone,
        nonce=it.nonce,
        flags=it.flags,
        sent_at=it.created_at,
    )
