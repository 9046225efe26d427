"""Notices to render, store and post: everything has a value, anything can be given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from cogs.twentythree.domain.deeds import Acted, Action, Actor
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
    SentReply,
    Source,
)
from cogs.twentythree.domain.shown import Series

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


def acting_notice(
    number: int = 1, *acted: Acted, replies: Sequence[SentReply] = (), **values: Any
) -> CommentNotice:
    """Return a question that can be acted on from its room, with what was done there."""
    fields: dict[str, Any] = {"kind": CommentKind.QUESTION, "is_promoted": False} | values
    notice = comment_notice(number, **fields)
    return replace(notice, has_actions=True, acted=acted, replies=tuple(replies))


def deed(action: Action, user_id: int = 11, name: str = "Grace") -> Acted:
    """Return that somebody did something."""
    return Acted(action=action, actor=Actor(user_id=user_id, name=name), at=SEEN_AT)


def sent_reply(number: int = 100, text: str = "Soon", user_id: int | None = 11) -> SentReply:
    """Return a reply that was sent from a room; without an ID from one of another server."""
    actor = None if user_id is None else Actor(user_id=user_id, name="Grace")
    return SentReply(comment_id=CommentId(number), name="The team", text=text, actor=actor)


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
