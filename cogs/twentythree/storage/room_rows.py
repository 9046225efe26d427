"""What rooms leave out: counted, and taken out of what waits.

The functions work in somebody else's transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, literal

from ..domain.model import RoomId
from .sql import change, insert_missing
from .tables import rooms


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
