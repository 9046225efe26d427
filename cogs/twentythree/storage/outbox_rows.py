"""Rows of the outbox: notices that come, wait and change, and the batches that carry them.

The functions work in somebody else's transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    ScalarSelect,
    and_,
    bindparam,
    exists,
    or_,
    select,
    text,
    tuple_,
    update,
)

from ..domain import batching, ingest
from ..domain.batching import Batch, Draft
from ..domain.model import (
    BoardNotice,
    CommentId,
    CommentNotice,
    LiveNotice,
    NewNotice,
    Notice,
    ObjectId,
    ProgrammeNotice,
    QueuedNotice,
    RoomId,
)
from ..domain.room_settings import Manner
from .mapping import notice_of, payload_of
from .object_rows import IS_BARRED, SERVER_IS_BARRED, WITH_OBJECTS
from .records import Drafting
from .sql import (
    BOARD,
    DELIVERED,
    NOT_REFUSED,
    PROGRAMME,
    REPLY,
    TAKEN_DOWN,
    NoticeStage,
    Prepared,
    change,
    chunks,
    insert_missing,
    remove,
)
from .tables import (
    attachments,
    barred_servers,
    batches,
    notices,
    servers,
    trail,
)

_ROWS_AT_ONCE = 500
# What the last message of a room ends with, if that is there, or on its way.
_last = batches.alias("last_batch")


def last_about(room_id: ColumnElement[int]) -> ScalarSelect[Any]:
    """Return the object that the last message of a room is about at its end, as a subquery."""
    is_there = or_(_last.c.fate.is_(None), _last.c.fate == DELIVERED)
    query = select(_last.c.about_object_id).where(_last.c.room_id == room_id, is_there)
    return query.order_by(_last.c.id.desc()).limit(1).scalar_subquery()


# Notices with the fate of the message that carries them, as :func:`put` needs it. Nobody else
# changes them until the end of the transaction: on PostgreSQL the worker of a room may be about to
# take them along, or to take them down, and what becomes of one depends on how far it is.
_FATE = select(batches.c.fate).where(batches.c.id == notices.c.batch_id).scalar_subquery()
WITH_FATES = select(notices, _FATE.label("fate")).with_for_update(of=notices)
# Of what is too old to be edited only the key is kept.
_TRACKED = WITH_FATES.where(notices.c.payload != "")
# In an order, so that two that want several of them do not want each other's.
_TRACKED_IN = Prepared(
    _TRACKED.where(
        notices.c.attachment_id.in_(bindparam("held", expanding=True)),
        notices.c.comment_id.in_(bindparam("ids", expanding=True)),
    ).order_by(notices.c.id),
    *_TRACKED.selected_columns,
)
_QUOTING_IN = Prepared(
    _TRACKED.where(
        text("quoted_id IS NOT NULL"),
        notices.c.attachment_id.in_(bindparam("held", expanding=True)),
        notices.c.quoted_id.in_(bindparam("ids", expanding=True)),
    ).order_by(notices.c.id),
    *_TRACKED.selected_columns,
)
_put = update(notices).where(notices.c.id == bindparam("of"))
_put_payload = _put.values(payload=bindparam("text"), quoted_id=bindparam("quotes"))
_PUT_WAITING = Prepared(_put_payload.values(rank=bindparam("turn")))
_PUT_STALE = Prepared(_put_payload.values(is_stale=True))
_IS_BUSY = or_(
    attachments.c.paused_at.is_not(None),
    IS_BARRED,
    exists().where(
        notices.c.stage == NoticeStage.PENDING, notices.c.room_id == attachments.c.room_id
    ),
    exists().where(batches.c.settled_at.is_(None), batches.c.room_id == attachments.c.room_id),
)
_HAS_REPLIES = exists().where(trail.c.object_id == attachments.c.object_id, text(REPLY))
WITH_BUSY = WITH_OBJECTS.add_columns(
    _IS_BUSY.label("is_busy"),
    _HAS_REPLIES.label("has_replies"),
    last_about(attachments.c.room_id).label("last_about"),
)
_LISTENERS = Prepared(
    WITH_BUSY.where(attachments.c.object_id == bindparam("of")), *WITH_BUSY.selected_columns
)
_INSERT_BATCH = Prepared(batches.insert().returning(batches.c.id), batches.c.id)


def _of_attachment(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(attachments.c.id == notices.c.attachment_id, *which)


# The log and the programme of a room are of no attachment, but of a server all the same. By names
# of their own, for queries that hold the tables already.
_barred, _logging, _here = (one.alias() for one in (barred_servers, servers, attachments))
_LOG_IS_BARRED = exists().where(
    _logging.c.guild_id == _barred.c.guild_id, _logging.c.log_room_id == notices.c.room_id
)
_PROGRAMME_IS_BARRED = exists().where(
    notices.c.event_key == PROGRAMME,
    _here.c.guild_id == _barred.c.guild_id,
    or_(_here.c.room_id == notices.c.room_id, _here.c.forum_id == notices.c.room_id),
)
NOTICE_IS_BARRED = or_(
    _of_attachment(IS_BARRED),
    and_(notices.c.attachment_id.is_(None), or_(_LOG_IS_BARRED, _PROGRAMME_IS_BARRED)),
)
# What a comment said may still be corrected, or taken away, where its object is not public any
# more: it shows nothing of the object that was not shown before. A board hides what it showed.
EDIT_IS_BARRED = _of_attachment(
    or_(
        SERVER_IS_BARRED,
        and_(
            attachments.c.barred_at.is_not(None),
            notices.c.is_live,
            ~notices.c.event_key.startswith(BOARD),
        ),
    )
)
BATCH_IS_BARRED = exists().where(notices.c.batch_id == batches.c.id, NOTICE_IS_BARRED)


def enqueue(
    connection: Connection,
    new: Sequence[NewNotice],
    now: datetime,
    *,
    bound: Mapping[RoomId, Batch] = MappingProxyType({}),
) -> list[QueuedNotice]:
    """Put notices into the outbox; return those that were not said in their room before.

    Those of the rooms in ``bound`` are bound into that batch.
    """
    rows = [_row_of(notice, now, bound.get(notice.room_id)) for notice in new]
    columns = (notices.c.id, notices.c.room_id, notices.c.event_key)
    by_key = {(one.room_id, one.event_key): one.notice for one in new}
    return [
        QueuedNotice(
            notice_id=row.id,
            room_id=RoomId(row.room_id),
            event_key=row.event_key,
            notice=by_key[row.room_id, row.event_key],
            queued_at=now,
        )
        for row in insert_missing(connection, notices, rows, *columns)
    ]


def _row_of(new: NewNotice, now: datetime, batch: Batch | None) -> dict[str, Any]:
    return {
        **notice_values(new),
        "queued_at": now,
        "stage": NoticeStage.PENDING if batch is None else NoticeStage.BATCHED,
        "batch_id": None if batch is None else batch.batch_id,
        "position": 0,
        "is_stale": False,
    }


def notice_values(new: NewNotice) -> dict[str, Any]:
    """Write a notice as columns of its table, but for when it came and how far it has come."""
    about = new.notice
    return {
        "room_id": new.room_id,
        "attachment_id": new.attachment_id,
        "event_key": new.event_key,
        "comment_id": about.comment.comment_id if isinstance(about, CommentNotice) else None,
        "quoted_id": _quoted(about),
        "payload": payload_of(about),
        # What is edited for as long as it is there.
        "is_live": isinstance(about, LiveNotice | ProgrammeNotice | BoardNotice),
        "rank": batching.rank(about),
    }


def revise_waiting(
    connection: Connection,
    room_ids: Collection[RoomId],
    *which: ColumnElement[bool],
    by: Callable[[Notice], Notice | None],
) -> None:
    """Put what ``by`` makes of them in place of notices that wait; ``None`` withdraws one."""
    for row in _waiting(connection, room_ids, *which):
        put(connection, row, by(notice_of(row.payload)))


def _waiting(
    connection: Connection, room_ids: Collection[RoomId], *which: ColumnElement[bool]
) -> Iterator[Row[Any]]:
    """Read notices some at a time: they may be very many."""
    place = tuple_(notices.c.rank, notices.c.id)
    for room_id in room_ids:
        last = (-1, -1)
        while rows := connection.execute(
            WITH_FATES.where(
                notices.c.stage == NoticeStage.PENDING,
                notices.c.room_id == room_id,
                place > last,
                *which,
            )
            .order_by(notices.c.rank, notices.c.id)
            .limit(_ROWS_AT_ONCE)
        ).all():
            yield from rows
            last = (rows[-1].rank, rows[-1].id)


def put(connection: Connection, row: Row[Any], new: Notice | None) -> bool:
    """Put a notice in the place of that in ``row``; return whether the room gets another now.

    ``row`` is one of ``WITH_FATES``. One that waits is replaced, or withdrawn where ``new`` is
    ``None``. One that is out, or on its way, becomes stale. One whose message was taken down, or
    must show nothing new, waits again once it may be shown; one that Discord has refused, once it
    has other words.
    """
    this = notices.c.id == row.id
    if new is None:
        remove(connection, notices, this)
        return False
    old = notice_of(row.payload)
    if new == old:
        return False
    given = {"of": row.id, "text": payload_of(new), "quotes": _quoted(new)}
    if not ingest.is_over(new) and (
        _is_taken_down(connection, row, old)
        or _is_hidden(connection, row, old)
        or (ingest.is_reworded(old, new) and _is_refused(connection, row))
    ):
        again = {"stage": NoticeStage.PENDING, "batch_id": None, "is_stale": False}
        change(connection, notices, this, **again)
    elif row.stage != NoticeStage.PENDING:
        _PUT_STALE.rows(connection, given)
        return True
    _PUT_WAITING.rows(connection, given | {"turn": batching.rank(new)})
    return True


def _is_taken_down(connection: Connection, row: Row[Any], old: Notice) -> bool:
    """Tell whether the message of a notice was taken down, if only while this waited for it."""
    if row.fate == TAKEN_DOWN or not ingest.is_over(old):
        return bool(row.fate == TAKEN_DOWN)
    fate = connection.scalar(select(batches.c.fate).where(batches.c.id == row.batch_id))
    return bool(fate == TAKEN_DOWN)


def _is_refused(connection: Connection, row: Row[Any]) -> bool:
    """Tell whether Discord has surely made no message of a notice, for what is in it."""
    if row.fate is None or row.fate in NOT_REFUSED:
        return False
    # What was tried before that may be there all the same.
    tried = select(batches.c.attempts).where(batches.c.id == row.batch_id)
    return (connection.scalar(tried) or 0) <= 1


def _is_hidden(connection: Connection, row: Row[Any], old: Notice) -> bool:
    """Tell whether a notice shows nothing now, of what nobody agreed to show in its room.

    An edit of its message would show it.
    """
    if row.stage != NoticeStage.DONE or not ingest.is_over(old):
        return False
    is_barred = (attachments.c.id == row.attachment_id, attachments.c.barred_at.is_not(None))
    return connection.scalar(select(attachments.c.id).where(*is_barred)) is not None


def _quoted(notice: Notice) -> CommentId | None:
    quote = notice.comment.answers if isinstance(notice, CommentNotice) else None
    return None if quote is None else quote.comment_id


def revise_comments(
    connection: Connection,
    attachment_ids: Sequence[int],
    ids: Sequence[CommentId],
    by: Callable[[Row[Any], CommentNotice], Notice | None],
) -> frozenset[RoomId]:
    """Put what ``by`` makes of them in place of the notices of comments in some attachments.

    Returns the rooms with a message to edit. See :func:`put`.
    """
    rooms: set[RoomId] = set()
    held = list(attachment_ids)
    for some in chunks(ids):
        found = _TRACKED_IN.rows(connection, {"held": held, "ids": list(some)})
        rooms.update(_revised(connection, found, by))
    return frozenset(rooms)


def revise_quoting(
    connection: Connection,
    attachment_ids: Sequence[int],
    ids: Collection[CommentId],
    by: Callable[[Row[Any], CommentNotice], Notice | None],
) -> frozenset[RoomId]:
    """Do the same with those that quote some comments."""
    rooms: set[RoomId] = set()
    held = list(attachment_ids)
    for some in chunks(list(ids)):
        found = _QUOTING_IN.rows(connection, {"held": held, "ids": list(some)})
        rooms.update(_revised(connection, found, by))
    return frozenset(rooms)


def revise_attachment(
    connection: Connection,
    attachment_id: int,
    by: Callable[[Row[Any], CommentNotice], Notice | None],
) -> frozenset[RoomId]:
    """Do the same with all comments of an attachment, some at a time: they may be very many."""
    rooms: set[RoomId] = set()
    of_it = _TRACKED.where(notices.c.attachment_id == attachment_id)
    in_order, last = of_it.order_by(notices.c.comment_id).limit(_ROWS_AT_ONCE), 0
    while some := connection.execute(in_order.where(notices.c.comment_id > last)).all():
        rooms.update(_revised(connection, some, by))
        last = some[-1].comment_id
    return frozenset(rooms)


def _revised(
    connection: Connection,
    rows: Iterable[Row[Any]],
    by: Callable[[Row[Any], CommentNotice], Notice | None],
) -> Iterator[RoomId]:
    for row in rows:
        old, is_out = notice_of(row.payload), row.stage != NoticeStage.PENDING
        if isinstance(old, CommentNotice) and put(connection, row, by(row, old)) and is_out:
            yield RoomId(row.room_id)


def listeners(connection: Connection, object_id: ObjectId) -> Sequence[Row[Any]]:
    """Read an object's attachments; ``is_busy`` where anything waits in the room already.

    ``has_replies``: some comment of the object was answered from a room. ``last_about``: see
    :func:`last_about`.
    """
    return _LISTENERS.rows(connection, {"of": object_id})


def start_lone(
    connection: Connection,
    new: Sequence[NewNotice],
    idle: Mapping[RoomId, Manner],
    draft: Drafting,
    now: datetime,
) -> dict[RoomId, Batch]:
    """Store a batch, without its notice, for each room in which one notice is alone.

    Left to the room's worker, the same batch would be stored by a second transaction, and a
    comment that nothing is in the way of would wait for two commits where one will do. ``idle``:
    see :func:`manners`.
    """
    return {
        one.room_id: insert_batch(connection, one.room_id, draft(one, idle[one.room_id], now), now)
        for one in batching.lone(new, idle)
    }


def batch_values(room_id: RoomId, draft: Draft) -> dict[str, Any]:
    """Return what is stored of a batch that is to be sent."""
    return {
        "room_id": room_id,
        "nonce": draft.nonce,
        "body": draft.body,
        "layout": draft.manner.layout.value,
        "is_silent": draft.manner.is_silent,
        "language": draft.manner.language.value,
        "after_object_id": draft.manner.after,
        "about_object_id": draft.about,
    }


def insert_batch(connection: Connection, room_id: RoomId, draft: Draft, now: datetime) -> Batch:
    """Store a batch, the attempt that is to come counted; it has no notices yet."""
    values = batch_values(room_id, draft)
    (inserted,) = _INSERT_BATCH.rows(connection, values | {"attempts": 1, "created_at": now})
    return Batch(
        batch_id=inserted.id,
        room_id=room_id,
        nonce=draft.nonce,
        body=draft.body,
        notices=(),
        created_at=now,
        manner=draft.manner,
    )


def end_batch(connection: Connection, batch_id: int, **values: object) -> None:
    """Record how a batch ended; nothing of it is to be sent any more."""
    change(connection, batches, batches.c.id == batch_id, **values)
    change(connection, notices, notices.c.batch_id == batch_id, stage=NoticeStage.DONE)


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
