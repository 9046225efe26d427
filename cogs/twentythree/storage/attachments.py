"""Which object is in which room, by which rules, and whether the room takes messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from ..relay.live import SAME_BROADCAST
from ..relay.model import Attachment, Comment, GuildId, ObjectId, RoomId
from .attaching import attach_here, change_rules, ensure_object, withdraw
from .engine import Part, whole
from .memory import attachment_rows, find_attachment, forget_object, locked_object
from .records import Attached, Baseline, NewAttachment
from .rows import attachment_of
from .sql import change
from .tables import attachments


class Attachments(Part):
    """The part of the store behind ``/video attach``, ``detach`` and ``list``, and pauses."""

    @whole
    async def attach(
        self,
        new: NewAttachment,
        baseline: Baseline,
        *,
        backfill: Sequence[Comment] = (),
        now: datetime,
        same_broadcast: timedelta = SAME_BROADCAST,
    ) -> Attached:
        """Attach an object to a room, or change the rules where it is there already.

        Nothing of the baseline is said in the new room, except ``backfill``, as far as the
        rules take it. Where the object is attached elsewhere, what the baseline holds is news
        for those other rooms; for that, it must reach down to the object's watermark, or say
        with its floor how far it does reach. Where only the rules change, the baseline counts as
        known as far as no room had asked for it before. ``same_broadcast``: see ``relay.live``.
        """
        async with self._database.write() as connection:
            object_id = new.object.object_id
            is_first = await ensure_object(connection, new.object, baseline, now)
            found = await find_attachment(connection, new.room_id, object_id)
            if found is not None:
                return await change_rules(connection, found, new.rules, baseline, now)
            return await attach_here(
                connection,
                new,
                baseline,
                is_first=is_first,
                backfill=backfill,
                now=now,
                same_broadcast=same_broadcast,
            )

    @whole
    async def detach(self, room_id: RoomId, object_id: ObjectId) -> Attachment | None:
        """Take an object out of a room; return what was there.

        What waits for the room is withdrawn. With the last attachment goes the memory.
        """
        async with self._database.write() as connection:
            await locked_object(connection, object_id)
            found = await find_attachment(connection, room_id, object_id)
            if found is None:
                return None
            await withdraw(connection, found)
            if not await attachment_rows(connection, attachments.c.object_id == object_id):
                await forget_object(connection, object_id)
            return found

    @whole
    async def attachments(
        self,
        *,
        guild_id: GuildId | None = None,
        room_id: RoomId | None = None,
        object_id: ObjectId | None = None,
    ) -> list[Attachment]:
        """Return the attachments that meet every condition given, by ID."""
        wanted = {"guild_id": guild_id, "room_id": room_id, "object_id": object_id}
        which = [
            attachments.c[name] == value for name, value in wanted.items() if value is not None
        ]
        async with self._database.read() as connection:
            return [attachment_of(row) for row in await attachment_rows(connection, *which)]

    @whole
    async def pause(self, room_id: RoomId, reason: str, now: datetime) -> list[Attachment]:
        """Mark a room as taking no messages; return the attachments not marked before.

        Those that were marked keep their time, and get the new reason.
        """
        in_room = attachments.c.room_id == room_id
        async with self._database.write() as connection:
            rows = await attachment_rows(connection, in_room, attachments.c.paused_at.is_(None))
            fresh = [row.id for row in rows]
            await change(connection, attachments, in_room, paused_reason=reason)
            is_fresh = attachments.c.id.in_(fresh)
            await change(connection, attachments, is_fresh, paused_at=now)
            return [attachment_of(row) for row in await attachment_rows(connection, is_fresh)]

    @whole
    async def resume(self, room_id: RoomId) -> bool:
        """Mark a room as taking messages again; return whether it was paused."""
        paused = (attachments.c.room_id == room_id, attachments.c.paused_at.is_not(None))
        async with self._database.write() as connection:
            resumed = await change(
                connection, attachments, *paused, paused_reason=None, paused_at=None
            )
            return resumed > 0
