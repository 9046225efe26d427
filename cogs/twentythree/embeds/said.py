"""What a message says of one comment, read back from the message itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

# What stands around a comment: small print, and the replies that are there.
_AROUND = ("-# ", "> ")
# Before a line's link stood a plain space once.
_LINK = re.compile(r"[ \u00a0]\[»\]\(")


def said_of(comment_id: int, embeds: Sequence[Mapping[str, Any]], content: str = "") -> str:
    """Return what a message says of a comment, still disarmed; ``""``: it does not."""
    address = f"#comment-{comment_id}"
    for embed in embeds:
        description = str(embed.get("description", ""))
        if str(embed.get("url", "")).endswith(address):
            lines = description.split("\n")
            return "\n".join(line for line in lines if not line.startswith(_AROUND))
        if found := _line(description, address):
            return found
    return _line(content, address)


def _line(text: str, address: str) -> str:
    """Return the line that leads to a comment, without its link and what stands behind that."""
    for line in text.split("\n"):
        shown, *linked = _LINK.split(line, maxsplit=1)
        if linked and linked[0].partition(")")[0].strip("<>").endswith(address):
            return shown
    return ""
