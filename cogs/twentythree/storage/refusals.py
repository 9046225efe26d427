"""What Discord refused, for those who ask why something is not there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, text

from ..domain.model import GuildId, RoomId
from .engine import Part, reads, writes
from .records import Refused
from .rows import notice_of
from .sql import change
from .tables import attachments, batches, notices


class Refusals(Part):
    """The part of the store behind what ``/video status`` tells of refused messages."""

    @writes
    def note_refusal(
        self, connection: Connection, batch_id: int, reason: str, *, now: datetime
    ) -> None:
        """Remember why Discord refused a batch's message, an edit or the deletion of it."""
        change(connection, batches, batches.c.id == batch_id, refusal=reason, refused_at=now)

    @reads
    def refused(self, connection: Connection, guild_id: GuildId, since: datetime) -> list[Refused]:
        """Return what Discord has refused of a server's notices since a time, newest first."""
        in_guild = select(attachments.c.id).where(attachments.c.guild_id == guild_id)
        query = (
            select(batches, notices.c.payload, notices.c.is_stale)
            .join(notices, notices.c.batch_id == batches.c.id)
            .where(
                text("refusal IS NOT NULL"),
                batches.c.refused_at >= since,
                notices.c.attachment_id.in_(in_guild),
                notices.c.payload != "",
            )
            .order_by(batches.c.refused_at.desc(), batches.c.id, notices.c.position)
        )
        found: dict[int, Refused] = {}
        for row in connection.execute(query):
            is_open = row.settled_at is None or row.is_stale
            known = found.get(row.id)
            if known is not None and not (known.is_final and is_open):
                continue
            found[row.id] = Refused(
                room_id=RoomId(row.room_id),
                notice=notice_of(row.payload),
                message_id=row.message_id,
                reason=row.refusal,
                at=row.refused_at,
                is_final=not is_open,
            )
        return list(found.values())
