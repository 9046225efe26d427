"""The writing methods of the API, which do what a scenario's hand does too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from . import rows
from .changes import Changes
from .methods import Caller, Result
from .model import Level, Live, Thing
from .params import COMMENT_MODES, QUESTION_MODES, Params, flag, kind_of, mode, number, seconds
from .problems import Problem, invalid, switched_off, unknown

# The vendor's documents have it so, although it writes. POST is allowed for every method.
BY_GET = frozenset({"comment/clone"})


class Writing:
    """The methods by the name of the API; all want POST, but ``BY_GET`` go without, too."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes

    def table(self) -> dict[str, Callable[[Caller, Params], Awaitable[Result]]]:
        """Return the methods."""
        return {
            "comment/add": self.add,
            "comment/clone": self.clone,
            "comment/promote": self.promote,
            "comment/update": self.update,
            "comment/delete": self.delete,
            "live/update": self.update_live,
        }

    async def add(self, caller: Caller, params: Params) -> Result:
        """Add a comment, or an answer to one, to an object that the caller may see."""
        state = self._changes.state
        thing = state.thing(number(params, "object_id"))
        if not state.may_see(caller.level, thing, params.get("object_token", "")):
            raise unknown()
        if params.get("object_type") != state.object_type(thing):
            raise invalid("object_type")
        content = params.get("content", "")
        if not content.strip() or len(content) > self._changes.options.most_text:
            raise invalid("content")
        _check_open(caller, thing, kind_of(params))
        self._check_spam(caller, params, content)
        comment = await self._changes.post_comment(
            thing.object_id,
            content,
            kind=kind_of(params),
            author=params.get("name") or "Guest",
            position_s=seconds(params, "comment_time"),
            reply_to=number(params, "reply_to_comment_id", 0) or None,
            address=params.get("email", ""),
        )
        return Result(rows={"comment_id": comment.comment_id}, message="The comment was added.")

    def _check_spam(self, caller: Caller, params: Params, content: str) -> None:
        spam = self._changes.options.spam
        is_excused = flag(params, "ignore_spam_p") and caller.level >= Level.WRITE
        if spam and spam in content and not is_excused:
            raise Problem(400, "comment_is_spam", "The comment looks like spam.")

    async def clone(self, caller: Caller, params: Params) -> Result:
        """Copy a comment, into another kind if one is given."""
        caller.require(Level.WRITE, "comment/clone")
        one = self._changes.state.comment(number(params, "comment_id"))
        kind = kind_of(params, "clone_comment_type", one.kind)
        made = await self._changes.clone_comment(one.comment_id, kind=kind)
        return Result(rows={"comment_id": made.comment_id}, message="The comment was cloned.")

    async def promote(self, caller: Caller, params: Params) -> Result:
        """Promote a comment; without ``promoted_p`` the promotion is turned over."""
        caller.require(self._changes.options.promote_level, "comment/promote")
        comment = self._changes.state.comment(number(params, "comment_id"))
        is_promoted = flag(params, "promoted_p", default=not comment.is_promoted)
        await self._changes.promote(comment.comment_id, is_promoted=is_promoted)
        return Result(rows={}, message="The promotion status was updated.")

    async def update(self, caller: Caller, params: Params) -> Result:
        """Mark a question of a live event as answered or dismissed, or as open again."""
        caller.require(Level.WRITE, "comment/update")
        comment = self._changes.state.comment(number(params, "comment_id"))
        if number(params, "object_id") != comment.object_id:
            raise unknown()
        if comment.object_type != "live":
            raise Problem(400, "invalid_type", "Only comments of live events have a status.")
        if params.get("comment_status", "") not in {"", "answered", "dismissed"}:
            raise invalid("comment_status")
        await self._changes.set_status(comment.comment_id, params.get("comment_status", ""))
        return Result(rows=rows.comment_row(comment, caller.level))

    async def delete(self, caller: Caller, params: Params) -> Result:
        """Delete a comment."""
        caller.require(self._changes.options.delete_level, "comment/delete")
        await self._changes.delete_comment(number(params, "comment_id"))
        return Result(rows={}, message="The comment was deleted.")

    async def update_live(self, caller: Caller, params: Params) -> Result:
        """Start, end, cancel or plan a live event, or say who may comment."""
        caller.require(Level.WRITE, "live/update")
        live = self._changes.state.live(number(params, "live_id"))
        live.comment_mode = mode(params, "comment_mode", COMMENT_MODES, live.comment_mode)
        live.question_mode = mode(params, "question_mode", QUESTION_MODES, live.question_mode)
        live_id = live.object_id
        if "broadcasting_p" in params:
            turn = self._changes.go_live if flag(params, "broadcasting_p") else self._end
            await turn(live_id)
        if flag(params, "cancelled_p"):
            await self._changes.cancel(live_id)
        if params.get("start_time"):
            await self._changes.schedule(live_id, float(number(params, "start_time")))
        return Result(rows={})

    async def _end(self, live_id: int) -> None:
        await self._changes.end_broadcast(live_id)


def _check_open(caller: Caller, thing: Thing, kind: str) -> None:
    """Refuse what is switched off on an object, or is for staff there; what names mean is a guess.

    Questions have a switch of their own.
    """
    if kind == "question" and isinstance(thing, Live):
        if thing.question_mode == "none":
            raise switched_off("Questions")
        return
    if thing.comment_mode == "none":
        raise switched_off("Comments")
    if thing.comment_mode != "full":
        caller.require(Level.WRITE, "comment/add")
