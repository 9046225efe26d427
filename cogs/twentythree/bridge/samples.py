"""Sample notices for ``/video test``."""

from __future__ import annotations

from datetime import datetime

from ..relay.model import (
    Comment,
    CommentId,
    CommentKind,
    CommentNotice,
    LiveNotice,
    LivePhase,
    LiveState,
    Notice,
    ObjectInfo,
    ObjectKind,
    Source,
)


def sample_notices(info: ObjectInfo, now: datetime) -> list[Notice]:
    """Return a comment notice and, for a live event, its card. Neither mentions anyone."""
    comment = Comment(
        comment_id=CommentId(0),
        object_id=info.object_id,
        kind=CommentKind.COMMENT,
        is_promoted=True,
        author="Sample viewer",
        text="This is a sample: a promoted comment would look like this.",
        created_at=now,
    )
    notices: list[Notice] = [
        CommentNotice(object=info, comment=comment, source=Source.REALTIME, seen_at=now)
    ]
    if info.kind is ObjectKind.LIVE:
        state = LiveState(phase=LivePhase.LIVE, broadcast=1, started_at=now, viewers_now=1)
        notices.append(LiveNotice(object=info, state=state, is_start=False))
    return notices
