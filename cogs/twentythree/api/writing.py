"""What is changed in the workspace: comments, one request for each change."""

from __future__ import annotations

from ..domain.acting import MAX_REPLY
from ..domain.fields import identity, storable
from ..domain.model import CommentId, CommentKind, CommentStatus, ObjectId, ObjectKind
from ..errors import WorkspaceRefusedError
from . import methods
from .calling import Caller
from .envelope import ApiAnswer

_ADD = "comment/add"


class Writing:
    """Changes comments of one workspace.

    Each method makes one request and never a second: what may be repeated, and when, is for those
    to know who can read what has become of it. Sources: the vendor's OpenAPI document, and
    https://github.com/23/twentythree-cli, which sends the same.

    Every method raises a WorkspaceError of errors.py. The change may have been made only where
    that is a WorkspaceUnreachableError with ``was_sent``; after UnknownObjectError (the comment
    is gone), AccessDeniedError (the level is too low), CredentialsRefusedError and
    WorkspaceRefusedError it was not.
    """

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def promote(self, comment_id: CommentId, *, is_promoted: bool) -> None:
        """Promote a comment, or take its promotion back."""
        await self._caller.call_once(methods.comment_promote(comment_id, is_promoted=is_promoted))

    async def set_status(
        self, object_id: ObjectId, comment_id: CommentId, status: CommentStatus
    ) -> None:
        """Mark what was said at a live event as answered or dismissed, or as open again."""
        await self._caller.call_once(methods.comment_update(object_id, comment_id, status))

    async def delete(self, comment_id: CommentId) -> None:
        """Delete a comment for good."""
        await self._caller.call_once(methods.comment_delete(comment_id))

    async def reply(
        self, kind: ObjectKind, object_id: ObjectId, *, to: CommentId, text: str, name: str
    ) -> CommentId | None:
        """Reply to a comment of an object of a kind, under a name; all who watch see it.

        Space around the text is not sent. The name should be one that ``fields.as_author`` leaves
        as it is, or the reply is not read back under it.

        Returns:
            The ID of the reply, where the workspace tells it.

        Raises:
            WorkspaceRefusedError: also where there is no text or too much; nothing is sent then.
        """
        text = storable(text).strip()
        if not text or len(text) > MAX_REPLY:
            raise WorkspaceRefusedError(_ADD, "too_long" if text else "empty")
        call = methods.comment_add(kind, object_id, to=to, text=text, name=storable(name))
        return _made(await self._caller.call_once(call), to)

    async def copy(
        self, comment_id: CommentId, kind: CommentKind = CommentKind.QUESTION
    ) -> CommentId | None:
        """Make a copy of a comment that is of a kind.

        Returns:
            The ID of the copy, where the workspace tells it.
        """
        call = methods.comment_clone(comment_id, kind)
        return _made(await self._caller.call_once(call), comment_id)


def _made(answer: ApiAnswer, of: CommentId) -> CommentId | None:
    """Return the comment that was made, which is not the one that it was made of."""
    told = (identity(place.get("comment_id")) for place in (*answer.rows, answer.extra))
    return next((CommentId(number) for number in told if number not in {None, of}), None)
