"""Many comments in one message: a line each, grouped by object in as few embeds as it takes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..domain.batching import MAX_CHARS, MAX_EMBEDS
from ..domain.model import CommentNotice, ObjectInfo, Standing
from .comments import LABELS, STANDINGS, marks
from .links import safe_url
from .text import ELLIPSIS, disarm, units

_MAX_TITLE = 256
_MAX_DESCRIPTION = 4096
_COLOUR = 0x8A94A6
# What a line shows at most of a name and a text. The later ones are for a message whose
# comments have grown since it was planned: an edit must find room for all of them, if need be for
# their links alone.
_LIMITS = ((64, 400), (64, 120), (32, 40), (16, 8), (1, 1), (0, 0))
_LINK = re.compile(r"\[»\]\(([^()\s]+)\)")


@dataclass(slots=True, kw_only=True)
class _Block:
    """One embed to be."""

    about: ObjectInfo
    title: str
    lines: list[str]
    first: int
    last: int
    size: int


def capacity(notices: Sequence[CommentNotice]) -> int:
    """Return how many of the comments, from the first, one message holds as lines."""
    return _packed(notices, *_LIMITS[0])[1]


def line_embeds(notices: Sequence[CommentNotice]) -> list[dict[str, Any]]:
    """Render comments as lines, in their order; each links to its comment.

    Within a message's limits for as many comments as :func:`capacity` allows, and where their
    names and texts have grown since.
    """
    blocks: list[_Block] = []
    for max_name, max_text in _LIMITS:
        blocks, count = _packed(notices, max_name, max_text)
        if count == len(notices):
            break
    return [_embed(block) for block in blocks]


def links_in(description: str) -> list[str]:
    """Return the addresses of the comments in an embed that :func:`line_embeds` made."""
    return _LINK.findall(description)


def _packed(
    notices: Sequence[CommentNotice], max_name: int, max_text: int
) -> tuple[list[_Block], int]:
    """Put lines into embeds; return these, and how many lines that were until all was full."""
    blocks: list[_Block] = []
    left = MAX_CHARS
    for count, notice in enumerate(notices):
        line, number = _line(notice, max_name, max_text), notice.comment.comment_id
        last = blocks[-1] if blocks else None
        is_same = last is not None and last.about.object_id == notice.object.object_id
        size = units(line)
        if last is not None and is_same and last.size + size < _MAX_DESCRIPTION:
            size += 1
            if size > left:
                return blocks, count
            last.lines.append(line)
            last.last, last.size = number, last.size + size
        else:
            title = "" if is_same else _title(notice.object)
            block = _Block(
                about=notice.object, title=title, lines=[line], first=number, last=number, size=size
            )
            size += units(title)
            if size > left or len(blocks) == MAX_EMBEDS:
                return blocks, count
            blocks.append(block)
        left -= size
    return blocks, len(notices)


def _line(notice: CommentNotice, max_name: int, max_text: int) -> str:
    comment = notice.comment
    label = ", ".join((LABELS[comment.kind], *marks(notice)))
    url = safe_url(notice.object.url, fragment=f"comment-{comment.comment_id}")
    link = f" [»]({url})" if url else ""
    if max_text == 0:
        return f"{ELLIPSIS}{link}"
    if notice.standing is not Standing.SHOWN:
        return f"{label}: {STANDINGS[notice.standing]}{link}"
    name = disarm(comment.author, max_name).text or "Guest"
    text = disarm(comment.text, max_text).text or ELLIPSIS
    return f"**{name}** · {label}: {text}{link}"


def _title(about: ObjectInfo) -> str:
    return disarm(about.title, _MAX_TITLE).text or "Untitled"


def _embed(block: _Block) -> dict[str, Any]:
    embed: dict[str, Any] = {"description": "\n".join(block.lines), "color": _COLOUR}
    if block.title:
        embed["title"] = block.title
        # Embeds of one message that share an address are folded together: no two share this.
        address = safe_url(block.about.url, fragment=f"comments-{block.first}-{block.last}")
        if address is not None:
            embed["url"] = address
    return embed
