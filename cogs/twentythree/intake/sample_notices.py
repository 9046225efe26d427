"""Sample notices for ``/video test``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from ..domain.model import (
    Comment,
    CommentId,
    CommentKind,
    CommentNotice,
    CommentStatus,
    LiveNotice,
    LivePhase,
    LiveState,
    Notice,
    ObjectInfo,
    ObjectKind,
    Source,
)
from ..languages import tr

_HOUR = timedelta(hours=1)


def sample_notices(info: ObjectInfo, now: datetime) -> list[Notice]:
    """Return a notice of each kind that there is for an object. None mentions anyone."""
    comments = _of_event if info.kind is ObjectKind.LIVE else _of_video
    notices: list[Notice] = [
        CommentNotice(
            object=info,
            # Embeds of one address would be folded together.
            comment=replace(comment, comment_id=CommentId(number)),
            source=Source.REALTIME,
            seen_at=now,
        )
        for number, comment in enumerate(comments(info, now))
    ]
    if info.kind is ObjectKind.LIVE:
        notices += [LiveNotice(object=info, state=state, is_start=False) for state in _states(now)]
    return notices


def _of_video(info: ObjectInfo, now: datetime) -> Iterator[Comment]:
    kind = CommentKind.COMMENT
    yield _comment(info, now, kind, tr("This is a sample: a comment would look like this."))
    yield _comment(info, now, kind, tr("And so would one that staff promoted."), is_promoted=True)


def _of_event(info: ObjectInfo, now: datetime) -> Iterator[Comment]:
    question = CommentKind.QUESTION
    yield _comment(info, now, CommentKind.CHAT, tr("This is a sample: chat would look like this."))
    yield _comment(info, now, question, tr("This is what a question looks like?"))
    yield _comment(info, now, question, tr("And one that staff promoted?"), is_promoted=True)
    answered = CommentStatus.ANSWERED
    yield _comment(info, now, question, tr("And one that was answered?"), status=answered)


def _comment(
    info: ObjectInfo,
    now: datetime,
    kind: CommentKind,
    text: str,
    *,
    is_promoted: bool = False,
    status: CommentStatus = CommentStatus.OPEN,
) -> Comment:
    return Comment(
        comment_id=CommentId(0),
        object_id=info.object_id,
        kind=kind,
        is_promoted=is_promoted,
        author=tr("Sample viewer"),
        text=text,
        created_at=now,
        status=status,
    )


def _states(now: datetime) -> Iterator[LiveState]:
    yield LiveState(phase=LivePhase.SOON, scheduled_at=now + 2 * _HOUR)
    yield LiveState(phase=LivePhase.LIVE, broadcast=1, started_at=now, viewers_now=1)
    yield LiveState(
        phase=LivePhase.ENDED, broadcast=1, started_at=now - _HOUR, ended_at=now, viewers_peak=1
    )
