"""Messages of the sandbox's Discord as lines of text, for a terminal."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from .chat import Shown

# A message of more notices is shown by its first and last.
_MOST_EMBEDS = 3
_STAMP = re.compile(r"<t:(\d+)(?::[tTdDfFR])?>")
_ESCAPED = re.compile(r"\\([\\*_~`|>\[\]()#<:@.+\-!&])")


def told(room: str, shown: Shown, mark: str = "") -> str:
    """Return a message as lines: what a person reads in the room, not its markdown."""
    head = f"  #{room}{mark}"
    lines = [f"{head}  {_plain(shown.content)}"] if shown.content else []
    embeds = shown.embeds
    if len(embeds) > _MOST_EMBEDS:
        first, last = _notice(embeds[0]), _notice(embeds[-1])
        between = f"    … {len(embeds) - 2} more in the same message …"
        return "\n".join([*lines, f"{head}  {first}", between, f"    {last}"])
    return "\n".join([*lines, *(f"{head}  {_notice(embed)}" for embed in embeds)])


def _notice(embed: dict[str, Any]) -> str:
    author = embed.get("author", {}).get("name")
    text = _plain(embed.get("description", "")).replace("\n", " · ")
    footer = _plain(embed.get("footer", {}).get("text", ""))
    title = _plain(embed.get("title", ""))
    if author is None:
        return f"[{title}] {text}"
    return f"{_plain(author)}: {text}  ({footer}, {title})"


def _plain(text: str) -> str:
    return _STAMP.sub(_time, _ESCAPED.sub(r"\1", text))


def _time(found: re.Match[str]) -> str:
    return datetime.fromtimestamp(int(found[1]), UTC).strftime("%H:%M UTC")
