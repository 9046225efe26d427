"""What a server has set for itself: who may act on comments, and where that is told."""

from __future__ import annotations

from sqlalchemy import Connection, select

from ..domain.model import GuildId, RoomId
from . import log_rooms
from .engine import Part, reads, writes
from .sql import upsert
from .tables import servers


class ServerSettings(Part):
    """The part of the store behind ``/video moderators`` and ``/video log``."""

    @reads
    def moderators(self, connection: Connection, guild_id: GuildId) -> int | None:
        """Return the role that may act; ``None``: whoever may manage messages in the room."""
        query = select(servers.c.moderators_role_id).where(servers.c.guild_id == guild_id)
        role_id: int | None = connection.scalar(query)
        return role_id

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
        before = _log_room(connection, guild_id)
        upsert(connection, servers, [{"guild_id": guild_id, "log_room_id": room_id}])
        if before is not None and before != room_id:
            log_rooms.move(connection, before, room_id)


def name_moderators(connection: Connection, guild_id: GuildId, role_id: int | None) -> None:
    """Set the role that may act, in somebody else's transaction."""
    upsert(connection, servers, [{"guild_id": guild_id, "moderators_role_id": role_id}])


def _log_room(connection: Connection, guild_id: GuildId) -> RoomId | None:
    query = select(servers.c.log_room_id).where(servers.c.guild_id == guild_id)
    room_id = connection.scalar(query)
    return None if room_id is None else RoomId(room_id)
