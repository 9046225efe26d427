"""What is planned in a room, as one embed."""

from __future__ import annotations

from typing import Any

from ..domain.model import Planned, ProgrammeNotice
from .links import safe_url
from .text import disarm

# Ten lines of these fit into a description, whatever the titles are.
_MAX_TITLE = 90
_MAX_URL = 250
_COLOUR = 0x4F8EF7


def programme_embed(notice: ProgrammeNotice) -> dict[str, Any]:
    """Render the programme: a line for each event, with the time in the reader's own zone."""
    lines = [_line(one) for one in notice.planned]
    if notice.more:
        lines.append(f"and {notice.more} more")
    return {
        "title": "Planned live events",
        "description": "\n".join(lines) or "Nothing is planned.",
        "color": _COLOUR,
    }


def _line(one: Planned) -> str:
    stamp = int(one.at.timestamp())
    title = disarm(one.object.title, _MAX_TITLE).text or "Untitled"
    url = safe_url(one.object.url, fragment=f"planned-{one.object.object_id}")
    link = f" [»]({url})" if url is not None and len(url) <= _MAX_URL else ""
    return f"<t:{stamp}:f> (<t:{stamp}:R>) · {title}{link}"
