"""Which rooms take a comment, and which may quote what it answers."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from .hiding import hides
from .model import Comment, CommentKind, CommentNotice, CommentPolicy, Quote
from .room_settings import RoomSettings


def accepts(policy: CommentPolicy, comment: Comment | Quote) -> bool:
    """Tell whether a room with this policy may show the comment, or what one answers.

    Questions may be visible to the host alone until staff promote them; unpromoted ones go only
    where ``all`` was chosen.
    """
    match policy:
        case CommentPolicy.NONE:
            return False
        case CommentPolicy.PROMOTED:
            return comment.is_promoted
        case CommentPolicy.PUBLIC:
            return comment.is_promoted or comment.kind is not CommentKind.QUESTION
        case CommentPolicy.ALL:
            return True
        case _:  # pragma: no cover
            assert_never(policy)


def is_hidden(settings: RoomSettings, comment: Comment | Quote) -> bool:
    """Tell whether a room that takes a comment, or what one answers, leaves it out."""
    return hides(
        settings,
        kind=comment.kind,
        is_promoted=comment.is_promoted,
        author=comment.author,
        text=comment.text,
    )


def without_private_quote(
    policy: CommentPolicy, comment: Comment, settings: RoomSettings | None = None
) -> Comment:
    """Return the comment with nothing of what it answers where the room may not show that."""
    quote = comment.answers
    is_left_out = quote is not None and settings is not None and is_hidden(settings, quote)
    if quote is None or (accepts(policy, quote) and not is_left_out):
        return comment
    return replace(comment, answers=Quote(comment_id=quote.comment_id))


def requoted(notice: CommentNotice, quoted: Comment | None, policy: CommentPolicy) -> CommentNotice:
    """Return the notice of an answer, given what it answers as that is now; ``None``: it is gone.

    Nothing of it is quoted where the room may not show it any more.
    """
    quote = notice.comment.answers
    if quote is None or (quoted is not None and accepts(policy, quoted)):
        return notice
    bare = replace(notice.comment, answers=Quote(comment_id=quote.comment_id))
    return replace(notice, comment=withdrawing(notice.comment, bare))


def withdrawing(was: Comment, comment: Comment) -> Comment:
    """Return the comment with a note of a quote that it has shown and shows no more."""
    before, quote = was.answers, comment.answers
    if before is None or quote is None or quote.text or not (before.text or before.is_withdrawn):
        return comment
    return replace(comment, answers=replace(quote, is_withdrawn=True))
