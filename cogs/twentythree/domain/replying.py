"""Replies that were sent from rooms: known among the comments, and shown under their questions."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import timedelta

from .acting import Intent
from .model import Comment, CommentId, CommentNotice, SentReply, Standing

# So much the clocks of the workspace and of this machine may differ.
_CLOCK_DIFFERENCE = timedelta(minutes=5)


def is_reply(comment: Comment, intent: Intent) -> bool:
    """Tell whether a comment is the reply that was to be sent.

    It says the same under the same name. Where the workspace tells what it answers, or when it was
    made, that must fit: the same words may have been said before.
    """
    wanted, answers = intent.wanted, comment.answers
    if comment.object_id != wanted.object_id or not wanted.text.strip():
        return False
    if answers is not None and answers.comment_id != wanted.comment_id:
        return False
    earliest = intent.asked_at - _CLOCK_DIFFERENCE
    if comment.created_at is not None and comment.created_at < earliest:
        return False
    said, asked = (comment.author, comment.text), (intent.name, wanted.text)
    return all(map(_is_same, said, asked))


def _is_same(said: str, asked: str) -> bool:
    # The workspace may make HTML of it, which knows one kind of space.
    return said.split() == asked.split()


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
