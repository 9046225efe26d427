"""What changes a workspace: by its API, or by the hand of a scenario. Each change is published."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from . import rows
from .model import Comment, Interval, Level, Live
from .options import Payload, WorkspaceOptions
from .state import State

Publisher: TypeAlias = Callable[[str, Any], Awaitable[None]]
"""Publishes data on a Bayeux channel."""


async def nobody(_channel: str, _data: Any) -> None:
    """Publish to nobody: a workspace whose realtime service is away."""


@dataclass(slots=True)
class Changes:
    """The changes. ``losing`` so many messages, as a lossy service would."""

    state: State
    options: WorkspaceOptions
    publisher: Publisher = nobody
    losing: int = 0
    published: list[str] = field(default_factory=list)

    async def post_comment(
        self,
        object_id: int,
        text: str,
        *,
        kind: str = "comment",
        author: str = "Ada Example",
        position_s: float | None = None,
    ) -> Comment:
        """A viewer says something.

        Raises:
            Problem: there is no such object.
        """
        comment = self.state.add_comment(object_id, kind, text, author)
        comment.position_s = position_s
        await self._publish_comment(comment)
        return comment

    async def promote(self, comment_id: int, *, is_promoted: bool = True) -> Comment:
        """Staff promote a comment, or take the promotion back.

        Raises:
            Problem: there is no such comment.
        """
        comment = self.state.comment(comment_id)
        was = comment.is_promoted
        comment.is_promoted = is_promoted
        await self._publish_comment(comment, also_promoted=was)
        return comment

    async def delete_comment(self, comment_id: int) -> None:
        """Remove a comment; nothing is published, as far as is known.

        Raises:
            Problem: there is no such comment.
        """
        self.state.comment(comment_id)
        del self.state.comments[comment_id]

    async def schedule(self, live_id: int, start: float | None) -> None:
        """Plan a live event for a time, in seconds since 1970."""
        live = self.state.live(live_id)
        live.scheduled, live.is_over, live.is_cancelled = start, False, False
        await self._publish_event(live, "schedule", None)

    async def go_live(self, live_id: int) -> None:
        """Start the signal and the broadcast."""
        live = self.state.live(live_id)
        live.is_over = live.is_cancelled = False
        for event in ("streaming", "broadcasting"):
            await self._publish_event(live, event, self.state.mark(live, event, is_on=True))

    async def end_broadcast(self, live_id: int, *, is_over: bool = True) -> None:
        """End the broadcast and the signal; ``is_over``: the event is not coming back."""
        live = self.state.live(live_id)
        live.is_over, live.viewers = is_over, 0
        for event in ("broadcasting", "streaming"):
            await self._publish_event(live, event, self.state.mark(live, event, is_on=False))

    async def cancel(self, live_id: int) -> None:
        """Cancel a live event."""
        live = self.state.live(live_id)
        live.is_cancelled = True
        await self._publish_event(live, "cancelled", None)

    def set_viewers(self, live_id: int, count: int) -> None:
        """Set how many are watching."""
        self.state.live(live_id).viewers = count

    async def _publish_comment(self, comment: Comment, *, also_promoted: bool = False) -> None:
        root = self.state.thing(comment.object_id).root
        data = self._payload(comment)
        await self._publish(f"{root}/all_json", data)
        if comment.is_promoted or also_promoted:
            await self._publish(f"{root}/promoted_json", data)

    def _payload(self, comment: Comment) -> Any:
        row = rows.comment_row(comment, Level.READ)
        match self.options.payload:
            case Payload.ROW:
                return row
            case Payload.WRAPPED:
                return {"event": "comment", "comment": row}
            case Payload.LIST:
                return [row]
            case Payload.STRING:
                return json.dumps(row)
            case Payload.ID:
                return {"comment_id": str(comment.comment_id)}

    async def _publish_event(self, live: Live, event: str, interval: Interval | None) -> None:
        found = interval or Interval(event=event, start=live.created)
        await self._publish(f"{live.events_root}/events", rows.log_row(live, found))

    async def _publish(self, channel: str, data: Any) -> None:
        self.published.append(channel)
        if self.losing > 0:
            self.losing -= 1
            return
        await self.publisher(channel, data)
