"""Going through lists of comments page by page: of one object, or of the whole workspace."""

from __future__ import annotations

from dataclasses import dataclass

from ..api import WorkspaceClient
from ..domain.model import Comment, CommentId, ObjectId
from ..domain.reading import PageSeen, Verdict, is_whole, judge

# How often a pass that a deletion disturbed begins again.
_MOST_STARTS = 3
_MOST_PROMOTED_PAGES = 20

Scope = ObjectId | None
"""Whose comments are read; ``None``: those of the whole workspace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
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


class Passes:
    """Goes through lists.

    ``requests`` counts the pages that were asked for.
    """

    def __init__(self, api: WorkspaceClient) -> None:
        self._api = api
        self._last_promoted: dict[Scope, PageSeen] = {}
        self.requests = 0

    async def top(self, scope: Scope, watermark: CommentId | None, *, most_pages: int) -> Pass:
        """Read newest first until known ground; begin again where pages shifted.

        Raises:
            WorkspaceError: the workspace did not answer as it should.
        """
        read = await self._top(scope, watermark, most_pages)
        for _ in range(_MOST_STARTS - 1):
            if read.verdict is Verdict.AGAIN:
                read = await self._top(scope, watermark, most_pages)
        return read

    async def below(self, scope: Scope, *, start: int, count: int, down_to: CommentId) -> Pass:
        """Read up to ``count`` pages from page ``start``, until ``down_to`` or the end.

        Raises:
            WorkspaceError: the workspace did not answer as it should.
        """
        found: dict[CommentId, Comment] = {}
        pages: list[PageSeen] = []
        for number in range(start, start + count):
            page = await self._page(scope, number, found)
            pages.append(page)
            if not page.ids or min(page.ids) <= down_to:
                break
        return Pass(
            comments=tuple(found.values()),
            pages=tuple(pages),
            verdict=Verdict.MORE,
            to_end=not pages[-1].ids,
        )

    async def promoted(self, scope: Scope, *, is_thorough: bool) -> Pass:
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
            page = await self._page(scope, len(pages) + 1, found, promoted_only=True)
            pages.append(page)
            to_end = is_whole(pages) or len(found) == before
            is_first = len(pages) == 1
            if is_first and not is_thorough and self._last_promoted.get(scope) == page:
                break
            if is_first:
                self._last_promoted[scope] = page
        return Pass(
            comments=tuple(found.values()),
            pages=tuple(pages),
            verdict=Verdict.MORE,
            to_end=to_end,
        )

    def forget(self, scope: Scope) -> None:
        """Drop what is known of a list."""
        self._last_promoted.pop(scope, None)

    async def _top(self, scope: Scope, watermark: CommentId | None, most_pages: int) -> Pass:
        found: dict[CommentId, Comment] = {}
        pages: list[PageSeen] = []
        verdict = Verdict.MORE
        while verdict is Verdict.MORE:
            pages.append(await self._page(scope, len(pages) + 1, found))
            verdict = judge(pages, watermark, most_pages=most_pages)
        return Pass(
            comments=tuple(found.values()),
            pages=tuple(pages),
            verdict=verdict,
            to_end=verdict is Verdict.REACHED and is_whole(pages),
        )

    async def _page(
        self,
        scope: Scope,
        number: int,
        found: dict[CommentId, Comment],
        *,
        promoted_only: bool = False,
    ) -> PageSeen:
        """Read a page and put its comments to those found."""
        self.requests += 1
        page = await self._api.comments(scope, page=number, promoted_only=promoted_only)
        found |= {comment.comment_id: comment for comment in page.comments}
        ids = tuple(comment.comment_id for comment in page.comments)
        return PageSeen(ids=ids, total=page.total, is_cached=page.is_cached)
