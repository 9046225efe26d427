"""Which comments a room may show."""

from __future__ import annotations

from typing import assert_never

from .model import Comment, CommentKind, CommentPolicy


def accepts(policy: CommentPolicy, comment: Comment) -> bool:
    """Tell whether a room with this policy may show the comment.

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
        case _:
            assert_never(policy)
