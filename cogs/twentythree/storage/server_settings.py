"""What a server has set for itself: who may act on comments, and where that is told.

What ``/video setup`` sets is several things at once, or none of them.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, exists, select

from ..domain.ingest import Trust
from ..domain.live import SAME_BROADCAST
from ..domain.model import CommentId, GuildId, RoomId
from . import log_rooms
from .attachments import attach_object
from .engine import Part, reads, writes
from .follows import keep_follow
from .mapping import attachment_of
from .object_rows import IN_THIS_ROOM, WITH_OBJECTS
from .records import NewSetup, SetupDone, Standpoint
from .sql import Prepared, insert_missing, upsert
from .tables import attachments, comments, servers
from .trail import put_on_trail

_is_on_it = and_(
    comments.c.object_id == attachments.c.object_id,
    comments.c.comment_id == bindparam("comment"),
)
_with_comment = WITH_OBJECTS.add_columns(
    select(comments.c.is_gone).where(_is_on_it).scalar_subquery().label("is_gone"),
    select(comments.c.trust).where(_is_on_it).scalar_subquery().label("trust"),
).where(IN_THIS_ROOM, exists().where(_is_on_it))
_WITH_COMMENT = Prepared(_with_comment, *_with_comment.selected_columns)
_MODERATORS = Prepared(
    select(servers.c.moderators_role_id).where(servers.c.guild_id == bindparam("guild")),
    servers.c.moderators_role_id,
)


class ServerSettings(Part):
    """The part of the store behind ``/video moderators`` and ``/video log``."""

    @reads
    def moderators(self, connection: Connection, guild_id: GuildId) -> int | None:
        """Return the role that may act; ``None``: whoever may manage messages in the room."""
        return _moderators(connection, guild_id)

    @reads
    def standpoint(
        self, connection: Connection, guild_id: GuildId, room_id: RoomId, comment_id: CommentId
    ) -> Standpoint:
        """Return from where somebody in a room acts on a comment, as far as is known.

        A comment is on one object, as a rule; realtime may tell of its ID on any, so that what the
        workspace has said goes first.
        """
        rows = _WITH_COMMENT.rows(connection, {"room": room_id, "comment": comment_id})
        found = min(
            rows, key=lambda row: (row.is_gone, row.trust == Trust.NEW, row.object_id), default=None
        )
        return Standpoint(
            held=None if found is None else attachment_of(found),
            moderators_role_id=_moderators(connection, guild_id),
        )

    @writes
    def set_moderators(
        self, connection: Connection, guild_id: GuildId, role_id: int | None
    ) -> None:
        """Set the role that may act."""
        name_moderators(connection, guild_id, role_id)

    @reads
    def log_room(self, connection: Connection, guild_id: GuildId) -> RoomId | None:
        """Return the room in which each entry of the trail is told."""
        return _log_room(connection, guild_id)

    @writes
    def set_log_room(
        self, connection: Connection, guild_id: GuildId, room_id: RoomId | None
    ) -> None:
        """Set that room; what waits for the one of before is told here, or nowhere any more."""
        insert_missing(connection, servers, [{"guild_id": guild_id}], servers.c.guild_id)
        # Whoever is about to tell something there comes first, and it is moved along.
        before = _log_room(connection, guild_id, is_moving=True)
        upsert(connection, servers, [{"guild_id": guild_id, "log_room_id": room_id}])
        if before is not None and before != room_id:
            log_rooms.move(connection, before, room_id)


def name_moderators(connection: Connection, guild_id: GuildId, role_id: int | None) -> None:
    """Set the role that may act, in somebody else's transaction."""
    upsert(connection, servers, [{"guild_id": guild_id, "moderators_role_id": role_id}])


def _moderators(connection: Connection, guild_id: GuildId) -> int | None:
    rows = _MODERATORS.rows(connection, {"guild": guild_id})
    return rows[0].moderators_role_id if rows else None


def _log_room(
    connection: Connection, guild_id: GuildId, *, is_moving: bool = False
) -> RoomId | None:
    query = select(servers.c.log_room_id).where(servers.c.guild_id == guild_id)
    room_id = connection.scalar(query.with_for_update() if is_moving else query)
    return None if room_id is None else RoomId(room_id)


class Setups(Part):
    """The part of the store behind ``/video setup``."""

    @writes
    def set_up(
        self,
        connection: Connection,
        new: NewSetup,
        now: datetime,
        same_broadcast: timedelta = SAME_BROADCAST,
    ) -> SetupDone:
        """Attach, follow, name the moderators and put it on the trail; see the parts for each."""
        attached = tuple(
            attach_object(connection, one, held, now=now, same_broadcast=same_broadcast)
            for one, held in new.attachments
        )
        followed = tuple(keep_follow(connection, one, now) for one in new.follows)
        if new.moderators_role_id is not None:
            name_moderators(connection, new.entry.guild_id, new.moderators_role_id)
        rooms = put_on_trail(connection, new.entry, now)
        return SetupDone(attached=attached, followed=followed, rooms=rooms)
