"""Attachments: everything has a value, anything can be given."""

from __future__ import annotations

from datetime import UTC, datetime

from cogs.twentythree.domain.model import (
    Attachment,
    AttachmentRules,
    CommentPolicy,
    GuildId,
    ObjectInfo,
    RoomId,
)
from tests.fakes.notices import VIDEO

ATTACHED_AT = datetime(2030, 1, 1, tzinfo=UTC)


def attachment(
    number: int = 1,
    *,
    about: ObjectInfo = VIDEO,
    comments: CommentPolicy = CommentPolicy.PROMOTED,
    live: bool = True,
    role: int | None = None,
) -> Attachment:
    """Make an attachment to a room with the same number."""
    return Attachment(
        attachment_id=number,
        guild_id=GuildId(1),
        room_id=RoomId(number),
        object=about,
        rules=AttachmentRules(comments=comments, announces_live=live, mention_role_id=role),
        attached_by=1,
        attached_at=ATTACHED_AT,
    )
