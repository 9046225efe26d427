"""What changes a workspace: by its API, or by the hand of a scenario. Each change is published."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from . import rows
from .model import Comment, Interval, Level, Live
from .options import Payload, WorkspaceOptions
from .problems import invalid, unknown
from .state import State

Publisher: TypeAlias = Callable[[str, Any], Awaitable[None]]
"""Publishes data on a Bayeux channel."""


class Fate(StrEnum):
    """What became of a message: given to the realtime service, lost on purpose, or refused."""

    SENT = "sent"
    LOST = "lost"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A message. ``kind`` is the sub-channel's name; the secret root is left out."""

    object_id: int
    kind: str
    data: Any
    fate: Fate


async def nobody(_channel: str, _data: Any) -> None:
    """Publish to nobody: a workspace whose realtime service is away."""


@dataclass(slots=True)
class Changes:
    """The changes, and what of them was published, oldest first.

    ``losing`` so many messages, as a lossy service would.
    """

    state: State
    options: WorkspaceOptions
    publisher: Publisher = nobody
    losing: int = 0
    published: list[Published] = field(default_factory=list)

    async def post_comment(
        self,
        object_id: int,
        text: str,
        *,
        kind: str = "comment",
        author: str = "Ada Example",
        position_s: float | None = None,
        comment_id: int | None = None,
        reply_to: int | None = None,
        address: str = "",
        avatar: str = "",
    ) -> Comment:
        """A viewer says something; a ``comment_id`` may be lower than those before it.

        Raises:
            Problem: there is no such object, no such comment on it to answer, or the ID is taken.
        """
        if reply_to is not None and self.state.comment(reply_to).object_id != object_id:
            raise unknown("no_such_comment")
        comment = self.state.add_comment(object_id, kind, text, author, comment_id)
        comment.position_s, comment.reply_to = position_s, reply_to
        comment.address, comment.avatar = address, avatar
        await self._publish_comment(comment)
        return comment

    async def clone_comment(self, comment_id: int, *, kind: str | None = None) -> Comment:
        """Staff copy a comment, a chat line into a question for instance; the copy is a new one.

        Raises:
            Problem: there is no such comment.
        """
        one = self.state.comment(comment_id)
        return await self.post_comment(
            one.object_id,
            one.text,
            kind=kind or one.kind,
            author=one.author,
            position_s=one.position_s,
            address=one.address,
            avatar=one.avatar,
        )

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

    async def edit_comment(
        self, comment_id: int, *, text: str | None = None, author: str | None = None
    ) -> Comment:
        """Change what a comment says, or the name at it.

        Raises:
            Problem: there is no such comment.
        """
        comment = self.state.comment(comment_id)
        comment.text = comment.text if text is None else text
        comment.author = comment.author if author is None else author
        await self._publish_comment(comment)
        return comment

    async def set_status(self, comment_id: int, status: str) -> Comment:
        """Staff mark a question as ``answered`` or ``dismissed``, or as open again (``""``).

        Raises:
            Problem: there is no such comment.
        """
        comment = self.state.comment(comment_id)
        comment.status = status
        await self._publish_comment(comment)
        return comment

    async def delete_comment(self, comment_id: int) -> None:
        """Remove a comment; something is published only where the options say so.

        Raises:
            Problem: there is no such comment.
        """
        comment = self.state.comment(comment_id)
        del self.state.comments[comment_id]
        self.state.touch(comment.object_id, comment_id)
        if self.options.tells_deletions:
            thing = self.state.thing(comment.object_id)
            data = {"event": "deleted", "comment_id": comment_id}
            await self._publish(comment.object_id, thing.root, "all_json", data)

    async def forge(
        self,
        object_id: int,
        text: str,
        *,
        kind: str = "comment",
        author: str = "Company CEO",
        is_promoted: bool = False,
        comment_id: int | None = None,
        count: int = 1,
    ) -> list[int]:
        """Publish what the workspace does not know, as anybody can who knows an object's channels.

        ``count`` messages have IDs that rise from ``comment_id``, by default from the one that the
        workspace gives next. Returns the IDs; nothing of it is in ``published``.

        Raises:
            Problem: there is no such object.
        """
        thing = self.state.thing(object_id)
        first = self.state.next_id if comment_id is None else comment_id
        for forged_id in range(first, first + count):
            forged = Comment(
                comment_id=forged_id,
                object_id=object_id,
                object_type=self.state.object_type(thing),
                kind=kind,
                author=author,
                text=text,
                created=self.options.now(),
                is_promoted=is_promoted,
            )
            for sub_channel in ("all_json", "promoted_json")[: 1 + is_promoted]:
                await self.publisher(f"{thing.root}/{sub_channel}", self._payload(forged))
        return list(range(first, first + count))

    def edit_object(
        self,
        object_id: int,
        *,
        title: str | None = None,
        is_published: bool | None = None,
        is_protected: bool | None = None,
        is_private: bool | None = None,
        is_draft: bool | None = None,
        comment_mode: str | None = None,
        question_mode: str | None = None,
    ) -> None:
        """Change the title of an object, or who may see it or comment; nothing is published.

        Raises:
            Problem: there is no such object, or its kind has no such property.
        """
        thing = self.state.thing(object_id)
        given = {
            "title": title,
            "is_published": is_published,
            "is_protected": is_protected,
            "is_private": is_private,
            "is_draft": is_draft,
            "comment_mode": comment_mode,
            "question_mode": question_mode,
        }
        for name, value in given.items():
            if value is not None and not hasattr(thing, name):
                raise invalid(name)
            if value is not None:
                setattr(thing, name, value)
        self.state.touch(object_id)

    async def schedule(self, live_id: int, start: float | None) -> None:
        """Plan a live event for a time, in seconds since 1970."""
        live = self.state.live(live_id)
        live.scheduled, live.is_over, live.is_cancelled = start, False, False
        await self._publish_event(live, Interval(event="schedule", start=live.created))

    async def go_live(self, live_id: int) -> None:
        """Start the signal and the broadcast; what is live already is left alone."""
        live = self.state.live(live_id)
        if live.running("broadcasting"):
            return
        live.is_over = live.is_cancelled = False
        await self._turn(live, "streaming", "broadcasting", is_on=True)

    async def end_broadcast(
        self, live_id: int, *, is_over: bool = True, keeps_signal: bool = False
    ) -> None:
        """End the broadcast and the signal; ``is_over``: the event is not coming back.

        ``keeps_signal``: that ends later, by :meth:`end_signal`, as where the encoder still runs.
        """
        live = self.state.live(live_id)
        live.is_over, live.viewers = is_over, 0
        ended = ("broadcasting",) if keeps_signal else ("broadcasting", "streaming")
        await self._turn(live, *ended, is_on=False)

    async def end_signal(self, live_id: int) -> None:
        """End the signal, where it is still sent."""
        await self._turn(self.state.live(live_id), "streaming", is_on=False)

    async def cancel(self, live_id: int) -> None:
        """Cancel a live event."""
        live = self.state.live(live_id)
        live.is_cancelled = True
        await self._publish_event(live, Interval(event="cancelled", start=live.created))

    def set_viewers(self, live_id: int, count: int) -> None:
        """Set how many are watching."""
        self.state.live(live_id).viewers = count
        self.state.touch(live_id)

    async def _publish_comment(self, comment: Comment, *, also_promoted: bool = False) -> None:
        thing = self.state.thing(comment.object_id)
        self.state.touch(comment.object_id, comment.comment_id)
        data = self._payload(comment)
        await self._publish(comment.object_id, thing.root, "all_json", data)
        if comment.is_promoted or also_promoted:
            await self._publish(comment.object_id, thing.root, "promoted_json", data)

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
            case Payload.NOTHING:
                return None

    async def _turn(self, live: Live, *events: str, is_on: bool) -> None:
        """Switch signal and broadcast; only what changes is published."""
        for event in events:
            interval = self.state.mark(live, event, is_on=is_on)
            if interval is not None:
                await self._publish_event(live, interval)

    async def _publish_event(self, live: Live, interval: Interval) -> None:
        row = rows.log_row(live, interval)
        self.state.touch(live.object_id)
        await self._publish(live.object_id, live.events_root, "events", row)

    async def _publish(self, object_id: int, root: str, kind: str, data: Any) -> None:
        fate = await self._send(f"{root}/{kind}", data)
        said = Published(object_id=object_id, kind=kind, data=data, fate=fate)
        self.published.append(said)

    async def _send(self, channel: str, data: Any) -> Fate:
        if self.losing > 0:
            self.losing -= 1
            return Fate.LOST
        try:
            async with asyncio.timeout(self.options.publish_timeout_s):
                await self.publisher(channel, data)
        except Exception:  # noqa: BLE001 - supervision: the platform works on without it
            return Fate.FAILED
        return Fate.SENT
