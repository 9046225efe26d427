"""Reading one object from the workspace: its comments, its live state."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime

from ..api import WorkspaceClient
from ..domain.model import (
    Attachment,
    Comment,
    CommentId,
    ObjectId,
    ObjectInfo,
    ObjectKind,
    RoomId,
    Source,
)
from ..domain.reading import Verdict
from ..errors import WorkspaceError
from ..storage import Baseline, Store
from .comments import CommentReadings, Wanted
from .intake import Intake
from .objects import Known

_log = logging.getLogger("twentythree.intake")

# 100 comments a page: how far back a reading goes before it takes the rest for old.
_MOST_PAGES = 100


async def _tell_nobody(_object_id: ObjectId, _barred: Sequence[Attachment]) -> None:
    pass


class Readings:
    """Reads objects and takes in what is new. One object's failure is noted on it alone.

    Args:
        api: the workspace.
        store: what is known.
        intake: the way in.
        comments: reads lists of comments.
        common_top: returns down from where the list of the whole workspace has no hole.
        wake: tells the rooms that there is work.
        now: the time, aware.
        turned: told of an object that is public now, or not any more, and of what that has barred.
    """

    def __init__(
        self,
        api: WorkspaceClient,
        store: Store,
        intake: Intake,
        comments: CommentReadings,
        *,
        common_top: Callable[[], CommentId | None],
        wake: Callable[[Iterable[RoomId]], None],
        now: Callable[[], datetime],
        turned: Callable[[ObjectId, Sequence[Attachment]], Awaitable[None]] = _tell_nobody,
    ) -> None:
        self._api = api
        self._store = store
        self._intake = intake
        self._comments = comments
        self._common_top = common_top
        self._wake = wake
        self._turned = turned
        self._now = now

    async def read(
        self, known: Known, *, with_comments: bool = True, is_thorough: bool = True
    ) -> bool:
        """Read what is asked for of an object; a failure is noted on it.

        Args:
            known: the object.
            with_comments: whether its comments are read; else only its live state.
            is_thorough: whether to go down to the oldest comment on show.

        Returns:
            Whether it worked.
        """
        object_id = known.info.object_id
        try:
            if known.needs.comments and with_comments:
                await self._read_comments(known, is_thorough=is_thorough)
            if known.needs.live and known.info.kind is ObjectKind.LIVE:
                await self._read_live(known)
        except WorkspaceError as error:
            level = logging.DEBUG if known.failures else logging.WARNING
            _log.log(level, "reading %s failed: %s", object_id, error)
            known.failed(error)
            return False
        if known.failures:
            _log.info("reading %s works again", object_id)
        known.succeeded(self._now())
        return True

    def forget(self, object_id: ObjectId) -> None:
        """Drop what is known of an object's list."""
        self._comments.forget(object_id)

    async def refresh(self, known: Known) -> None:
        """Take a new title, link or picture, and whether the object is public.

        A failure is noted on the object.
        """
        try:
            known.info = await self._api.find(known.info.object_id)
        except WorkspaceError as error:
            known.failed(error)
            return
        refreshed = await self._store.memory.refresh_object(known.info, self._now())
        self._wake(refreshed.rooms)
        if refreshed.is_turned:
            await self._turned(known.info.object_id, refreshed.barred)

    async def note_level(self, object_id: ObjectId) -> None:
        """Remember the level at which the baseline of what is attached now was read."""
        await self._comments.note_level([object_id])

    async def baseline(self, info: ObjectInfo) -> Baseline:
        """Return what the workspace holds of an object now.

        Raises:
            WorkspaceError: the workspace did not answer as it should.
        """
        passes = self._comments.passes
        read = await passes.top(info.object_id, None, most_pages=_MOST_PAGES)
        promoted: tuple[Comment, ...] = ()
        if not read.reached:
            promoted = (await passes.promoted(info.object_id, is_thorough=True)).comments
        live = None
        if info.kind is ObjectKind.LIVE:
            live = await self._api.live(info.object_id)
        seen = {comment.comment_id: comment for comment in (*promoted, *read.comments)}
        oldest = min((comment.comment_id for comment in read.comments), default=None)
        return Baseline(
            comments=tuple(seen.values()),
            watermark=read.newest,
            floor=None if read.reached else oldest,
            live=live,
        )

    async def _read_comments(self, known: Known, *, is_thorough: bool) -> None:
        object_id, common = known.info.object_id, self._common_top()
        ground = await self._store.memory.ground(object_id)
        if ground is None:
            return
        wanted = Wanted(
            scope=object_id,
            object_ids=frozenset([object_id]),
            watermark=None if known.begins_anew else ground.watermark,
            most_pages=_MOST_PAGES,
            is_thorough=is_thorough,
            named=known.named,
        )
        outcome = await self._comments.read(wanted)
        # What was named meanwhile is for the next reading, as all is where this one failed.
        known.named -= wanted.named
        known.was_late, known.begins_anew = outcome.late > 0, False
        known.doubted(outcome.doubts.get(object_id))
        top = outcome.top
        if top.verdict is Verdict.ENOUGH:
            # What lies below the bound is given up, or every reading would begin there.
            _log.warning("%s has more new comments than are read at once", object_id)
        # All that the workspace had of it when its list was read to that comment is known now.
        # An empty list of what had comments may be a wrong one.
        is_known = top.reached and (top.newest is not None or ground.watermark is None)
        reached = [mark for mark in (top.newest, common if is_known else None) if mark]
        if reached and top.verdict is not Verdict.AGAIN:
            await self._store.memory.raise_watermark([object_id], max(reached))

    async def _read_live(self, known: Known) -> None:
        seen = await self._api.live(known.info.object_id)
        if seen.is_public is not known.info.is_public:
            # First, so that rooms that did not agree are told nothing more.
            await self.refresh(known)
        await self._intake.ingest_live(seen, Source.RECONCILE)
