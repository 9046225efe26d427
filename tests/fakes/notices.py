"""Notices to render, store and post: everything has a value, anything can be given."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from cogs.twentythree.domain.model import (
    Comment,
    CommentId,
    CommentKind,
    CommentNotice,
    LiveNotice,
    LivePhase,
    LiveState,
    ObjectId,
    ObjectInfo,
    ObjectKind,
    Source,
)
from cogs.twentythree.domain.reported import Series

SEEN_AT = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
VIDEO = ObjectInfo(
    object_id=ObjectId(7),
    kind=ObjectKind.VIDEO,
    title="How to bridge",
    url="https://video.example.com/bridge",
    picture_url="https://video.example.com/bridge.jpg",
)
SERIES = Series(
    started_at=SEEN_AT, step_min=1, viewers=(3, 9, None, 7), comments=(0.0, 2.5, None, 1.0)
)
WEBINAR = replace(VIDEO, object_id=ObjectId(8), kind=ObjectKind.LIVE, title="The webinar")


def comment_notice(
    number: int = 1,
    *,
    about: ObjectInfo = VIDEO,
    source: Source = Source.REALTIME,
    seen_at: datetime = SEEN_AT,
    **values: Any,
) -> CommentNotice:
    fields: dict[str, Any] = {
        "comment_id": CommentId(number),
        "object_id": about.object_id,
        "kind": CommentKind.COMMENT,
        "is_promoted": True,
        "author": "Ada",
        "text": f"Comment {number}",
    }
    comment = Comment(**(fields | values))
    return CommentNotice(object=about, comment=comment, source=source, seen_at=seen_at)


def live_notice(
    phase: LivePhase = LivePhase.LIVE,
    *,
    is_start: bool = False,
    role: int | None = None,
    about: ObjectInfo = WEBINAR,
    **state: Any,
) -> LiveNotice:
    return LiveNotice(
        object=about,
        state=LiveState(phase=phase, **({"broadcast": 1} | state)),
        is_start=is_start,
        mention_role_id=role,
    )


def charted_notice(series: Series = SERIES, **state: Any) -> LiveNotice:
    """Return the card of a broadcast that has ended, with how it went."""
    notice = live_notice(LivePhase.ENDED, is_start=True, **state)
    return replace(notice, series=series)
