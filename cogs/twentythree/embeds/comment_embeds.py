"""Comments: one as an embed of its own, or many in one message.

Many are a line each, grouped by object in as few embeds as it takes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from ..domain.model import CommentKind, CommentNotice, ObjectInfo, Source, Standing
from .marks import (
    KINDS,
    done_by,
    done_by_short,
    quoted,
    quoted_replies,
    short_replies,
    states,
)
from .text import ELLIPSIS, MAX_DESCRIPTION, MESSAGE_SIZE, disarm, one_line, safe_url, title, units

_MAX_AUTHOR = 256
_MAX_CREATED = 40
_MAX_LINES = 30
# Of what a comment answers, and of each reply to it.
_MAX_QUOTE = 100
_MAX_REPLY = 200

# In place of what a room may not show any more.
_STANDINGS = {
    Standing.WITHHELD: "*(no longer promoted)*",
    Standing.REMOVED: "*(removed on the platform)*",
}
_COLOURS = {
    CommentKind.COMMENT: 0x4F8EF7,
    CommentKind.CHAT: 0x8A94A6,
    CommentKind.QUESTION: 0xE8A33D,
}
_COLOUR_OF_LINES = 0x8A94A6
_LINK = re.compile(r"\[»\]\(([^()\s]+)\)")


class _Most(NamedTuple):
    """What a line shows at most of a name, a text, and what it answers or was replied to it."""

    name: int
    text: int
    more: int


# The later ones are for a message whose comments have grown since it was planned: an edit must
# find room for all of them, if need be for their links alone.
_LIMITS = (
    _Most(64, 400, 80),
    _Most(64, 120, 40),
    _Most(32, 40, 0),
    _Most(16, 8, 0),
    _Most(1, 1, 0),
    _Most(0, 0, 0),
)


def comment_embed(notice: CommentNotice) -> dict[str, Any]:
    """Render one comment.

    The embed's address carries the comment's ID: it is never the same twice in a message, where
    Discord would fold embeds of one address together, and it identifies the comment in a room.
    """
    comment = notice.comment
    url = safe_url(notice.object.url, fragment=f"comment-{comment.comment_id}")
    embed: dict[str, Any] = {
        "title": title(notice.object.title),
        "description": _STANDINGS.get(notice.standing) or _description(notice, url),
        "footer": {"text": _footer(notice)},
        "color": _COLOURS[comment.kind],
    }
    if notice.standing is Standing.SHOWN:
        embed["author"] = {"name": one_line(comment.author, _MAX_AUTHOR) or "Guest"}
    if url is not None:
        embed["url"] = url
    if (time := _time(notice)) is not None:
        embed["timestamp"] = time.astimezone(UTC).isoformat()
    return embed


def _description(notice: CommentNotice, url: str | None) -> str:
    """Return the text between its small print; of all of it, the text alone can be long."""
    above = [line for line in (quoted(notice.comment, _MAX_QUOTE),) if line]
    below = quoted_replies(notice.replies, _MAX_REPLY)
    below += [line for line in (done_by(notice),) if line]
    left = MAX_DESCRIPTION - sum(units(line) + 1 for line in (*above, *below))
    return "\n".join((*above, _text(notice.comment.text, url, left), *below))


def _text(text: str, url: str | None, limit: int) -> str:
    whole = (
        f"\n[Read the whole text](<{url}>)" if url else "\n*The whole text is on the video's page.*"
    )
    shown = disarm(text, limit, max_lines=_MAX_LINES)
    if shown.is_cut:
        return disarm(text, limit - units(whole), max_lines=_MAX_LINES).text + whole
    return shown.text or "*(no text)*"


def _footer(notice: CommentNotice) -> str:
    comment = notice.comment
    parts = [KINDS[comment.kind], *states(notice)]
    if comment.position_s is not None and comment.position_s >= 0:
        parts.append(f"at {_position(comment.position_s)}")
    if _time(notice) is None and (text := one_line(comment.created_text, _MAX_CREATED)):
        parts.append(f"{text} (the workspace's time)")
    return " · ".join(parts)


def _time(notice: CommentNotice) -> datetime | None:
    """Return when the comment was made, as far as is known.

    What has just come in was made just now. What was read later, after a gap, say, was not, and
    its time may be known only as the workspace spells it, in a zone it does not tell.
    """
    if notice.comment.created_at is not None:
        return notice.comment.created_at
    is_new = notice.source is Source.REALTIME and not notice.is_known
    return notice.seen_at if is_new else None


def _position(seconds: float) -> str:
    if seconds >= 360_000:  # noqa: PLR2004 - a hundred hours: no place on any time line
        return ELLIPSIS
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


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
    return _packed(notices, _LIMITS[0])[1]


def line_embeds(notices: Sequence[CommentNotice]) -> list[dict[str, Any]]:
    """Render comments as lines, in their order; each links to its comment.

    Within a message's limits for as many comments as :func:`capacity` allows, and where their
    names and texts have grown since.
    """
    blocks: list[_Block] = []
    for most in _LIMITS:
        blocks, count = _packed(notices, most)
        if count == len(notices):
            break
    return [_embed(block) for block in blocks]


def links_in(description: str) -> list[str]:
    """Return the addresses of the comments in an embed that :func:`line_embeds` made."""
    return _LINK.findall(description)


def _packed(notices: Sequence[CommentNotice], most: _Most) -> tuple[list[_Block], int]:
    """Put lines into embeds; return these, and how many lines that were until all was full."""
    blocks: list[_Block] = []
    left = MESSAGE_SIZE.characters
    for count, notice in enumerate(notices):
        line, number = _line(notice, most), notice.comment.comment_id
        last = blocks[-1] if blocks else None
        is_same = last is not None and last.about.object_id == notice.object.object_id
        size = units(line)
        if last is not None and is_same and last.size + size < MAX_DESCRIPTION:
            size += 1
            if size > left:
                return blocks, count
            last.lines.append(line)
            last.last, last.size = number, last.size + size
        else:
            heading = "" if is_same else title(notice.object.title)
            block = _Block(
                about=notice.object,
                title=heading,
                lines=[line],
                first=number,
                last=number,
                size=size,
            )
            size += units(heading)
            if size > left or len(blocks) == MESSAGE_SIZE.embeds:
                return blocks, count
            blocks.append(block)
        left -= size
    return blocks, len(notices)


def _line(notice: CommentNotice, most: _Most) -> str:
    comment = notice.comment
    label = ", ".join((KINDS[comment.kind], *states(notice)))
    url = safe_url(notice.object.url, fragment=f"comment-{comment.comment_id}")
    link = f" [»]({url})" if url else ""
    if most.text == 0:
        return f"{ELLIPSIS}{link}"
    if notice.standing is not Standing.SHOWN:
        return f"{label}: {_STANDINGS[notice.standing]}{link}"
    name = disarm(comment.author, most.name).text or "Guest"
    text = disarm(comment.text, most.text).text or ELLIPSIS
    above = [line for line in (quoted(comment, most.more),) if line]
    line = f"**{name}** · {label}: {text}{link}{done_by_short(notice)}"
    return "\n".join((*above, line, *short_replies(notice.replies, most.more)))


def _embed(block: _Block) -> dict[str, Any]:
    embed: dict[str, Any] = {"description": "\n".join(block.lines), "color": _COLOUR_OF_LINES}
    if block.title:
        embed["title"] = block.title
        # Embeds of one message that share an address are folded together: no two share this.
        address = safe_url(block.about.url, fragment=f"comments-{block.first}-{block.last}")
        if address is not None:
            embed["url"] = address
    return embed
