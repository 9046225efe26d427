"""Notices as the JSON of one Discord message."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict, assert_never

from ..relay.model import CommentNotice, LiveNotice, Notice
from .cards import live_embed, mentioned_role, start_content
from .comments import comment_embed
from .text import units


class Body(TypedDict):
    """What is sent, in the words of Discord's "Create Message"."""

    content: str
    embeds: list[dict[str, Any]]
    allowed_mentions: dict[str, Any]


def message(notices: Sequence[Notice]) -> Body:
    """Render the notices of one message, in order. Nobody is mentioned but a start's role."""
    content = ""
    roles: list[str] = []
    for notice in notices:
        if isinstance(notice, LiveNotice) and (role := mentioned_role(notice)) is not None:
            content, roles = start_content(notice, role), [str(role)]
    mentions: dict[str, Any] = {"parse": []}
    if roles:
        mentions["roles"] = roles
    return {
        "content": content,
        "embeds": [_embed(notice) for notice in notices],
        "allowed_mentions": mentions,
    }


def body_json(notices: Sequence[Notice]) -> str:
    """Render the notices as JSON text, the same text for the same notices."""
    return json.dumps(message(notices), sort_keys=True, separators=(",", ":"))


def digest(body: str) -> str:
    """Return a short fingerprint of a body, to tell whether a message shows it."""
    return hashlib.sha256(body.encode()).hexdigest()[:32]


def cost(notice: Notice) -> int:
    """Count the characters that the notice takes of a message's 6000."""
    embed = _embed(notice)
    texts = (
        embed.get("title", ""),
        embed.get("description", ""),
        embed.get("footer", {}).get("text", ""),
        embed.get("author", {}).get("name", ""),
    )
    return sum(map(units, texts))


def identity(embeds: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return what tells a message's embeds from those of any other message."""
    return tuple(
        embed.get("url") or f"{embed.get('title', '')}\n{embed.get('description', '')}"
        for embed in embeds
    )


def _embed(notice: Notice) -> dict[str, Any]:
    match notice:
        case CommentNotice():
            return comment_embed(notice)
        case LiveNotice():
            return live_embed(notice)
        case _:
            assert_never(notice)
