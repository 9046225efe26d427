"""Whether comments are read object by object, or for the whole workspace at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from .model import CommentId, ObjectId
from .reading import Verdict

# Fewer objects are not worth it: a reading of the workspace takes a page, and one of promoted
# comments, where the list of an object is mostly one page.
LEAST_OBJECTS = 4


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
