"""One reading of comments: what is new, what was promoted, and what became of those on show.

The reading goes to known ground first. Below it, rooms may show comments that were edited, taken
back or deleted since: a thorough reading goes on down to the oldest of them, some pages at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..api import WorkspaceClient
from ..domain.model import Comment, CommentId, ObjectId
from ..domain.reading import covered, missing
from ..storage import Store, Tracked
from .doubts import Case, Doubts
from .intake import Intake
from .passes import Pass, Passes, Scope
from .witness import Witness

# 100 comments a page: what a thorough reading looks at below known ground. What is deeper has its
# turn with the next.
MOST_BELOW = 10
_SETTLED = timedelta(seconds=5)
_NOTHING: frozenset[CommentId] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What one reading is to do.

    Attributes:
        scope: one object, or the whole workspace.
        object_ids: whose comments are taken in; others are passed over.
        watermark: known ground; ``None``: all is to be read.
        most_pages: the bound of the way to known ground.
        is_thorough: whether to go on below it.
        named: comments to be looked for, wherever they are.
    """

    scope: Scope
    object_ids: frozenset[ObjectId]
    watermark: CommentId | None
    most_pages: int
    is_thorough: bool = False
    named: frozenset[CommentId] = _NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a reading.

    ``top`` is its way to known ground. ``requests`` counts its pages, and those of what was
    promoted. ``unlisted`` are objects
    with a comment that the list should hold and does not. ``late``: how many comments below the
    ground were news. ``doubts``: objects of which the workspace returns less than before, with a
    sentence.
    """

    top: Pass
    requests: int
    unlisted: frozenset[ObjectId]
    late: int
    doubts: Mapping[ObjectId, str]


class CommentReadings:
    """Reads comments and takes them in."""

    def __init__(
        self,
        api: WorkspaceClient,
        store: Store,
        intake: Intake,
        witness: Witness,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._now = now
        self._store = store
        self._intake = intake
        self._witness = witness
        self._doubts = Doubts(witness, intake, now=now)
        self.passes = Passes(api)
        # The page from which the next thorough reading goes on, where one was not enough.
        self._next_page: dict[Scope, int] = {}

    async def read(self, wanted: Wanted) -> Outcome:
        """Read and take in.

        Raises:
            WorkspaceError: the workspace did not answer as it should; what was read until then
                is taken in.
        """
        before = self.passes.requests
        # What realtime has just brought may not have reached the list yet.
        since = self._now() - _SETTLED
        head = await self._store.memory.newest_tracked(wanted.object_ids, since)
        top = await self.passes.top(wanted.scope, wanted.watermark, most_pages=wanted.most_pages)
        late = await self._take(wanted, top.comments)
        promoted = top
        if not top.to_end:
            thorough = wanted.is_thorough
            promoted = await self.passes.promoted(wanted.scope, is_thorough=thorough)
            late += await self._take(wanted, promoted.comments)
        requests = self.passes.requests - before
        runs = [top] if top.to_end or not wanted.is_thorough else await self._deep(wanted, top)
        unlisted = await self._settle(wanted, runs, promoted, head)
        await self.note_level(wanted.object_ids)
        doubts = self._doubts.words(wanted.object_ids)
        return Outcome(top=top, requests=requests, unlisted=unlisted, late=late, doubts=doubts)

    async def note_level(self, object_ids: Collection[ObjectId]) -> None:
        """Remember the level at which objects were read just now, where it is higher than ever."""
        await self._witness.note_level(object_ids)

    def forget(self, object_id: ObjectId) -> None:
        """Drop what is known of an object's list."""
        self._next_page.pop(object_id, None)
        self.passes.forget(object_id)
        self._doubts.forget(object_id)
        self._witness.forget(object_id)

    async def _take(self, wanted: Wanted, found: Iterable[Comment]) -> int:
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
                late += (await self._intake.ingest_read(object_id, old)).new_events
            if new:
                await self._intake.ingest_read(object_id, new)
        return late

    async def _deep(self, wanted: Wanted, top: Pass) -> list[Pass]:
        """Go on below ``top`` to the oldest comment on show; return the runs of pages read."""
        scope, first = wanted.scope, len(top.pages) + 1
        shown = await self._store.memory.tracked(wanted.object_ids)
        oldest = min((one.comment_id for one in shown), default=None)
        if oldest is None or top.oldest is None or oldest >= top.oldest:
            self._next_page.pop(scope, None)
            return [top]
        # One page again: a deleted comment may have been the last of it.
        start = max(first, self._next_page.pop(scope, first) - 1)
        below = await self.passes.below(scope, start=start, count=MOST_BELOW, down_to=oldest)
        await self._take(wanted, below.comments)
        if below.oldest is not None and below.oldest > oldest:
            self._next_page[scope] = start + len(below.pages)
        if start > first:
            return [top, below]
        joined = Pass(
            comments=(),
            pages=top.pages + below.pages,
            verdict=top.verdict,
            to_end=below.to_end,
        )
        return [joined]

    async def _settle(
        self, wanted: Wanted, runs: Sequence[Pass], promoted: Pass, head: CommentId | None
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
        lost = missing((one.comment_id for one in shown), seen, spans)
        demoted = _demoted(shown, promoted, seen) if promoted.to_end else _NOTHING
        owners = {one.comment_id: one.object_id for one in shown}
        case = Case(
            doubted=[*(wanted.named - seen), *(demoted - set(lost)), *lost],
            owners=owners,
            within=wanted.object_ids,
            told=wanted.named,
            sure=frozenset(lost),
            seen=seen,
        )
        return await self._doubts.settle(case)


def _demoted(
    shown: Iterable[Tracked], promoted: Pass, seen: frozenset[CommentId]
) -> frozenset[CommentId]:
    """Return what was promoted and is not in the whole list of promoted comments any more."""
    was = frozenset(one.comment_id for one in shown if one.is_promoted)
    return was - promoted.ids - seen
