"""One reading of a list of comments, of an object or of the whole workspace, page by page.

What is new is found, what was promoted, and what became of those on show. The reading goes to known
ground first. Below it, rooms may show comments that were edited, taken back or deleted since: a
thorough reading goes on down to the oldest of them, some pages at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from ..api import WorkspaceClient
from ..domain.levels import lowest
from ..domain.model import Comment, CommentId, ObjectId
from ..domain.needs import RealtimeAddress
from ..domain.reading import PageSeen, Verdict, covered, is_whole, judge
from ..domain.reading import missing as not_listed
from ..storage import Tracked
from .intake import Intake
from .missing import FEWER, Missing, SingleComments, Sought, lowered_sentence
from .objects import Bookmark, Objects
from .ports import BridgeOptions, Ports
from .turns import loop_time

_SETTLED = timedelta(seconds=5)
_NOTHING: frozenset[CommentId] = frozenset()
# How often a pass that a deletion disturbed begins again.
_MOST_STARTS = 3
_MOST_PROMOTED_PAGES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PagesRead:
    """Pages that follow each other, and the comments on them.

    ``to_end``: there is nothing below the last of them.
    """

    comments: tuple[Comment, ...]
    pages: tuple[PageSeen, ...]
    verdict: Verdict
    to_end: bool

    @property
    def ids(self) -> frozenset[CommentId]:
        """The IDs on the pages."""
        return frozenset(comment_id for page in self.pages for comment_id in page.ids)

    @property
    def reached(self) -> bool:
        """Whether there is no hole above known ground."""
        return self.verdict is Verdict.REACHED

    @property
    def newest(self) -> CommentId | None:
        """The newest ID."""
        return max(self.ids, default=None)

    @property
    def oldest(self) -> CommentId | None:
        """The oldest ID."""
        return min(self.ids, default=None)


class Pager:
    """Goes through the list of comments of an object, or of the workspace, once.

    ``began``: when, the loop's seconds. ``requests`` counts the pages that were asked for;
    ``level`` is the lowest level of the credentials that any of them was answered at (``None``:
    not told). ``address`` is where the comments are published, if that is asked for and told.

    Args:
        api: the workspace.
        of: whose list it is; ``None``: that of the whole workspace.
        bookmark: what was kept of the list the last time.
        asks_where: whether to ask for that address by the way.
    """

    def __init__(
        self,
        api: WorkspaceClient,
        of: ObjectId | None,
        bookmark: Bookmark,
        *,
        asks_where: bool = False,
    ) -> None:
        self._api = api
        self._of = of
        self._bookmark = bookmark
        self._asks_where = asks_where
        self.began = loop_time()
        self.requests = 0
        self.level: str | None = None
        self.address: RealtimeAddress | None = None

    async def top(self, watermark: CommentId | None, *, most_pages: int) -> PagesRead:
        """Read newest first until known ground; begin again where pages shifted.

        Raises:
            WorkspaceError: the workspace did not answer as it should.
        """
        read = await self._top(watermark, most_pages)
        for _ in range(_MOST_STARTS - 1):
            if read.verdict is Verdict.AGAIN:
                read = await self._top(watermark, most_pages)
        return read

    async def below(self, *, start: int, count: int, down_to: CommentId) -> PagesRead:
        """Read up to ``count`` pages from page ``start``, until ``down_to`` or the end.

        Raises:
            WorkspaceError: the workspace did not answer as it should.
        """
        found: dict[CommentId, Comment] = {}
        pages: list[PageSeen] = []
        for number in range(start, start + count):
            page = await self._page(number, found)
            pages.append(page)
            if not page.ids or min(page.ids) <= down_to:
                break
        return PagesRead(
            comments=tuple(found.values()),
            pages=tuple(pages),
            verdict=Verdict.MORE,
            to_end=not pages[-1].ids,
        )

    async def promoted(self, *, is_thorough: bool) -> PagesRead:
        """Read the promoted comments: a promotion may concern one far below known ground.

        Where the first page is as it was the last time, the others are left out, unless the
        reading is to be thorough.

        Raises:
            WorkspaceError: the workspace did not answer as it should.
        """
        found: dict[CommentId, Comment] = {}
        pages: list[PageSeen] = []
        to_end = False
        while not to_end and len(pages) < _MOST_PROMOTED_PAGES:
            before = len(found)
            page = await self._page(len(pages) + 1, found, promoted_only=True)
            pages.append(page)
            to_end = is_whole(pages) or len(found) == before
            if [self._bookmark.promoted] == pages and not is_thorough:
                break
        return PagesRead(
            comments=tuple(found.values()),
            pages=tuple(pages),
            verdict=Verdict.MORE,
            to_end=to_end,
        )

    async def _top(self, watermark: CommentId | None, most_pages: int) -> PagesRead:
        found: dict[CommentId, Comment] = {}
        pages: list[PageSeen] = []
        verdict = Verdict.MORE
        while verdict is Verdict.MORE:
            pages.append(await self._page(len(pages) + 1, found))
            verdict = judge(pages, watermark, most_pages=most_pages)
        return PagesRead(
            comments=tuple(found.values()),
            pages=tuple(pages),
            verdict=verdict,
            to_end=verdict is Verdict.REACHED and is_whole(pages),
        )

    async def _page(
        self,
        number: int,
        found: dict[CommentId, Comment],
        *,
        promoted_only: bool = False,
    ) -> PageSeen:
        """Read a page and put its comments to those found."""
        self.requests += 1
        page = await self._api.comments(
            self._of, page=number, promoted_only=promoted_only, with_address=self._asks_where
        )
        self.address = self.address or page.address
        self.level = lowest((self.level, page.level))
        found |= {comment.comment_id: comment for comment in page.comments}
        ids = tuple(comment.comment_id for comment in page.comments)
        return PageSeen(ids=ids, total=page.total, is_cached=page.is_cached)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListWanted:
    """What one reading is to do.

    Attributes:
        of: whose list is read; ``None``: that of the whole workspace.
        bookmark: what was kept of it the last time.
        object_ids: whose comments are taken in; others are passed over.
        watermark: known ground; ``None``: all is to be read.
        most_pages: the bound of the way to known ground.
        is_thorough: whether to go on below it.
        named: comments to be looked for, wherever they are.
    """

    of: ObjectId | None
    bookmark: Bookmark
    object_ids: frozenset[ObjectId]
    watermark: CommentId | None
    most_pages: int
    is_thorough: bool = False
    named: frozenset[CommentId] = _NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRead:
    """What came of a reading.

    ``top`` is its way to known ground. ``requests`` counts its pages, and those of what was
    promoted. ``unlisted`` are objects with a comment that the list should hold and does not.
    ``late``: how many comments below the ground were news. ``doubts``: objects of which the
    workspace returns less than before, with a sentence.
    """

    top: PagesRead
    requests: int
    unlisted: frozenset[ObjectId]
    late: int
    doubts: Mapping[ObjectId, str]


class CommentLists:
    """Reads lists of comments and takes in what they hold.

    Args:
        ports: the workspace, what the store has on show, and the clock.
        objects: what is suspected of each.
        intake: the way in.
        single: asks about single comments.
        options: how far readings go.
    """

    def __init__(
        self,
        ports: Ports,
        objects: Objects,
        intake: Intake,
        single: SingleComments,
        options: BridgeOptions,
    ) -> None:
        self._api = ports.api
        self._store = ports.store
        self._now = ports.clock.now
        self._intake = intake
        self._single = single
        self._most_below = options.most_below
        self._missing = Missing(single, objects, intake, ports.clock)

    async def read(self, wanted: ListWanted) -> ListRead:
        """Read and take in.

        Raises:
            WorkspaceError: the workspace did not answer as it should; what was read until then
                is taken in.
        """
        pager = Pager(self._api, wanted.of, wanted.bookmark)
        # What realtime has just brought may not have reached the list yet.
        since = self._now() - _SETTLED
        head = await self._store.memory.newest_tracked(wanted.object_ids, since)
        top = await pager.top(wanted.watermark, most_pages=wanted.most_pages)
        late = await self._take(wanted, top.comments, pager.began)
        promoted = top
        if not top.to_end:
            promoted = await pager.promoted(is_thorough=wanted.is_thorough)
            late += await self._take(wanted, promoted.comments, pager.began)
            # Where a later page fails, or the store does, the next reading goes there again.
            wanted.bookmark.promoted = promoted.pages[0]
        requests, runs = pager.requests, [top]
        if wanted.is_thorough and not top.to_end:
            runs = await self._deep(wanted, pager, top)
        unlisted = await self._settle(wanted, runs, promoted, head)
        await self._single.note_level(wanted.object_ids, pager.level)
        lowered = await self._single.lowered_at(pager.level, wanted.object_ids)
        hidden = {one: lowered_sentence(level) for one, level in lowered.items()}
        bare = await self._bare(wanted, top)
        return ListRead(
            top=top,
            requests=requests,
            unlisted=unlisted,
            late=late,
            # What the level hides may be new, and is looked for until it shows again.
            doubts=bare | hidden | self._missing.doubts(wanted.object_ids),
        )

    async def _bare(self, wanted: ListWanted, top: PagesRead) -> dict[ObjectId, str]:
        """Return a sentence for each object of which rooms show comments, where the list is empty.

        However new these are, so that they are not missed yet: what was said in a gap may be left
        out as well.
        """
        if top.ids or not top.to_end:
            return {}
        shown = await self._store.memory.tracked(wanted.object_ids)
        return {one.object_id: FEWER for one in shown}

    async def _take(self, wanted: ListWanted, found: Iterable[Comment], since: float) -> int:
        """Take comments in; return how many below known ground were news."""
        by_object: dict[ObjectId, list[Comment]] = {}
        for comment in found:
            if comment.object_id in wanted.object_ids:
                by_object.setdefault(comment.object_id, []).append(comment)
        late = 0
        for object_id, comments in by_object.items():
            ground = wanted.watermark or CommentId(0)
            old = [one for one in comments if one.comment_id <= ground]
            new = [one for one in comments if one.comment_id > ground]
            if old:
                late += (await self._missing.take(object_id, old, since)).new_events
            if new:
                await self._missing.take(object_id, new, since)
        return late

    async def _deep(self, wanted: ListWanted, pager: Pager, top: PagesRead) -> list[PagesRead]:
        """Go on below ``top`` to the oldest comment on show; return the runs of pages read."""
        bookmark, first = wanted.bookmark, len(top.pages) + 1
        shown = await self._store.memory.tracked(wanted.object_ids)
        oldest = min((one.comment_id for one in shown), default=None)
        if oldest is None or top.oldest is None or oldest >= top.oldest:
            bookmark.next_page = None
            return [top]
        # One page again: a deleted comment may have been the last of it.
        start = max(first, (bookmark.next_page or first) - 1)
        bookmark.next_page = None
        below = await pager.below(start=start, count=self._most_below, down_to=oldest)
        await self._take(wanted, below.comments, pager.began)
        if below.oldest is not None and below.oldest > oldest:
            bookmark.next_page = start + len(below.pages)
        if start > first:
            return [top, below]
        joined = PagesRead(
            comments=(),
            pages=top.pages + below.pages,
            verdict=top.verdict,
            to_end=below.to_end,
        )
        return [joined]

    async def _settle(
        self,
        wanted: ListWanted,
        runs: Sequence[PagesRead],
        promoted: PagesRead,
        head: CommentId | None,
    ) -> frozenset[ObjectId]:
        """Find out about the comments on show that should have been found, and were not."""
        heads = [head, *(None for _ in runs[1:])]
        spans = [
            span
            for run, its_head in zip(runs, heads, strict=True)
            for span in covered(run.pages, to_end=run.to_end, head=its_head)
        ]
        seen = promoted.ids.union(*(run.ids for run in runs))
        since = min((*(span.oldest for span in spans), *wanted.named), default=None)
        shown = await self._store.memory.tracked(wanted.object_ids, since)
        lost = not_listed((one.comment_id for one in shown), seen, spans)
        demoted = _demoted(shown, promoted, seen) if promoted.to_end else _NOTHING
        owners = {one.comment_id: one.object_id for one in shown}
        sought = Sought(
            doubted=[*(wanted.named - seen), *(demoted - set(lost)), *lost],
            owners=owners,
            within=wanted.object_ids,
            told=wanted.named,
            sure=frozenset(lost),
            seen=seen,
        )
        return await self._missing.settle(sought)


def _demoted(
    shown: Iterable[Tracked], promoted: PagesRead, seen: frozenset[CommentId]
) -> frozenset[CommentId]:
    """Return what was promoted and is not in the whole list of promoted comments any more."""
    was = frozenset(one.comment_id for one in shown if one.is_promoted)
    return was - promoted.ids - seen
