"""What rooms have, and what they leave out: counted, and taken out of what waits.

The functions work in somebody else's transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, literal, or_, select

from ..domain.model import RoomId
from ..domain.room_settings import RoomSettings
from .mapping import settings_of
from .sql import change, insert_missing
from .tables import follows, rooms, servers


def settings_without(connection: Connection, room_id: RoomId) -> tuple[RoomSettings, str | None]:
    """Return what counts in a room to which nothing is attached, and its server's locale.

    The log goes to such a room, and the programme of a follow that has found nothing yet.
    """
    follower = select(follows.c.guild_id).where(follows.c.room_id == room_id)
    its = or_(servers.c.log_room_id == room_id, servers.c.guild_id.in_(follower))
    server = connection.execute(select(servers).where(its)).first()
    room = connection.execute(select(rooms).where(rooms.c.room_id == room_id)).one_or_none()
    below = RoomSettings() if server is None else settings_of(server).over(RoomSettings())
    held = below if room is None else settings_of(room).over(below)
    return held, None if server is None else server.locale


def count_hidden(
    connection: Connection, hidden: Iterable[RoomId], of: Sequence[Row[Any]], now: datetime
) -> None:
    """Count comments that rooms leave out; of a post, its forum.

    Args:
        connection: within whose transaction.
        hidden: a room for each comment.
        of: the attachments in these rooms.
        now: the time, aware.
    """
    since = literal(now, rooms.c.hidden_since.type)
    held = {RoomId(row.room_id): row for row in of}
    places = Counter((held[one].forum_id or one, held[one].guild_id) for one in hidden)
    for (room_id, guild_id), count in places.items():
        insert_missing(
            connection, rooms, [{"room_id": room_id, "guild_id": guild_id}], rooms.c.room_id
        )
        change(
            connection,
            rooms,
            rooms.c.room_id == room_id,
            hidden_count=rooms.c.hidden_count + count,
            hidden_since=func.coalesce(rooms.c.hidden_since, since),
        )
