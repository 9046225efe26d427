"""What a notice of a comment shows after the comment has changed, or has gone."""

from __future__ import annotations

from dataclasses import replace

from .model import (
    AttachmentRules,
    Comment,
    CommentNotice,
    LiveNotice,
    Notice,
    ProgrammeNotice,
    QueuedNotice,
    Standing,
)
from .policy import accepts


def updated(
    notice: CommentNotice,
    comment: Comment,
    rules: AttachmentRules,
    *,
    is_confirmed: bool = True,
    is_forged: bool = False,
) -> CommentNotice:
    """Return the notice as it is to be shown now that the comment is as given.

    What a room showed by virtue of a promotion is withheld when that is taken back, and shown
    again with the next one. What it showed under rules that were changed since stays.
    ``is_confirmed``: the workspace says so, and not realtime alone. ``is_forged``: what realtime
    alone had said was something else.
    """
    was = notice.comment
    # When and where it was made does not change, but one way of seeing it tells more than another:
    # what was told may turn out to be wrong, what was not told needs no edit.
    told = comment if is_confirmed else was
    comment = replace(
        comment,
        created_at=was.created_at and (told.created_at or was.created_at),
        created_text=was.created_text and (told.created_text or was.created_text),
        position_s=was.position_s if None in (was.position_s, told.position_s) else told.position_s,
    )
    notice = replace(notice, is_corrected=notice.is_corrected or is_forged)
    if accepts(rules.comments, comment) or _stays(notice, comment):
        return replace(notice, comment=comment, standing=Standing.SHOWN)
    return _emptied(notice, comment, Standing.WITHHELD)


def removed(notice: CommentNotice) -> CommentNotice:
    """Return the notice of a comment that is not there any more: without its text and name."""
    return _emptied(notice, notice.comment, Standing.REMOVED)


def is_over(notice: Notice) -> bool:
    """Say whether nothing of the notice is to be shown any more."""
    match notice:
        case CommentNotice():
            return notice.standing is not Standing.SHOWN
        case LiveNotice() | ProgrammeNotice():
            return notice.is_withdrawn
        case _:
            return False


def takes_away(queued: QueuedNotice) -> bool:
    """Say whether a message may still show what it must not: its edit is a promise."""
    return queued.is_stale and is_over(queued.notice)


def _stays(notice: CommentNotice, comment: Comment) -> bool:
    before = notice.comment
    is_demoted = before.is_promoted and not comment.is_promoted
    is_same_kind = before.kind is comment.kind
    return notice.standing is Standing.SHOWN and is_same_kind and not is_demoted


def _emptied(notice: CommentNotice, comment: Comment, standing: Standing) -> CommentNotice:
    # Not even the store keeps what no room may show.
    empty = replace(comment, author="", text="")
    return replace(notice, comment=empty, standing=standing)
