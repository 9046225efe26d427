"""Telling the log room of a server what gets onto its trail.

All of it happens in somebody else's transaction.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Text, and_, bindparam, cast, exists, literal, select

from ..domain.deeds import LogNotice
from ..domain.model import GuildId, NewNotice, ObjectId, RoomId
from .mapping import actor_of, notice_of
from .outbox_rows import WITH_FATES, enqueue, put
from .sql import NoticeStage, Prepared, change, remove
from .tables import (
    attachments,
    barred_servers,
    notices,
    objects,
    servers,
    trail,
)

_KEY = "trail:"
_WAITS = and_(
    notices.c.attachment_id.is_(None),
    notices.c.stage == NoticeStage.PENDING,
    notices.c.event_key.startswith(_KEY),
)
_is_barred = exists().where(barred_servers.c.guild_id == servers.c.guild_id)
# Nobody moves the log until the end of the transaction; all else of the server may change.
_log_rooms = (
    select(servers.c.log_room_id)
    .where(servers.c.guild_id == bindparam("of"), servers.c.log_room_id.is_not(None), ~_is_barred)
    .with_for_update(read=True, key_share=True, of=servers)
)
_LOG_ROOM = Prepared(_log_rooms, servers.c.log_room_id)


def tell(
    connection: Connection, row: Row[Any], now: datetime, *, is_public: bool = False
) -> frozenset[RoomId]:
    """Tell the log room of its server, if there is one, of an entry that has come to its end.

    ``row`` is that of the trail. One that comes to another end, since it was tried again, is told
    in the place of the first. What is not public is not named: whoever agreed to show it did so
    for another room. ``is_public``: whether it is, where it is not stored any more. Returns the
    room, where there is anything to do in it.
    """
    room_id = _log_room(connection, row.guild_id)
    if room_id is None:
        return frozenset()
    of = _object(connection, row)
    is_named = is_public if of is None else of.is_public
    notice = LogNotice(
        entry_id=row.id,
        actor=actor_of(row),
        deed=row.deed,
        effect=row.effect,
        at=row.at,
        object_title=row.object_title if is_named else "",
        object_url=of.url if of is not None and is_named and of.is_known else "",
        room_id=row.room_id,
        detail=row.detail,
    )
    new = NewNotice(attachment_id=None, room_id=room_id, event_key=f"{_KEY}{row.id}", notice=notice)
    if enqueue(connection, [new], now) or _put_in_place(connection, new):
        return frozenset({room_id})
    return frozenset()


def _put_in_place(connection: Connection, new: NewNotice) -> bool:
    query = WITH_FATES.where(
        notices.c.room_id == new.room_id,
        notices.c.event_key == new.event_key,
        notices.c.payload != "",
    )
    row = connection.execute(query).one_or_none()
    return row is not None and put(connection, row, new.notice)


def _log_room(connection: Connection, guild_id: GuildId) -> RoomId | None:
    """Return the log room of a server that is not barred."""
    rows = _LOG_ROOM.rows(connection, {"of": guild_id})
    return RoomId(rows[0].log_room_id) if rows else None


def move(connection: Connection, room_id: RoomId, to: RoomId | None) -> None:
    """Have another room told what waits; ``None``: nobody is."""
    waits = (_WAITS, notices.c.room_id == room_id)
    if to is None:
        remove(connection, notices, *waits)
    else:
        change(connection, notices, *waits, room_id=to)


def give_up(connection: Connection, before: datetime) -> int:
    """Drop what no log room has taken since a time; return how much that was."""
    return remove(connection, notices, _WAITS, notices.c.queued_at < before)


def hide(connection: Connection, object_id: ObjectId) -> None:
    """Name an object no more in what waits: it is not public any more."""
    about = literal(_KEY) + cast(trail.c.id, Text)
    keys = select(about).where(trail.c.object_id == object_id)
    waiting = WITH_FATES.where(_WAITS, notices.c.event_key.in_(keys)).order_by(notices.c.id)
    for row in connection.execute(waiting).all():
        notice = notice_of(row.payload)
        if isinstance(notice, LogNotice):
            put(connection, row, replace(notice, object_title="", object_url=""))


def _object(connection: Connection, row: Row[Any]) -> Row[Any] | None:
    """Return an object as it is now; ``is_known``: the server may know of it."""
    is_known = exists().where(
        attachments.c.object_id == objects.c.object_id,
        attachments.c.guild_id == row.guild_id,
        attachments.c.barred_at.is_(None),
    )
    query = select(objects.c.url, objects.c.is_public, is_known.label("is_known"))
    return connection.execute(query.where(objects.c.object_id == row.object_id)).one_or_none()
