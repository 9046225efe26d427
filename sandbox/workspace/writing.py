"""The writing methods of the API, which do what a scenario's hand does too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from . import rows
from .changes import Changes
from .methods import Caller, Result
from .model import Level
from .params import Params, flag, kind_of, number
from .problems import invalid, unknown


class Writing:
    """The methods by the name of the API; all of them want POST."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes

    def table(self) -> dict[str, Callable[[Caller, Params], Awaitable[Result]]]:
        """Return the methods."""
        return {
            "comment/add": self.add,
            "comment/promote": self.promote,
            "comment/update": self.update,
            "comment/delete": self.delete,
            "live/update": self.update_live,
        }

    async def add(self, caller: Caller, params: Params) -> Result:
        """Add a comment to an object that the caller may see."""
        state = self._changes.state
        thing = state.thing(number(params, "object_id"))
        if not state.may_see(caller.level, thing, params.get("object_token", "")):
            raise unknown()
        if not params.get("content"):
            raise invalid("content")
        comment = await self._changes.post_comment(
            thing.object_id,
            params["content"],
            kind=kind_of(params),
            author=params.get("name") or "Guest",
        )
        return Result(rows={"comment_id": comment.comment_id}, message="The comment was added.")

    async def promote(self, caller: Caller, params: Params) -> Result:
        """Promote a comment; without ``promoted_p`` the promotion is turned over."""
        caller.require(self._changes.options.promote_level, "comment/promote")
        comment = self._changes.state.comment(number(params, "comment_id"))
        is_promoted = flag(params, "promoted_p", default=not comment.is_promoted)
        await self._changes.promote(comment.comment_id, is_promoted=is_promoted)
        return Result(rows={}, message="The promotion status was updated.")

    async def update(self, caller: Caller, params: Params) -> Result:
        """Mark a question as answered or dismissed."""
        caller.require(Level.WRITE, "comment/update")
        comment = self._changes.state.comment(number(params, "comment_id"))
        if number(params, "object_id") != comment.object_id:
            raise unknown()
        if params.get("comment_status", "") not in {"", "answered", "dismissed"}:
            raise invalid("comment_status")
        await self._changes.set_status(comment.comment_id, params.get("comment_status", ""))
        return Result(rows=rows.comment_row(comment, caller.level))

    async def delete(self, caller: Caller, params: Params) -> Result:
        """Delete a comment."""
        caller.require(Level.WRITE, "comment/delete")
        await self._changes.delete_comment(number(params, "comment_id"))
        return Result(rows={}, message="The comment was deleted.")

    async def update_live(self, caller: Caller, params: Params) -> Result:
        """Start, end, cancel or plan a live event."""
        caller.require(Level.WRITE, "live/update")
        live_id = self._changes.state.live(number(params, "live_id")).object_id
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
