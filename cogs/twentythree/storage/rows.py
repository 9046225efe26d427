"""From rows to the words of the domain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from ..errors import StorageError
from ..relay import codec
from ..relay.following import Category, Follow
from ..relay.model import (
    AtEnd,
    Attachment,
    AttachmentRules,
    Batch,
    CategoryId,
    CommentPolicy,
    GuildId,
    LiveState,
    Notice,
    ObjectId,
    ObjectInfo,
    ObjectKind,
    Pause,
    QueuedNotice,
    RoomId,
)

# The columns of the rules, of the attachments and of the follows.
RULES = ("comments", "announces_live", "mention_role_id", "max_age_s", "at_end")
# The category of a follow that has none.
WHOLE_WORKSPACE = 0


def object_of(row: Row[Any]) -> ObjectInfo:
    """Read an object from a row that has the columns of its table."""
    return ObjectInfo(
        object_id=ObjectId(row.object_id),
        kind=ObjectKind(row.kind),
        title=row.title,
        url=row.url,
        picture_url=row.picture_url,
    )


def object_values(info: ObjectInfo) -> dict[str, Any]:
    """Write an object as the columns of its table."""
    return {
        "object_id": info.object_id,
        "kind": info.kind.value,
        "title": info.title,
        "url": info.url,
        "picture_url": info.picture_url,
    }


def attachment_of(row: Row[Any]) -> Attachment:
    """Read an attachment from a row of its table joined with that of its object."""
    return Attachment(
        attachment_id=row.id,
        guild_id=GuildId(row.guild_id),
        room_id=RoomId(row.room_id),
        object=object_of(row),
        rules=rules_of(row),
        attached_by=row.attached_by,
        attached_at=row.attached_at,
        forum_id=None if row.forum_id is None else RoomId(row.forum_id),
        pause=None
        if row.paused_at is None
        else Pause(reason=row.paused_reason, since=row.paused_at),
        follow_id=row.follow_id,
        is_on_programme=row.is_on_programme,
    )


def rules_of(row: Row[Any]) -> AttachmentRules:
    """Read the rules from a row of the attachments, or of the follows."""
    return AttachmentRules(
        comments=CommentPolicy(row.comments),
        announces_live=row.announces_live,
        mention_role_id=row.mention_role_id,
        max_age_s=row.max_age_s,
        at_end=AtEnd(row.at_end),
    )


def rules_values(rules: AttachmentRules) -> dict[str, Any]:
    """Write rules as columns of the attachments, or of the follows."""
    return {
        "comments": rules.comments.value,
        "announces_live": rules.announces_live,
        "mention_role_id": rules.mention_role_id,
        "max_age_s": rules.max_age_s,
        "at_end": rules.at_end.value,
    }


def follow_of(row: Row[Any]) -> Follow:
    """Read a follow."""
    category = None
    if row.category_id != WHOLE_WORKSPACE:
        category = Category(category_id=CategoryId(row.category_id), title=row.category_title)
    return Follow(
        follow_id=row.id,
        guild_id=GuildId(row.guild_id),
        room_id=RoomId(row.room_id),
        is_forum=row.is_forum,
        kind=ObjectKind(row.kind),
        category=category,
        rules=rules_of(row),
        followed_by=row.followed_by,
        followed_at=row.followed_at,
        looked_at=row.looked_at,
        floor=None if row.floor is None else ObjectId(row.floor),
        error=row.error,
    )


def notice_of(payload: str) -> Notice:
    """Read the payload of a notice.

    Raises:
        StorageError: another version of the plugin wrote it.
    """
    try:
        return codec.load(payload)
    except ValueError:
        # Not chained: that error quotes what people wrote.
        raise StorageError(
            "A stored notice cannot be read; it was written by another version of the plugin."
        ) from None


def state_of(row: Row[Any]) -> LiveState | None:
    """Read the remembered state of a live event from the row of its object."""
    return None if row.live_state is None else codec.load_state(row.live_state)


def queued_of(row: Row[Any]) -> QueuedNotice:
    """Read a notice in the outbox."""
    return QueuedNotice(
        notice_id=row.id,
        room_id=RoomId(row.room_id),
        event_key=row.event_key,
        notice=notice_of(row.payload),
        queued_at=row.queued_at,
    )


def batch_of(row: Row[Any], queued: Sequence[QueuedNotice], *, is_stale: bool) -> Batch:
    """Read a batch; its notices, and whether one of them is stale, are given."""
    return Batch(
        batch_id=row.id,
        room_id=RoomId(row.room_id),
        nonce=row.nonce,
        body=row.body,
        notices=tuple(queued),
        created_at=row.created_at,
        attempts=row.attempts,
        message_id=row.message_id,
        shown=row.shown,
        is_stale=is_stale,
    )
