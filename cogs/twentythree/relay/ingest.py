"""What one sighting of a comment means: remember it, and say it where it has news value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from .model import Attachment, Comment, CommentId, CommentNotice, NewNotice, Source
from .policy import accepts


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What the memory holds of a comment."""

    comment_id: CommentId
    is_promoted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to write. ``remember`` is ``None`` where the memory is right already."""

    remember: Remembered | None
    notices: tuple[NewNotice, ...]


def event_key(comment_id: CommentId) -> str:
    """Return the comment's key in the outbox, where it is unique per room."""
    return f"comment:{comment_id}"


def decide(
    comment: Comment,
    remembered: Remembered | None,
    attachments: Iterable[Attachment],
    *,
    source: Source,
    now: datetime,
) -> Decision:
    """Decide on one sighting of a comment.

    News is a comment that was not seen before, and a promotion. The outbox drops what was already
    said in a room. A withdrawn promotion is remembered, so that a new one counts.

    Args:
        comment: the comment as just seen.
        remembered: what the memory holds of it.
        attachments: those of its object that it can be news for.
        source: how it was seen.
        now: the time, aware.
    """
    seen = Remembered(comment_id=comment.comment_id, is_promoted=comment.is_promoted)
    if seen == remembered:
        return Decision(remember=None, notices=())
    is_news = remembered is None or comment.is_promoted
    if not is_news:
        return Decision(remember=seen, notices=())
    notices = tuple(
        NewNotice(
            attachment_id=attachment.attachment_id,
            room_id=attachment.room_id,
            event_key=event_key(comment.comment_id),
            notice=CommentNotice(
                object=attachment.object, comment=comment, source=source, seen_at=now
            ),
        )
        for attachment in attachments
        if accepts(attachment.rules.comments, comment)
    )
    return Decision(remember=seen, notices=notices)
