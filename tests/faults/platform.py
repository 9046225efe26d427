"""What staff do to comments on the platform, beside the bot."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from sandbox.workspace import Problem, Workspace

from .speech import Speech
from .witness import BY_HAND

_STATUSES = ("answered", "dismissed", "")
_OPPOSITES = {
    "promote": "unpromote",
    "unpromote": "promote",
    "answer": "reopen",
    "reopen": "answer",
    "dismiss": "reopen",
}
_STATUS = {"answer": "answered", "dismiss": "dismissed", "reopen": ""}


class Platform:
    """Staff there."""

    def __init__(self, workspace: Workspace, speech: Speech) -> None:
        self._workspace = workspace
        self._speech = speech

    def table(self) -> Mapping[str, Callable[[float], Awaitable[object]]]:
        """Return what they do by name, each to what stands at a share of all."""
        return {
            "turn_promotion": self.turn_promotion,
            "set_status": self.set_status,
            "retract_reply": self.retract_reply,
        }

    async def turn_promotion(self, share: float) -> None:
        """Promote a comment, or take that back."""
        comment_id = self._speech.id_at(share)
        if comment_id is not None:
            is_promoted = not self._workspace.state.comments[comment_id].is_promoted
            await self._workspace.changes.promote(comment_id, is_promoted=is_promoted)

    async def set_status(self, share: float) -> None:
        """Give one of the live event's a status."""
        comment_id = self._speech.id_at(share)
        if comment_id is not None:
            await self._set(comment_id, _STATUSES[int(share * 1000) % len(_STATUSES)])

    async def retract_reply(self, share: float) -> None:
        """Delete a reply."""
        comments = self._workspace.state.comments.values()
        replies = sorted(one.comment_id for one in comments if one.reply_to is not None)
        if replies:
            await self._workspace.changes.delete_comment(replies[int(share * len(replies))])

    async def do(self, action: str, comment_id: int) -> None:
        """Do the same as a button, in spite of all."""
        token = BY_HAND.set(True)
        try:
            await self._do(action, comment_id)
        except Problem:
            # It is gone.
            pass
        finally:
            BY_HAND.reset(token)

    async def undo(self, action: str, comment_id: int) -> None:
        """Do the opposite of a button, where there is one."""
        if action in _OPPOSITES:
            await self.do(_OPPOSITES[action], comment_id)

    async def _do(self, action: str, comment_id: int) -> None:
        changes = self._workspace.changes
        # What is read and what is heard of it may come in another order than it was done.
        self._speech.doubt(comment_id)
        if action in {"promote", "unpromote"}:
            await changes.promote(comment_id, is_promoted=action == "promote")
        elif action == "delete":
            await changes.delete_comment(comment_id)
        elif action in _STATUS:
            await self._set(comment_id, _STATUS[action])

    async def _set(self, comment_id: int, status: str) -> None:
        if self._workspace.state.comment(comment_id).object_type == "live":
            await self._workspace.changes.set_status(comment_id, status)
