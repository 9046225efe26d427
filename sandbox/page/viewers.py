"""What viewers and staff do in the workspace, by a page's hand."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import AwareDatetime, Field

from ..workspace import Workspace
from .mirrored_rooms import Json
from .pictures import avatar_of

Kind: TypeAlias = Literal["comment", "chat", "question"]
Text: TypeAlias = Annotated[str, Field(min_length=1, max_length=4_000)]
Name: TypeAlias = Annotated[str, Field(max_length=200)]
# Near the first and the last year that there are, not every time zone has the day.
Start: TypeAlias = Annotated[
    AwareDatetime,
    Field(gt=datetime(1970, 1, 1, tzinfo=UTC), lt=datetime(3000, 1, 1, tzinfo=UTC)),
]

_BURST_S: Final = 0.9
_WATCHING: Final = 42
_NAMES: Final = ("Ada", "Björn", "Chloé", "Dmitri", "Eun-ji", "Fatima", "@everyone", "**Gustav**")


class Viewers:
    """Does it. IDs go out as strings.

    Raises, from each of them:
        Problem: there is no such object or comment.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._changes = workspace.changes
        self._state = workspace.state

    async def comment(
        self,
        object_id: int,
        text: Text,
        kind: Kind = "comment",
        name: Name = "",
        reply_to: int | None = None,
    ) -> Json:
        """Write a comment, a chat line or a question, or an answer to one."""
        author = name.strip() or "Guest"
        made = await self._changes.post_comment(
            object_id,
            text,
            kind=kind,
            author=author,
            reply_to=reply_to,
            avatar=avatar_of(author),
        )
        return {"comment_id": str(made.comment_id)}

    async def promote(self, comment_id: int, *, is_promoted: bool = True) -> None:
        """Promote a comment, or take that back."""
        await self._changes.promote(comment_id, is_promoted=is_promoted)

    async def answer(
        self, comment_id: int, status: Literal["answered", "dismissed", ""] = "answered"
    ) -> None:
        """Mark a question."""
        await self._changes.set_status(comment_id, status)

    async def delete(self, comment_id: int) -> None:
        """Delete a comment."""
        await self._changes.delete_comment(comment_id)

    def add_video(self, title: Name) -> Json:
        """Publish a video."""
        return {"object_id": str(self._state.add_video(title.strip() or "Untitled").object_id)}

    async def plan(
        self,
        title: Name = "",
        start: Start | None = None,
        object_id: int | None = None,
    ) -> Json:
        """Plan a new live event, or one that is there for another time."""
        if object_id is None:
            object_id = self._state.add_live(title.strip() or "Untitled").object_id
        await self._changes.schedule(object_id, None if start is None else start.timestamp())
        return {"object_id": str(object_id)}

    async def go_live(self, object_id: int) -> None:
        """Begin the broadcast; there are some who have waited for it."""
        await self._changes.go_live(object_id)
        self._changes.set_viewers(object_id, _WATCHING)

    async def end(self, object_id: int) -> None:
        """End it for good."""
        await self._changes.end_broadcast(object_id)

    async def burst(
        self,
        object_id: int,
        count: Annotated[int, Field(ge=1, le=500)],
        kind: Kind = "comment",
    ) -> Json:
        """Let so many viewers write within a second."""
        for number in range(count):
            await self._changes.post_comment(
                object_id,
                f"Bravo! ({number + 1})",
                kind=kind,
                author=_NAMES[number % len(_NAMES)],
            )
            await asyncio.sleep(_BURST_S / count)
        return {"count": count}
