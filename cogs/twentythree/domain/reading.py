"""How far to read an object's comments: newest first, to known ground.

The API cannot be asked for what is new since a comment; it lists pages, newest first. Comments
that come in between shift the list so that pages overlap, which is harmless. Those that go away
shift it so that one is never shown; the total tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from .model import CommentId


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What is known of an object: a reading found no hole up to the watermark."""

    watermark: CommentId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSeen:
    """One page of a reading: its IDs and how many comments there are in all, if told.

    ``is_cached``: it may be older than the pages beside it.
    """

    ids: tuple[CommentId, ...]
    total: int | None
    is_cached: bool = False


class Verdict(StrEnum):
    """What to do after a page."""

    MORE = "more"
    REACHED = "reached"
    AGAIN = "again"
    ENOUGH = "enough"


def judge(pages: Sequence[PageSeen], watermark: CommentId | None, *, most_pages: int) -> Verdict:
    """Return what to do after the last of ``pages`` (not empty), which are read newest first.

    Args:
        pages: what one pass has read so far, from page 1.
        watermark: the known ground; ``None``: read to the end of the list.
        most_pages: the bound of a pass.

    Returns:
        ``REACHED``: known ground, or the end of the list; there is no hole above the watermark.
        ``AGAIN``: comments went away between two pages, or one is of another time, so a comment
        may have slipped to a page that was already read. ``ENOUGH``: the bound was hit, or the
        list broke off, before that.
    """
    last = pages[-1]
    if len(pages) > 1 and is_torn(pages[-2], last):
        return Verdict.AGAIN
    if watermark is not None and min(_newest_first(last.ids), default=watermark + 1) <= watermark:
        return Verdict.REACHED
    if is_whole(pages):
        return Verdict.REACHED
    return Verdict.ENOUGH if len(pages) >= most_pages or not last.ids else Verdict.MORE


def is_whole(pages: Sequence[PageSeen]) -> bool:
    """Tell whether pages, read from page 1, hold the whole list."""
    ids, last = [comment_id for page in pages for comment_id in page.ids], pages[-1]
    if not last.ids:
        # What came in since the page before stands above the first one.
        totals = [page.total for page in pages[-2:] if page.total is not None]
        return len(ids) >= min(totals, default=0)
    # Pages overlap when comments come in between: each counts once. A total below what stands on
    # one page is none.
    return last.total is not None and len(set(last.ids)) <= last.total <= len(set(ids))


def is_torn(before: PageSeen, after: PageSeen) -> bool:
    """Tell whether there may be a hole between two pages that follow each other."""
    totals = (before.total, after.total)
    has_shrunk = None not in totals and (after.total or 0) < (before.total or 0)
    return has_shrunk or before.is_cached or after.is_cached


def _newest_first(ids: tuple[CommentId, ...]) -> tuple[CommentId, ...]:
    """Return the part of a page, to its end, that is newest first.

    A workspace that puts promoted comments first, asked not to or not, shows old IDs above new
    ones: an old ID there does not mean that all above it is known.
    """
    start = 0
    for at in range(1, len(ids)):
        if ids[at] > ids[at - 1]:
            start = at
    return ids[start:]
