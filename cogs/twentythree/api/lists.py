"""Lists of what is public in a workspace: for follows, categories and recordings.

Private and unpublished objects are never listed, whatever our level: nobody has named them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from ..domain.following import Category
from ..domain.live import Recording, recording_of
from ..domain.model import CategoryId, LiveState, ObjectId, ObjectInfo
from ..errors import UnknownObjectError, UnreadableAnswerError
from . import methods, parsing
from .calling import Caller
from .envelope import Row
from .methods import Call
from .parsing import AlbumRow, LiveRow, PhotoRow

_SIZE = 100
# How far a list is read: what lies beyond is left alone.
_MOST_PAGES = 10
_MAX_TITLE = 300
_STATUSES = ("live", "upcoming")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Objects of a list. ``is_all``: there are no others.

    ``published``: when those were published of which that is told; of videos alone.
    """

    objects: tuple[ObjectInfo, ...]
    is_all: bool
    published: Mapping[ObjectId, datetime] = field(default_factory=dict)


class Listing:
    """Reads lists of one workspace. Errors are those of the client."""

    def __init__(self, caller: Caller, site_url: str) -> None:
        self._caller = caller
        self._site_url = site_url

    async def events(self, category: CategoryId | None) -> Listed:
        """Return the live events to come and on air."""
        found: dict[ObjectId, ObjectInfo] = {}
        is_all = True
        # Version 1 does not know the filter, and lists them all both times.
        statuses = ("",) if self._caller.version == "1" else _STATUSES
        for status in statuses:
            asked = partial(methods.live_list, album_id=category, status=status, size=_SIZE)
            rows, is_whole = await self._pages(asked)
            is_all = is_all and is_whole
            events = [row for row in parsing.live_rows(rows) if _is_to_come(row)]
            shown = (parsing.live_event(row, self._site_url) for row in events)
            found |= {one.object_id: one for one in shown}
        return Listed(objects=tuple(found.values()), is_all=is_all)

    async def videos(self, category: CategoryId | None, *, most_pages: int = _MOST_PAGES) -> Listed:
        """Return the videos, the last published first.

        Raises:
            UnreadableAnswerError: the list was empty, and is not when it is asked for otherwise.
        """
        asked = partial(methods.photo_list, album_id=category, size=_SIZE)
        rows, is_all = await self._pages(asked, most_pages)
        if not rows and await self._rows(methods.photo_list(album_id=category, size=1)):
            raise UnreadableAnswerError("photo/list", "wrongly_empty")
        found = [row for row in parsing.photo_rows(rows) if parsing.is_published(row)]
        shown = [parsing.video(row, self._site_url) for row in found]
        at = {one.object_id: row.publish_date_epoch for one, row in zip(shown, found, strict=True)}
        published = {one: moment for one, moment in at.items() if moment is not None}
        return Listed(objects=tuple(shown), is_all=is_all, published=published)

    async def categories(self, search: str) -> list[Category]:
        """Return the categories whose title matches."""
        rows = await self._rows(methods.album_list(search=search, size=_SIZE))
        found = (AlbumRow.model_validate(dict(row)) for row in rows)
        shown = [_category(row) for row in found if row.album_id and not row.hide_p]
        # Version 1 may search in descriptions, too.
        wanted = search.casefold()
        return [one for one in shown if wanted in one.title.casefold()]

    async def category(self, category_id: CategoryId) -> Category:
        """Return one category.

        Raises:
            UnknownObjectError: there is none, or it is hidden.
        """
        rows = await self._rows(methods.album_list(album_id=category_id, size=1))
        found = (AlbumRow.model_validate(dict(row)) for row in rows)
        for row in found:
            if row.album_id == category_id and not row.hide_p:
                return _category(row)
        raise UnknownObjectError("album/list", "no_such_album")

    async def recording(self, live_id: ObjectId, state: LiveState) -> Recording | None:
        """Return the recording of a live event's last broadcast, once it is published."""
        rows = await self._rows(methods.photo_list(live_id=live_id, size=_SIZE))
        found = [
            row
            for row in parsing.photo_rows(rows)
            if row.live_id == live_id and parsing.is_published(row)
        ]
        return recording_of((self._recording(row) for row in found), state)

    def _recording(self, row: PhotoRow) -> Recording:
        video = parsing.video(row, self._site_url)
        return Recording(
            object_id=video.object_id,
            url=video.url,
            created_at=row.creation_date_epoch or row.publish_date_epoch,
        )

    async def _rows(self, call: Call) -> tuple[Row, ...]:
        try:
            return (await self._caller.call(call)).rows
        except UnknownObjectError:
            return ()

    async def _pages(
        self, ask: Callable[..., Call], most_pages: int = _MOST_PAGES
    ) -> tuple[list[Row], bool]:
        """Return the rows of all pages, and whether these are all."""
        rows: list[Row] = []
        for page in range(1, most_pages + 1):
            answer = await self._caller.call(ask(page=page))
            rows += answer.rows
            if answer.total_count is not None and len(rows) >= answer.total_count:
                return rows, True
            # A workspace may give fewer rows on a page than asked for.
            if not answer.rows:
                return rows, True
        return rows, False


def _is_to_come(row: LiveRow) -> bool:
    """Tell whether everybody may know of an event that is not over."""
    is_over = row.live_status.strip().casefold() == "previous" and not row.broadcasting_p
    return parsing.is_open(row) and not row.cancelled_p and not is_over


def _category(row: AlbumRow) -> Category:
    title = " ".join(row.title.split())[:_MAX_TITLE] or f"Category {row.album_id}"
    return Category(category_id=CategoryId(row.album_id or 0), title=title)
