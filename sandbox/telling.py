"""Messages of the sandbox's Discord as lines of text, for a terminal."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from .chat import Shown

# A message of more notices is shown by its first and last.
_MOST_NOTICES = 3
_STAMP = re.compile(r"<t:(\d+)(?::[tTdDfFR])?>")
# The same time again, as "2 hours ago" on a person's screen.
_RELATIVE = re.compile(r" \(<t:\d+:R>\)")
_BOLD = re.compile(r"(?<!\\)\*\*")
_ESCAPED = re.compile(r"\\([\\*_~`|>\[\]()#<:@.+\-!&])")
# At the end of a line that is a whole comment.
_LINK = re.compile(r" ?\[»\]\(\S+\)")


def told(room: str, shown: Shown, mark: str = "") -> str:
    """Return a message as lines: what a person reads in the room, not its markdown."""
    head = f"  #{room}{mark}  "
    lines = [head + _plain(shown.content)] if shown.content else []
    notices = [notice for embed in shown.embeds for notice in _notices(embed)]
    if len(notices) > _MOST_NOTICES:
        between = f"    … {len(notices) - 2} more in the same message …"
        return "\n".join([*lines, head + notices[0], between, f"    {notices[-1]}"])
    return "\n".join([*lines, *(head + notice for notice in notices)])


def _notices(embed: dict[str, Any]) -> list[str]:
    """Return what an embed says: one notice, or a comment in each of its lines."""
    title, description = _plain(embed.get("title", "")), embed.get("description", "")
    author = embed.get("author", {}).get("name")
    if author is not None:
        footer = _plain(embed.get("footer", {}).get("text", ""))
        return [f"{_plain(author)}: {_plain(description)}  ({footer}, {title})"]
    if _LINK.search(description):
        return [_plain(_LINK.sub("", line)) for line in description.split("\n") if line]
    return [f"[{title}] {_plain(description)}"]


def _plain(text: str) -> str:
    unmarked = _BOLD.sub("", _RELATIVE.sub("", text)).replace("\n", " · ")
    return _STAMP.sub(_time, _ESCAPED.sub(r"\1", unmarked))


def _time(found: re.Match[str]) -> str:
    return datetime.fromtimestamp(int(found[1]), UTC).strftime("%H:%M UTC")
