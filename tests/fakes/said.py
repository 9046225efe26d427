"""What the card of a comment says, apart from what stands around the comment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_OF_COMMENT = re.compile(r"#comment-\d+$")
_KIND = re.compile(r"^-# \[?(?:Comment|Chat|Question)\b.*$", re.MULTILINE)
_MARK = re.compile(r"^(?:[❓⭐✅] )", re.MULTILINE)


def said(embed: Mapping[str, Any]) -> str:
    """Return what a comment says, without its mark and its small print; of others, all."""
    description: str = embed.get("description", "")
    if not _OF_COMMENT.search(embed.get("url", "")):
        return description
    words = "\n".join(line for line in description.split("\n") if not _KIND.match(line))
    return _MARK.sub("", words).replace("~~", "")


def small_print(embed: Mapping[str, Any]) -> str:
    """Return the line that tells of a comment's kind, its state and its object, without links."""
    found = _KIND.search(embed.get("description", ""))
    line = "" if found is None else found[0].removeprefix("-# ")
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", line)
