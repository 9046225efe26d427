"""Reading one object from the workspace: its channels, its comments, its live state."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from ..api import WorkspaceClient
from ..errors import WorkspaceError
from ..relay.model import (
    Comment,
    CommentId,
    ObjectId,
    ObjectInfo,
    ObjectKind,
    RoomId,
    Source,
)
from ..relay.reading import PageSeen, Verdict, judge, new_watermark
from ..storage import Baseline, Store
from .book import Address
from .intake import Intake
from .objects import Known

_log = logging.getLogger("twentythree.bridge")

# 100 comments a page: how far back a reading goes before it takes the rest for old.
_MOST_PAGES = 100
_MOST_PROMOTED_PAGES = 20
# How often a reading that a deletion disturbed begins again.
_MOST_STARTS = 3


@dataclass(frozen=True, slots=True)
class Found:
    """Where an object's news are published: the service and the channels."""

    url: str | None
    address: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """The comments that a reading found, and how it ended."""

    comments: tuple[Comment, ...]
    watermark: CommentId | None
    verdict: Verdict

    @property
    def reached(self) -> bool:
        """Whether there is no hole above known ground."""
        return self.verdict is Verdict.REACHED


class Readings:
    """Reads objects and takes in what is new. One object's failure is noted on it alone."""

    def __init__(
        self,
        api: WorkspaceClient,
        store: Store,
        intake: Intake,
        *,
        wake: Callable[[Iterable[RoomId]], None],
        now: Callable[[], datetime],
    ) -> None:
        self._api = api
        self._store = store
        self._intake = intake
        self._wake = wake
        self._now = now

    async def read(self, known: Known) -> bool:
        """Read all that is asked for of an object; a failure is noted on it.

        Returns:
            Whether it worked.
        """
        object_id = known.info.object_id
        try:
            if known.needs.comments:
                await self._read_comments(object_id)
            if known.needs.live and known.info.kind is ObjectKind.LIVE:
                await self._read_live(object_id)
        except WorkspaceError as error:
            level = logging.DEBUG if known.failures else logging.WARNING
            _log.log(level, "reading %s failed: %s", object_id, error)
            known.failed(error)
            return False
        if known.failures:
            _log.info("reading %s works again", object_id)
        known.succeeded(self._now())
        return True

    async def refresh(self, known: Known) -> None:
        """Take a new title, link or picture; a failure is noted on the object."""
        try:
            known.info = await self._api.find(known.info.object_id)
        except WorkspaceError as error:
            known.failed(error)
        else:
            self._wake(await self._store.refresh_object(known.info))

    async def address(self, known: Known) -> Found | None:
        """Return where an object's news are published; ``None``, and a note, if that fails."""
        try:
            return await self.address_of(known.info)
        except WorkspaceError as error:
            known.failed(error)
            return None

    async def address_of(self, info: ObjectInfo) -> Found:
        """Return where an object's news are published.

        Raises:
            WorkspaceError: the workspace did not answer as it should.
        """
        found = await self._api.realtime(info)
        return Found(found.url, Address(comments_root=found.comments_root, events=found.events))

    async def baseline(self, info: ObjectInfo) -> Baseline:
        """Return what the workspace holds of an object now.

        Raises:
            WorkspaceError: the workspace did not answer as it should.
        """
        read = await self._comments(info.object_id, None)
        promoted = await self._promoted(info.object_id) if not read.reached else ()
        live = None
        if info.kind is ObjectKind.LIVE:
            live = await self._api.live(info.object_id)
        seen = {comment.comment_id: comment for comment in (*promoted, *read.comments)}
        oldest = min((comment.comment_id for comment in read.comments), default=None)
        return Baseline(
            comments=tuple(seen.values()),
            watermark=read.watermark,
            floor=None if read.reached else oldest,
            live=live,
        )

    async def _read_comments(self, object_id: ObjectId) -> None:
        ground = await self._store.ground(object_id)
        if ground is None:
            return
        read = await self._comments(object_id, ground.watermark)
        await self._intake.ingest_read(object_id, read.comments)
        await self._intake.ingest_read(object_id, await self._promoted(object_id))
        if read.verdict is Verdict.ENOUGH:
            # What lies below the bound is given up, or every reading would begin there.
            _log.warning("%s has more new comments than are read at once", object_id)
        if read.watermark is not None and read.verdict is not Verdict.AGAIN:
            await self._store.raise_watermark([object_id], read.watermark)

    async def _comments(self, object_id: ObjectId, watermark: CommentId | None) -> _Read:
        """Read newest first until known ground; begin again where pages shifted."""
        read = await self._pass(object_id, watermark)
        for _ in range(_MOST_STARTS - 1):
            if read.verdict is Verdict.AGAIN:
                read = await self._pass(object_id, watermark)
        return read

    async def _pass(self, object_id: ObjectId, watermark: CommentId | None) -> _Read:
        """Read page after page until there is a verdict."""
        found: dict[CommentId, Comment] = {}
        pages: list[PageSeen] = []
        verdict = Verdict.MORE
        while verdict is Verdict.MORE:
            page = await self._api.comments(object_id, page=len(pages) + 1)
            found |= {comment.comment_id: comment for comment in page.comments}
            ids = tuple(comment.comment_id for comment in page.comments)
            pages.append(PageSeen(ids=ids, total=page.total))
            verdict = judge(pages, watermark, most_pages=_MOST_PAGES)
        return _Read(
            comments=tuple(found.values()), watermark=new_watermark(pages), verdict=verdict
        )

    async def _promoted(self, object_id: ObjectId) -> tuple[Comment, ...]:
        """Read the promoted comments: a promotion may concern one far below known ground."""
        found: dict[CommentId, Comment] = {}
        for number in range(1, _MOST_PROMOTED_PAGES + 1):
            page = await self._api.comments(object_id, page=number, promoted_only=True)
            before = len(found)
            found |= {comment.comment_id: comment for comment in page.comments}
            is_all = page.total is not None and len(found) >= page.total
            if len(found) == before or is_all:
                break
        return tuple(found.values())

    async def _read_live(self, object_id: ObjectId) -> None:
        seen = await self._api.live(object_id)
        # Twice where a broadcast ended unseen and another one runs: an end, then a start.
        if await self._intake.ingest_live(seen, Source.RECONCILE) and seen.is_broadcasting:
            await self._intake.ingest_live(seen, Source.RECONCILE)
