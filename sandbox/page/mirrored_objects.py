"""The sandbox's workspace for a page: what is there, and what becomes of each happening."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from ..journal import Happening, Subject
from ..workspace import Comment, Live, Thing
from ..workspace.state import State
from .mirrored_rooms import Event, Json

_MOST_COMMENTS: Final = 100
_STATES: Final = {"upcoming": "planned", "live": "live", "previous": "ended"}


class MirroredObjects:
    """Looks at the videos and live events of a workspace."""

    def __init__(self, state: State) -> None:
        self._state = state

    def all(self) -> Json:
        """Return all objects with the newest of their comments."""
        shown: dict[str, list[Json]] = {"videos": [], "lives": []}
        for thing in self._state.things.values():
            comments = self._comments(thing.object_id)
            kind = "lives" if isinstance(thing, Live) else "videos"
            shown[kind].append({**_object(thing), "comments": comments})
        return shown

    def events(self, happening: Happening) -> Iterator[Event]:
        """Yield what a page is told of a happening; the things are as they are now."""
        if happening.subject is Subject.OBJECT:
            yield "object", _object(self._state.things[happening.id])
            return
        comment = self._state.comments.get(happening.id)
        of = {"object_id": str(happening.place_id)}
        if comment is None:
            yield "comment_gone", {**of, "id": str(happening.id)}
        else:
            yield "comment", {**of, "comment": _comment(comment)}

    def _comments(self, object_id: int) -> list[Json]:
        found = [one for one in self._state.comments.values() if one.object_id == object_id]
        return [_comment(one) for one in found[-_MOST_COMMENTS:]]


def _object(thing: Thing) -> Json:
    shown: dict[str, Any] = {
        "id": str(thing.object_id),
        "title": thing.title,
        "is_live": isinstance(thing, Live),
        "state": "",
        "start": None,
    }
    if not isinstance(thing, Live):
        return shown
    state = "ended" if thing.is_cancelled else _STATES[thing.status]
    start = None if thing.scheduled is None else iso(thing.scheduled)
    return {**shown, "state": state, "start": start}


def _comment(comment: Comment) -> Json:
    return {
        "id": str(comment.comment_id),
        "kind": comment.kind,
        "name": comment.author,
        "text": comment.text,
        "at": iso(comment.created),
        "is_promoted": comment.is_promoted,
        "status": comment.status,
        "reply_to": None if comment.reply_to is None else str(comment.reply_to),
    }


def iso(seconds: float) -> str:
    """Return seconds since 1970 as a page reads times."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
