"""What one sighting of a comment means: remember it, and say it where it has news value."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from .model import Attachment, Comment, CommentId, CommentNotice, NewNotice, Source
from .policy import accepts

_PREFIX = "comment:"
_FINGERPRINT = 16
_SPELLED = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What the memory holds of a comment.

    ``fingerprint`` stands for all that a room may show of it; ``None``: not known. ``is_gone``:
    the workspace was asked and had it no more.
    """

    comment_id: CommentId
    is_promoted: bool
    fingerprint: str | None = None
    is_gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to write. ``remember`` is ``None`` where the memory is right already.

    ``is_doubtful``: what was seen is at odds with what is known, and came by a way that may
    repeat old messages; the workspace is to be asked.
    """

    remember: Remembered | None
    notices: tuple[NewNotice, ...]
    is_doubtful: bool = False


def event_key(comment_id: CommentId) -> str:
    """Return the comment's key in the outbox, where it is unique per room."""
    return f"{_PREFIX}{comment_id}"


def fingerprint(comment: Comment) -> str:
    """Return what differs where anything differs that may change and that a room may show."""
    shown = (
        comment.kind,
        comment.is_promoted,
        comment.status,
        comment.author,
        comment.text,
    )
    return hashlib.sha256(repr(shown).encode("utf-8", "replace")).hexdigest()[:_FINGERPRINT]


def memory_of(comment: Comment) -> Remembered:
    """Return what the memory is to hold of a comment that was seen."""
    return Remembered(
        comment_id=comment.comment_id,
        is_promoted=comment.is_promoted,
        fingerprint=fingerprint(comment),
    )


def in_order(found: Iterable[Comment]) -> list[Comment]:
    """Return comments as they were written, one after the other, as far as all of them tell.

    Comments are not numbered in the order in which they were written: where times are known, they
    count. Spellings of one workspace compare like the times they stand for.
    """
    comments = sorted(found, key=lambda one: one.comment_id)
    times = [one.created_at for one in comments if one.created_at is not None]
    if len(times) == len(comments):
        return [one for _, one in sorted(zip(times, comments, strict=True), key=lambda it: it[0])]
    if all(_SPELLED.fullmatch(one.created_text) for one in comments):
        return sorted(comments, key=lambda one: one.created_text)
    return comments


def decide(
    comment: Comment,
    remembered: Remembered | None,
    attachments: Iterable[Attachment],
    *,
    source: Source,
    now: datetime,
) -> Decision:
    """Decide on one sighting of a comment.

    News is a comment that was not seen before, a promotion, and what is there again after it was
    gone. The outbox drops what was already said in a room. A withdrawn promotion is remembered,
    so that a new one counts. A realtime message about a comment that is gone may be an old one:
    only the workspace's own word brings it back.

    Args:
        comment: the comment as just seen.
        remembered: what the memory holds of it.
        attachments: those of its object that it can be news for.
        source: how it was seen.
        now: the time, aware.
    """
    seen = memory_of(comment)
    if seen == remembered:
        return Decision(remember=None, notices=())
    is_doubtful = source is Source.REALTIME and remembered is not None
    if remembered is not None and remembered.is_gone and source is Source.REALTIME:
        return Decision(remember=None, notices=(), is_doubtful=True)
    is_news = remembered is None or comment.is_promoted or remembered.is_gone
    if not is_news:
        return Decision(remember=seen, notices=(), is_doubtful=is_doubtful)
    notices = tuple(
        NewNotice(
            attachment_id=attachment.attachment_id,
            room_id=attachment.room_id,
            event_key=event_key(comment.comment_id),
            notice=CommentNotice(
                object=attachment.object,
                comment=comment,
                source=source,
                seen_at=now,
                is_known=remembered is not None,
            ),
        )
        for attachment in attachments
        if accepts(attachment.rules.comments, comment)
    )
    return Decision(remember=seen, notices=notices, is_doubtful=is_doubtful)
