"""Replies that were sent from rooms, as they are shown under their questions."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from .model import CommentId, CommentNotice, SentReply, Standing


def with_replies(notice: CommentNotice, sent: Iterable[SentReply]) -> CommentNotice:
    """Return the notice of a comment as it shows these replies, in place of what they said before.

    A notice that shows no comment shows no reply.
    """
    if notice.standing is not Standing.SHOWN:
        return notice
    replies = {one.comment_id: one for one in (*notice.replies, *sent)}
    return replace(notice, replies=tuple(replies.values()))


def without_replies(notice: CommentNotice, gone: Collection[CommentId]) -> CommentNotice:
    """Return the notice of a comment without the replies that are not there any more."""
    return replace(
        notice, replies=tuple(one for one in notice.replies if one.comment_id not in gone)
    )
