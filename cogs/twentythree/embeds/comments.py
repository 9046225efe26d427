"""A comment as one embed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ..domain.model import Comment, CommentKind, CommentNotice, Source, Standing
from .links import safe_url
from .text import ELLIPSIS, disarm, one_line, units

_MAX_AUTHOR = 256
_MAX_TITLE = 256
_MAX_DESCRIPTION = 4096
_MAX_CREATED = 40
_MAX_LINES = 30

LABELS = {
    CommentKind.COMMENT: "Comment",
    CommentKind.CHAT: "Chat",
    CommentKind.QUESTION: "Question",
}
# In place of what a room may not show any more.
STANDINGS = {
    Standing.WITHHELD: "*(no longer promoted)*",
    Standing.REMOVED: "*(removed on the platform)*",
}
_COLOURS = {
    CommentKind.COMMENT: 0x4F8EF7,
    CommentKind.CHAT: 0x8A94A6,
    CommentKind.QUESTION: 0xE8A33D,
}


def comment_embed(notice: CommentNotice) -> dict[str, Any]:
    """Render one comment.

    The embed's address carries the comment's ID: it is never the same twice in a message, where
    Discord would fold embeds of one address together, and it identifies the comment in a room.
    """
    comment = notice.comment
    url = safe_url(notice.object.url, fragment=f"comment-{comment.comment_id}")
    embed: dict[str, Any] = {
        "title": disarm(notice.object.title, _MAX_TITLE).text or "Untitled",
        "description": STANDINGS.get(notice.standing) or _text(comment.text, url),
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


def marks(notice: CommentNotice) -> list[str]:
    """Return what staff did with a comment, a word each."""
    comment = notice.comment
    if notice.standing is not Standing.SHOWN:
        return []
    return [word for word in (_promoted(comment), comment.status.value) if word]


def _promoted(comment: Comment) -> str:
    return "promoted" if comment.is_promoted else ""


def _text(text: str, url: str | None) -> str:
    whole = (
        f"\n[Read the whole text](<{url}>)" if url else "\n*The whole text is on the video's page.*"
    )
    shown = disarm(text, _MAX_DESCRIPTION, max_lines=_MAX_LINES)
    if shown.is_cut:
        return disarm(text, _MAX_DESCRIPTION - units(whole), max_lines=_MAX_LINES).text + whole
    return shown.text or "*(no text)*"


def _footer(notice: CommentNotice) -> str:
    comment = notice.comment
    parts = [LABELS[comment.kind], *marks(notice)]
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
