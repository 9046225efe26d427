"""Reading the comments of the whole workspace at once, for all objects that are attached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..domain.model import CommentId, ObjectId
from ..domain.reading import Verdict, common_ground, served
from ..storage import Store
from .comments import CommentReadings, Wanted

# Beyond this, reading the objects one by one is hardly more.
_MOST_PAGES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Fed:
    """What a reading of the workspace came to.

    ``served`` are the objects that have no hole now, ``behind`` those that must be read by
    themselves, ``unlisted`` those with a comment that the workspace's list does not hold.
    ``requests`` counts the pages. ``doubts``: see ``comments.Outcome``.
    """

    served: frozenset[ObjectId]
    behind: frozenset[ObjectId]
    unlisted: frozenset[ObjectId]
    requests: int
    doubts: Mapping[ObjectId, str]


class Feed:
    """Reads the list of all comments of the workspace.

    ``top``: the newest comment down from which it has been read without a hole.
    """

    def __init__(self, store: Store, comments: CommentReadings) -> None:
        self._store = store
        self._comments = comments
        self.top: CommentId | None = None

    async def read(self, object_ids: frozenset[ObjectId], *, is_thorough: bool) -> Fed:
        """Read what is new for these objects, and take it in.

        Raises:
            WorkspaceError: the workspace did not answer as it should.
        """
        # Who attaches an object during the reading reads it himself.
        marks = await self._store.memory.watermarks(object_ids)
        ground = common_ground(marks.values())
        outcome = await self._comments.read(
            Wanted(
                scope=None,
                object_ids=frozenset(marks),
                watermark=ground,
                most_pages=max(1, min(_MOST_PAGES, len(marks))),
                is_thorough=is_thorough,
            )
        )
        top = outcome.top
        fed = served(
            marks, verdict=top.verdict, to_end=top.to_end, ground=ground, oldest=top.oldest
        )
        fed -= outcome.unlisted
        if top.newest is not None and top.verdict is not Verdict.AGAIN:
            await self._store.memory.raise_watermark(fed, top.newest)
            self.top = top.newest
        is_torn = top.verdict is Verdict.AGAIN
        return Fed(
            served=fed,
            behind=frozenset() if is_torn else frozenset(marks) - fed,
            unlisted=outcome.unlisted,
            requests=outcome.requests,
            doubts=outcome.doubts,
        )
