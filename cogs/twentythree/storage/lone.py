"""A comment that is alone in its room: its batch is stored in the transaction that takes it in.

Left to the room's worker, the same batch would be stored by a second transaction, and a comment
that nothing is in the way of would wait for two commits where one will do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, exists, or_

from ..domain.model import Batch, Draft, NewNotice, ObjectId, QueuedNotice, RoomId
from .barred_rows import IS_BARRED
from .object_rows import WITH_OBJECTS
from .records import Drafting
from .sql import remove
from .tables import NoticeStage, attachments, batches, notices

# As many requests as the pace of all rooms together lets through in a quarter of a second. Where
# more rooms wait for their turn, what comes meanwhile shares a message with what waits.
_MOST = 10

_IS_BUSY = or_(
    attachments.c.paused_at.is_not(None),
    IS_BARRED,
    exists().where(
        notices.c.stage == NoticeStage.PENDING, notices.c.room_id == attachments.c.room_id
    ),
    exists().where(batches.c.settled_at.is_(None), batches.c.room_id == attachments.c.room_id),
)
_LISTENERS = WITH_OBJECTS.add_columns(_IS_BUSY.label("is_busy")).where(
    attachments.c.object_id == bindparam("of")
)
_INSERT_BATCH = batches.insert().returning(batches.c.id)


def listeners(connection: Connection, object_id: ObjectId) -> Sequence[Row[Any]]:
    """Read an object's attachments; ``is_busy`` where anything waits in the room already."""
    return connection.execute(_LISTENERS, {"of": object_id}).all()


def start_lone(
    connection: Connection,
    new: Sequence[NewNotice],
    rooms: Sequence[Row[Any]],
    draft: Drafting,
    now: datetime,
) -> dict[RoomId, Batch]:
    """Store a batch, without its notice, for each room in which one notice is alone."""
    if len(new) > _MOST:
        return {}
    count = Counter(notice.room_id for notice in new)
    free = {row.room_id for row in rooms if not row.is_busy}
    return {
        notice.room_id: insert_batch(connection, notice.room_id, draft(notice, now), now)
        for notice in new
        if count[notice.room_id] == 1 and notice.room_id in free
    }


def insert_batch(connection: Connection, room_id: RoomId, draft: Draft, now: datetime) -> Batch:
    """Store a batch, the attempt that is to come counted; it has no notices yet."""
    values = {
        "room_id": room_id,
        "nonce": draft.nonce,
        "body": draft.body,
        "attempts": 1,
        "created_at": now,
    }
    return Batch(
        batch_id=connection.execute(_INSERT_BATCH, values).scalar_one(),
        room_id=room_id,
        nonce=draft.nonce,
        body=draft.body,
        notices=(),
        created_at=now,
    )


def with_notices(
    connection: Connection, started: Mapping[RoomId, Batch], queued: Iterable[QueuedNotice]
) -> tuple[Batch, ...]:
    """Give each batch its notice, and drop those whose notice the room had been told before."""
    found = {one.room_id: one for one in queued}
    if idle := [batch.batch_id for room, batch in started.items() if room not in found]:
        remove(connection, batches, batches.c.id.in_(idle))
    return tuple(
        replace(batch, notices=(found[room],)) for room, batch in started.items() if room in found
    )
