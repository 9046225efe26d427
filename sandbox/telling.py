"""Messages of the sandbox's Discord as lines of text, for a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias

from .chat import Reply, Shown
from .chat.components import BUTTON, MENU, walk

Names: TypeAlias = Mapping[int, str]
"""What mentions are shown as, by ID: "@Mia", "#film"."""

# A message of more notices is shown by its first and last.
_MOST_NOTICES = 3
_STAMP = re.compile(r"<t:(\d+)(?::[tTdDfFR])?>")
# The same time again, as "2 hours ago" on a person's screen.
_RELATIVE = re.compile(r" \(<t:\d+:R>\)")
_MARKDOWN = re.compile(r"(?<!\\)[*`]|^(?:-#|#{1,3}) ", re.MULTILINE)
_ESCAPED = re.compile(r"\\([\\*_~`|>\[\]()#<:@.+\-!&])")
_MENTION = re.compile(r"<(?:@&|@|#)(\d+)>")
# At the end of a line that is a whole comment.
_LINK = re.compile(r"[ \u00a0]?\[»\]\(\S+?\)")
_LINKED = re.compile(r"(?<!\\)\[([^\]\n]*[^\]\n\\])\]\(<?https?://[^\s)]+\)")
# It stands in no room as large as in a line of a terminal.
_CREATED = re.compile(r" · written [^·]+ by the platform's clock$")
# The address of an embed that is one comment, and the line below its text.
_CARD = re.compile(r"#comment-\d+$")
_KIND = re.compile(r"^-# \[?(?:Comment|Chat|Question)\b")
_TIME = re.compile(r"^-# <t:\d+:t>$")
_INDENT = "    "


def told(room: str, says: Sequence[str], mark: str = "") -> str:
    """Return what a message says (see :func:`says`) as lines that begin with its room."""
    head = f"  #{room}{mark}  "
    shown = [head + one.replace("\n", f"\n{_INDENT}") for one in says]
    if len(shown) > _MOST_NOTICES:
        between = f"{_INDENT}… {len(shown) - 2} more in the same message …"
        shown = [shown[0], between, _INDENT + shown[-1].removeprefix(head)]
    return "\n".join(shown)


def says(shown: Shown | Reply, names: Names | None = None) -> list[str]:
    """Return what a person reads in a message, not its markdown: each notice as a text."""
    names = names or {}
    text = [plain(shown.content, names)] if shown.content else []
    notices = [one for embed in shown.embeds for one in _notices(embed, names)]
    files = [f"(file) {one['filename']}" for one in shown.attachments]
    return [*text, *notices, *files]


def offers(components: list[dict[str, Any]]) -> str:
    """Return what can be pressed under a message, or chosen; a form's fields are left out."""
    shown = []
    for _, one in walk(components):
        if one["type"] == BUTTON:
            emoji = one.get("emoji", {}).get("name", "")
            shown.append(f"[{emoji} {one['label']}]" if emoji else f"[{one['label']}]")
        elif one["type"] == MENU:
            shown.append(f"[{one['placeholder']} ({len(one['options'])}) ▾]")
    return " ".join(shown)


def plain(text: str, names: Names | None = None) -> str:
    """Return a text without its markdown; mentions by name, addresses of links left out."""

    def named(found: re.Match[str]) -> str:
        return (names or {}).get(int(found[1]), found[0])

    unmarked = _MARKDOWN.sub("", _RELATIVE.sub("", _LINKED.sub(r"\1", text)))
    return _MENTION.sub(named, _STAMP.sub(_time, _ESCAPED.sub(r"\1", unmarked)))


def _notices(embed: dict[str, Any], names: Names) -> Iterable[str]:
    """Return what an embed says: one notice, or a comment in each of its lines."""
    title, description = plain(embed.get("title", "")), embed.get("description", "")
    author = embed.get("footer", {}).get("text")
    if author is not None and _CARD.search(embed.get("url", "")):
        return [_comment(plain(author), description, names)]
    if _LINK.search(description):
        shown = [line for line in description.split("\n") if line and not _TIME.match(line)]
        return [plain(_LINK.sub("", line), names) for line in shown]
    about = f"[{title}] " if title else ""
    return [about + "\n".join(filter(None, plain(description, names).split("\n")))]


def _comment(author: str, description: str, names: Names) -> str:
    """Return a comment as a line, and what was replied to it and done with it below."""
    lines = description.split("\n")
    small = next((line for line in lines if _KIND.match(line)), "")
    about = _CREATED.sub("", plain(small))
    words, *others = [plain(line, names) for line in lines if line != small]
    if words.startswith("↩ "):
        above, words = f"{words}\n", "\n".join(others[:1])
        others = others[1:]
    else:
        above = ""
    return "\n".join((f"{above}{author}: {words}  ({about})", *others))


def _time(found: re.Match[str]) -> str:
    return datetime.fromtimestamp(int(found[1]), UTC).strftime("%H:%M UTC")
