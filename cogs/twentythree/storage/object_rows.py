"""Rows of objects, their attachments and their comments, in somebody else's transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    update,
)

from ..domain.ingest import Remembered, Trust
from ..domain.model import Attachment, CommentId, ObjectId, RoomId
from ..domain.places import PostingPlace, is_to_be_opened
from .mapping import ROOM_SETTINGS, attachment_of
from .sql import Prepared, change, chunks, remove, upsert
from .tables import (
    attachments,
    barred_servers,
    boards,
    channels,
    comments,
    objects,
    rooms,
    samples,
    servers,
    takings,
)

_IS_OBJECT = objects.c.object_id == bindparam("of")
_OBJECT = select(objects).where(_IS_OBJECT)
# A lock alone would leave no trace; a new version of the row tells those who went without the lock.
_LOCKED_OBJECT = update(objects).where(_IS_OBJECT).values(kind=objects.c.kind).returning(objects)
_OBJECT_ALONE = Prepared(_OBJECT, *objects.c)
_REMEMBERED = Prepared(
    select(comments).where(
        comments.c.object_id == bindparam("of"),
        comments.c.comment_id.in_(bindparam("ids", expanding=True)),
    ),
    *comments.c,
)
_HAS_BOARD = exists().where(
    boards.c.room_id == attachments.c.room_id, boards.c.object_id == attachments.c.object_id
)
# Of a post the forum's: all posts of a forum have its settings.
SETTING_ROOM: ColumnElement[int] = func.coalesce(attachments.c.forum_id, attachments.c.room_id)
# Attachments with their objects, with what bars their servers, and with what is set for their room.
WITH_OBJECTS = (
    select(
        attachments,
        *(column for column in objects.c if column.name != "object_id"),
        barred_servers.c.bar.label("server_bar"),
        barred_servers.c.since.label("server_barred_since"),
        _HAS_BOARD.label("has_board"),
        *(rooms.c[name].label(f"room_{name}") for name in ROOM_SETTINGS),
        *(servers.c[name].label(f"server_{name}") for name in ROOM_SETTINGS),
        servers.c.locale.label("server_locale"),
    )
    .join(objects)
    .outerjoin(rooms, rooms.c.room_id == SETTING_ROOM)
    .outerjoin(servers, servers.c.guild_id == attachments.c.guild_id)
    .outerjoin(barred_servers, barred_servers.c.guild_id == attachments.c.guild_id)
    .order_by(attachments.c.id)
)
_OF_OBJECT = Prepared(
    WITH_OBJECTS.where(attachments.c.object_id == bindparam("of")), *WITH_OBJECTS.selected_columns
)
# By a name of its own, for queries that hold the table already.
_barred = barred_servers.alias("barred")
SERVER_IS_BARRED = exists().where(_barred.c.guild_id == attachments.c.guild_id)
IS_BARRED = or_(
    attachments.c.barred_at.is_not(None), attachments.c.exposed_at.is_not(None), SERVER_IS_BARRED
)


IN_THREAD = attachments.c.place == PostingPlace.THREAD.value
# Of a room that is there: its ID is the parameter "room".
IN_THIS_ROOM = or_(
    attachments.c.room_id == bindparam("room"),
    and_(IN_THREAD, attachments.c.forum_id == bindparam("room")),
)
_HELD = Prepared(
    WITH_OBJECTS.where(IN_THIS_ROOM, attachments.c.object_id == bindparam("of")),
    *WITH_OBJECTS.selected_columns,
)


def in_room(room_id: RoomId) -> ColumnElement[bool]:
    """Return the condition that an attachment, or its card, has its place in a room."""
    if is_to_be_opened(room_id):
        return attachments.c.id == -room_id
    return or_(attachments.c.room_id == room_id, and_(IN_THREAD, attachments.c.forum_id == room_id))


def locked_object(connection: Connection, object_id: ObjectId) -> Row[Any] | None:
    """Read an object that nobody else may change until the end of the transaction."""
    if connection.dialect.name == "sqlite":  # whose writers are alone already
        return next(iter(_OBJECT_ALONE.rows(connection, {"of": object_id})), None)
    return connection.execute(_LOCKED_OBJECT, {"of": object_id}).one_or_none()


def lock_object(connection: Connection, object_id: ObjectId) -> None:
    """Keep everybody else from changing an object until the end of the transaction."""
    if connection.dialect.name != "sqlite":  # whose writers are alone already
        locked_object(connection, object_id)


def attachment_rows(connection: Connection, *which: ColumnElement[bool]) -> Sequence[Row[Any]]:
    """Read attachments with their objects, by ID."""
    return connection.execute(WITH_OBJECTS.where(*which)).all()


def rows_of_object(connection: Connection, object_id: ObjectId) -> Sequence[Row[Any]]:
    """Read the attachments of an object, likewise."""
    return _OF_OBJECT.rows(connection, {"of": object_id})


def find_attachment(
    connection: Connection, room_id: RoomId, object_id: ObjectId
) -> Attachment | None:
    """Return the attachment of an object to a room, or ``None``."""
    if not is_to_be_opened(room_id):
        held = _HELD.rows(connection, {"room": room_id, "of": object_id})
        return attachment_of(held[0]) if held else None
    rows = attachment_rows(connection, in_room(room_id), attachments.c.object_id == object_id)
    return attachment_of(rows[0]) if rows else None


def forget_object(connection: Connection, object_id: ObjectId) -> None:
    """Delete an object that is attached nowhere, with all that is known of it."""
    remove(connection, channels, channels.c.object_id == object_id)
    remove(connection, samples, samples.c.object_id == object_id)
    remove(connection, comments, comments.c.object_id == object_id)
    remove(connection, takings, takings.c.object_id == object_id)
    remove(connection, objects, objects.c.object_id == object_id)


def raise_watermark(
    connection: Connection, object_ids: Collection[ObjectId], to: CommentId | None
) -> None:
    """Set the watermark of objects, unless it is as high already."""
    if to is None:
        return
    is_lower = or_(objects.c.watermark.is_(None), objects.c.watermark < to)
    change(connection, objects, objects.c.object_id.in_(object_ids), is_lower, watermark=to)


def remember(connection: Connection, object_id: ObjectId, seen: Collection[Remembered]) -> None:
    """Write comments into the memory. No comment twice in ``seen``."""
    upsert(connection, comments, [remembered_values(object_id, one) for one in seen])


def remembered_values(object_id: ObjectId, one: Remembered) -> dict[str, Any]:
    """Write a comment of the memory as columns of its table."""
    return {
        "object_id": object_id,
        "comment_id": one.comment_id,
        "is_promoted": one.is_promoted,
        "fingerprint": one.fingerprint,
        "is_gone": one.is_gone,
        "trust": one.trust,
    }


def remembered(
    connection: Connection, object_id: ObjectId, ids: Sequence[CommentId]
) -> dict[CommentId, Remembered]:
    """Return what the memory holds of the comments with these IDs."""
    found: dict[CommentId, Remembered] = {}
    for some in chunks(ids):
        for row in _REMEMBERED.rows(connection, {"of": object_id, "ids": list(some)}):
            comment_id = CommentId(row.comment_id)
            found[comment_id] = Remembered(
                comment_id=comment_id,
                is_promoted=row.is_promoted,
                fingerprint=row.fingerprint,
                is_gone=row.is_gone,
                trust=Trust(row.trust),
            )
    return found
