"""One notice in place of many that have waited too long to be news."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ..relay.batching import CHAT_RANK
from ..relay.model import Attachment, DigestNotice, NewNotice, RoomId
from .engine import Part, whole
from .memory import attachment_rows, enqueue
from .rows import attachment_of
from .sql import remove
from .tables import NoticeStage, attachments, notices


class Digests(Part):
    """The part of the store that keeps a backlog from being said long after it mattered."""

    @whole
    async def digest_stale(self, room_id: RoomId, now: datetime) -> int:
        """Put one digest per attachment in place of what waited longer than its rules allow.

        Returns how many comments are in the digests. Promoted comments, live cards and a single
        comment are left alone. The comments are not said, so a later promotion is news.
        """
        async with self._database.write() as connection:
            rows = await attachment_rows(
                connection, attachments.c.room_id == room_id, attachments.c.max_age_s > 0
            )
            return sum([await _digest(connection, attachment_of(row), now) for row in rows])


async def _digest(connection: AsyncConnection, attachment: Attachment, now: datetime) -> int:
    stale = (
        notices.c.stage == NoticeStage.PENDING,
        notices.c.room_id == attachment.room_id,
        notices.c.rank == CHAT_RANK,
        notices.c.attachment_id == attachment.attachment_id,
        notices.c.queued_at < now - timedelta(seconds=attachment.rules.max_age_s),
    )
    queued_at = notices.c.queued_at
    query = select(
        func.count(), func.min(queued_at), func.max(queued_at), func.min(notices.c.id)
    ).where(*stale)
    count, since, until, first = (await connection.execute(query)).one()
    if count < 2:  # noqa: PLR2004 - one comment takes no more room than its digest
        return 0
    await remove(connection, notices, *stale)
    about = attachment.object
    digest = NewNotice(
        attachment_id=attachment.attachment_id,
        room_id=attachment.room_id,
        event_key=f"digest:{about.object_id}:{first}",
        notice=DigestNotice(object=about, count=count, since=since, until=until),
    )
    await enqueue(connection, [digest], now)
    return int(count)
