"""Many comments in one message, a line each: in few embeds, or as the message's own text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import Any, NamedTuple

from ..domain.model import CommentNotice, ObjectInfo, Standing
from ..languages import tr
from .comment_embeds import (
    MAX_LINK,
    STANDINGS,
    comment_url,
    done_by_short,
    marked,
    quoted,
    short_replies,
    time_of,
)
from .text import (
    ELLIPSIS,
    MAX_DESCRIPTION,
    MESSAGE_SIZE,
    disarm,
    link_title,
    safe_url,
    title,
    units,
)

# https://discord.com/developers/docs/resources/message#create-message-jsonform-params
MAX_CONTENT = 2000
_MAX_TITLE, _MAX_TITLE_LINK = 80, 200
_COLOUR = 0x8A94A6
_LINK = re.compile(r"\[»\]\(<?([^()\s<>]+)>?\)")
# What a phone shows at once: so many characters side by side, in so many rows.
_ROW, _ROWS = 40, 30


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


def links_in(text: str) -> list[str]:
    """Return the addresses of the comments in what one of these functions made."""
    return _LINK.findall(text)


class _Line(NamedTuple):
    """A comment as it is shown, with its time where another minute begins; ``rows`` of a phone."""

    text: str
    rows: int


def _lines(notices: Sequence[CommentNotice], most: _Most, *, is_bare: bool) -> Iterator[_Line]:
    """Yield the comments' lines. ``is_bare``: for a message's own text, which has a time itself."""
    minute: datetime | None = None
    for notice in notices:
        text, rows = _line(notice, most, is_bare=is_bare)
        time = time_of(notice)
        began = None if time is None else time.replace(second=0, microsecond=0)
        if began is not None and began != minute and most.text and not is_bare:
            text, rows = f"-# <t:{int(began.timestamp())}:t>\n{text}", rows + 1
            minute = began
        yield _Line(text, rows)


def _line(notice: CommentNotice, most: _Most, *, is_bare: bool) -> _Line:
    comment, url = notice.comment, comment_url(notice)
    # A line's last word is not parted from its link: alone it would take a row.
    link = "" if url is None else f"\u00a0[»]({url})"
    if is_bare:
        # A link in plain text would bring its page along, if it were not for the brackets.
        link = "" if url is None or len(url) > MAX_LINK else f"\u00a0[»](<{url}>)"
    if most.text == 0:
        return _Line(f"{ELLIPSIS}{link}", 1)
    if notice.standing is not Standing.SHOWN:
        return _Line(f"{tr(STANDINGS[notice.standing])}{link}", 1)
    name = disarm(comment.author, most.name).text or tr("Guest")
    text = disarm(comment.text, most.text).text or ELLIPSIS
    said = marked(comment, f"**{name}**: {text}")
    above = [line for line in (quoted(comment, most.more),) if line]
    below = short_replies(notice.replies, most.more)
    shown = [*above, said, *below]
    lines = [*above, f"{said}{link}{done_by_short(notice)}", *below]
    return _Line("\n".join(lines), sum(ceil((units(one) + 2) / _ROW) for one in shown))


# In embeds.


@dataclass(slots=True, kw_only=True)
class _Block:
    """One embed to be."""

    about: ObjectInfo
    title: str
    first: int
    last: int
    lines: list[str] = field(default_factory=list)
    size: int = 0
    rows: int = 0

    def add(self, line: _Line, comment_id: int) -> None:
        self.size += units(line.text) + bool(self.lines)
        self.rows += line.rows
        self.lines.append(line.text)
        self.last = comment_id


def capacity(notices: Sequence[CommentNotice], after: int | None = None) -> int:
    """Return how many of the comments, from the first, one message holds as lines.

    ``after``: the object that the message before was about.
    """
    return _packed(notices, _LIMITS[0], after)[1]


def line_embeds(notices: Sequence[CommentNotice], after: int | None = None) -> list[dict[str, Any]]:
    """Render comments as lines, in their order; each links to its comment.

    Within a message's limits for as many comments as :func:`capacity` allows, and where their
    names and texts have grown since.
    """
    blocks: list[_Block] = []
    for most in _LIMITS:
        blocks, count = _packed(notices, most, after)
        if count == len(notices):
            break
    return [_embed(block) for block in blocks]


def _packed(
    notices: Sequence[CommentNotice], most: _Most, after: int | None
) -> tuple[list[_Block], int]:
    """Put lines into embeds; return these, and how many lines that were until all was full."""
    blocks: list[_Block] = []
    left, about = MESSAGE_SIZE.characters, after
    shown = zip(notices, _lines(notices, most, is_bare=False), strict=True)
    for count, (notice, line) in enumerate(shown):
        number, size = notice.comment.comment_id, units(line.text)
        is_same = about == notice.object.object_id
        last = blocks[-1] if blocks and is_same and _has_room(blocks[-1], line) else None
        heading = "" if is_same else title(notice.object.title)
        size += 1 if last is not None else units(heading)
        if size > left or (last is None and len(blocks) == MESSAGE_SIZE.embeds):
            return blocks, count
        if last is None:
            last = _Block(about=notice.object, title=heading, first=number, last=number)
            blocks.append(last)
        last.add(line, number)
        left, about = left - size, notice.object.object_id
    return blocks, len(notices)


def _has_room(block: _Block, line: _Line) -> bool:
    """Tell whether a line still fits into an embed, and that onto a phone."""
    is_short = block.size + units(line.text) < MAX_DESCRIPTION
    return is_short and block.rows + line.rows <= _ROWS


def _embed(block: _Block) -> dict[str, Any]:
    embed: dict[str, Any] = {"description": "\n".join(block.lines), "color": _COLOUR}
    if block.title:
        embed["title"] = block.title
        # Embeds of one message that share an address are folded together: no two share this.
        address = safe_url(block.about.url, fragment=f"comments-{block.first}-{block.last}")
        if address is not None:
            embed["url"] = address
    return embed


# As a message's own text.


def text_capacity(notices: Sequence[CommentNotice], after: int | None = None) -> int:
    """Return how many of the comments, from the first, one message holds without an embed."""
    return _filled(notices, _LIMITS[0], after)[1]


def text_of(notices: Sequence[CommentNotice], after: int | None = None) -> str:
    """Render comments as the text of a message; as :func:`line_embeds`, but without embeds."""
    text = ""
    for most in _LIMITS:
        text, count = _filled(notices, most, after)
        if count == len(notices):
            break
    return text


def _filled(notices: Sequence[CommentNotice], most: _Most, after: int | None) -> tuple[str, int]:
    lines: list[str] = []
    left, about = MAX_CONTENT, after
    shown = zip(notices, _lines(notices, most, is_bare=True), strict=True)
    for count, (notice, line) in enumerate(shown):
        new = [line.text]
        if about != notice.object.object_id:
            new.insert(0, _heading(notice.object))
        left -= sum(units(one) + 1 for one in new)
        # The first goes in any case; one line is shorter than a message.
        if left < -1 and lines:
            return "\n".join(lines), count
        lines += new
        about = notice.object.object_id
    return "\n".join(lines), len(notices)


def _heading(of: ObjectInfo) -> str:
    name, url = link_title(of.title, _MAX_TITLE), safe_url(of.url)
    return f"-# {name if url is None or len(url) > _MAX_TITLE_LINK else f'[{name}](<{url}>)'}"
