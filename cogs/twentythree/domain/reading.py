"""How far to read comments, whose, and which are missing from what was read.

The API cannot be asked for what is new since a comment; it lists pages, newest first, of an object
or of the whole workspace. Comments that come in between shift the list so that pages overlap,
which is harmless. Those that go away shift it so that one is never shown; the total tells.

Pages without a hole between them hold all comments from the newest to the oldest on them: what
rooms show, should be there and is not has gone, or is not listed. The workspace is asked about
each before that is believed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum

from .model import CommentId, ObjectId

# Fewer objects are not worth it: a reading of the workspace takes a page, and one of promoted
# comments, where the list of an object is mostly one page.
LEAST_OBJECTS = 4
# What is more than a tenth of what is on show is much, unless it is very little.
_PART = 10
_LEAST_PART = 5


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


def _newest_first(ids: Sequence[CommentId]) -> Sequence[CommentId]:
    """Return the part of a list, to its end, that is newest first.

    A workspace that puts promoted comments first, asked not to or not, shows old IDs above new
    ones: an old ID there does not mean that all above it is known.
    """
    start = 0
    for at in range(1, len(ids)):
        if ids[at] > ids[at - 1]:
            start = at
    return ids[start:]


# Object by object, or the whole workspace at once.


def is_workspace_cheaper(objects: int, requests: int | None) -> bool:
    """Tell whether one reading of the workspace takes fewer requests than one of each object.

    What it takes depends on how much is said on objects that are attached nowhere.

    Args:
        objects: how many objects would be read.
        requests: what the last reading of the workspace took; ``None``: not known.
    """
    return objects >= LEAST_OBJECTS and (requests is None or requests < objects)


def common_ground(watermarks: Iterable[CommentId | None]) -> CommentId | None:
    """Return the watermark that most objects share, down to which the workspace is read.

    Readings of the workspace raise all watermarks to the same comment. What lies lower is of
    objects that have just come; reading down to theirs could mean to read everything.
    """
    counts = Counter(mark for mark in watermarks if mark is not None)
    if not counts:
        return None
    return max(counts, key=lambda mark: (counts[mark], mark))


def served(
    watermarks: Mapping[ObjectId, CommentId | None],
    *,
    verdict: Verdict,
    to_end: bool,
    ground: CommentId | None,
    oldest: CommentId | None,
) -> frozenset[ObjectId]:
    """Return the objects that a reading of the workspace left without a hole.

    Args:
        watermarks: of the objects, before the reading.
        verdict: how the reading ended.
        to_end: it went to the end of the list.
        ground: down to where it was to go.
        oldest: the oldest comment read.
    """
    if verdict is Verdict.AGAIN:
        return frozenset()
    if to_end:
        return frozenset(watermarks)
    reached = ground if verdict is Verdict.REACHED else oldest
    return frozenset(
        object_id
        for object_id, mark in watermarks.items()
        if mark is not None and reached is not None and mark >= reached
    )


# What is missing from what was read.


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A part of the list that was read without a hole, both ends included."""

    newest: CommentId
    oldest: CommentId

    def __contains__(self, comment_id: CommentId) -> bool:
        return self.oldest <= comment_id <= self.newest


def covered(
    pages: Sequence[PageSeen], *, to_end: bool, head: CommentId | None = None
) -> tuple[Span, ...]:
    """Return the parts of the list that pages, which follow each other, hold.

    Args:
        pages: as they were read.
        to_end: there is nothing below the last of them.
        head: set where the first of them begins the list: a comment that was listed before.
            What is newer than the first of the list, up to this one, would stand above it.
    """
    runs: list[list[PageSeen]] = []
    for before, page in zip((None, *pages), pages, strict=False):
        if before is None or is_torn(before, page):
            runs.append([])
        runs[-1].append(page)
    # What comes from a cache may be older than that comment.
    heads = [head if run is runs[0] and not run[0].is_cached else None for run in runs]
    spans = [
        _span(run, to_end=to_end and run is runs[-1], head=head)
        for run, head in zip(runs, heads, strict=True)
    ]
    return tuple(span for span in spans if span is not None)


def is_much(lost: int, shown: int) -> bool:
    """Tell whether so much of what is on show is not lost to one or two answers."""
    return lost > max(_LEAST_PART, shown // _PART)


def missing(
    tracked: Iterable[CommentId], seen: AbstractSet[CommentId], spans: Collection[Span]
) -> list[CommentId]:
    """Return the comments that should be among those seen and are not, newest first."""
    lost = {one for one in tracked if one not in seen and any(one in span for span in spans)}
    return sorted(lost, reverse=True)


def _span(run: Sequence[PageSeen], *, to_end: bool, head: CommentId | None) -> Span | None:
    # Comments that come in between push others onto the next page, where they stand again.
    ids = list(dict.fromkeys(comment_id for page in run for comment_id in page.ids))
    if not ids:
        is_empty = to_end and head is not None
        return Span(newest=head or CommentId(0), oldest=CommentId(0)) if is_empty else None
    first = _newest_first(ids)[0]
    newest = first if head is None else max(first, head)
    return Span(newest=newest, oldest=CommentId(0) if to_end else ids[-1])
