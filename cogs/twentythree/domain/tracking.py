"""Which of the comments that rooms show are missing from what a reading found.

Comments are listed newest first, so that a page, and pages without a hole between them, hold all
comments from the newest to the oldest on them: what should be there and is not has gone, or is
not listed. The workspace is asked about each before that is believed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from .model import CommentId
from .reading import PageSeen, is_torn


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
    start = 0
    for at in range(1, len(ids)):
        # A workspace that puts promoted comments first shows old ones above new ones.
        if ids[at] > ids[at - 1]:
            start = at
    newest = ids[start] if head is None else max(ids[start], head)
    return Span(newest=newest, oldest=CommentId(0) if to_end else ids[-1])
