"""Which object is in which room, by which rules, and whether the room takes messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ..domain.cards import AtDetach
from ..domain.live import SAME_BROADCAST
from ..domain.model import Attachment, Comment, GuildId, ObjectId, RoomId
from .attaching import attach_here, change_rules, ensure_object, with_news, withdraw
from .engine import Part, reads, writes
from .mapping import attachment_of
from .memory import attachment_rows, find_attachment, forget_object, locked_object
from .programmes import refresh_programme
from .records import Attached, Baseline, Detached, NewAttachment
from .sql import change
from .tables import attachments


class Attachments(Part):
    """The part of the store behind ``/video attach``, ``detach`` and ``list``, and pauses."""

    @writes
    def attach(
        self,
        connection: Connection,
        new: NewAttachment,
        baseline: Baseline,
        *,
        backfill: Sequence[Comment] = (),
        now: datetime,
        same_broadcast: timedelta = SAME_BROADCAST,
    ) -> Attached:
        """Attach an object to a room, or change the rules where it is there already.

        Nothing of the baseline is said in the new room, except ``backfill`` and the card of what
        is planned or on air, as far as the rules take them. Where the object is attached
        elsewhere, what the baseline holds is news for those other rooms; for that, it must reach
        down to the object's watermark, or say with its floor how far it does reach. Where only
        the rules change, the baseline counts as known as far as no room had asked for it before.
        ``same_broadcast``: see ``domain.live``.
        """
        object_id = new.object.object_id
        refreshed = ensure_object(connection, new.object, baseline, now)
        found = find_attachment(connection, new.room_id, object_id)
        if found is not None:
            attached = change_rules(
                connection, found, new, baseline, now=now, same_broadcast=same_broadcast
            )
        else:
            attached = attach_here(
                connection,
                new,
                baseline,
                is_first=refreshed is None,
                backfill=backfill,
                now=now,
                same_broadcast=same_broadcast,
            )
        return attached if refreshed is None else with_news(attached, refreshed)

    @writes
    def detach(
        self,
        connection: Connection,
        room_id: RoomId,
        object_id: ObjectId,
        cards: AtDetach = AtDetach.DELETE,
    ) -> Detached | None:
        """Take an object out of a room; return what was there.

        What waits for the room is withdrawn; what it shows is brought up to date once more, and
        cards become as ``cards`` says. With the last attachment goes the memory.
        """
        locked_object(connection, object_id)
        found = find_attachment(connection, room_id, object_id)
        if found is None:
            return None
        released = withdraw(connection, found, cards)
        # What is left of the programme is no new notice, and needs no time.
        refresh_programme(connection, room_id, found.attached_at)
        if not attachment_rows(connection, attachments.c.object_id == object_id):
            forget_object(connection, object_id)
        return Detached(attachment=found, cards=released)

    @reads
    def find(
        self,
        connection: Connection,
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
        return [attachment_of(row) for row in attachment_rows(connection, *which)]

    @writes
    def pause(
        self, connection: Connection, room_id: RoomId, reason: str, now: datetime
    ) -> list[Attachment]:
        """Mark a room as taking no messages; return the attachments not marked before.

        Those that were marked keep their time, and get the new reason.
        """
        in_room = attachments.c.room_id == room_id
        rows = attachment_rows(connection, in_room, attachments.c.paused_at.is_(None))
        fresh = [row.id for row in rows]
        change(connection, attachments, in_room, paused_reason=reason)
        is_fresh = attachments.c.id.in_(fresh)
        change(connection, attachments, is_fresh, paused_at=now)
        return [attachment_of(row) for row in attachment_rows(connection, is_fresh)]

    @writes
    def resume(self, connection: Connection, room_id: RoomId) -> bool:
        """Mark a room as taking messages again; return whether it was paused."""
        paused = (attachments.c.room_id == room_id, attachments.c.paused_at.is_not(None))
        resumed = change(connection, attachments, *paused, paused_reason=None, paused_at=None)
        return resumed > 0

    @writes
    def note_parent(self, connection: Connection, room_id: RoomId, parent_id: RoomId) -> None:
        """Remember the channel of a thread."""
        change(connection, attachments, attachments.c.room_id == room_id, parent_id=parent_id)
