"""Boards of questions: made and dropped, and shown as the questions are.

A board is one notice of its room. It is written in the transaction that changes what it shows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Text, bindparam, cast, select, text

from ..domain.board import Board, board_key, showing, withdrawn
from ..domain.model import BoardNotice, Comment, GuildId, NewNotice, ObjectId, RoomId
from ..domain.shown import BoardView
from .engine import Part, reads, writes
from .mapping import attachment_of, notice_of
from .object_rows import find_attachment, locked_object, rows_of_object
from .outbox_rows import WITH_FATES, enqueue, put
from .question_rows import fill, seen_of, start_keeping, taken_in
from .records import MadeBoard, NewBoard
from .sql import (
    BOARD,
    DELIVERED,
    REMOVED,
    STALE,
    TAKEN_DOWN,
    NoticeStage,
    Prepared,
    change,
    matching,
    remove,
)
from .tables import (
    attachments,
    batches,
    boards,
    notices,
)

# A message that Discord has refused for good is posted as it is now, no sooner than that.
_AGAIN = timedelta(minutes=1)
_ENDED = (DELIVERED, REMOVED, TAKEN_DOWN)
_OF_OBJECT = Prepared(
    select(boards).where(boards.c.object_id == bindparam("of")).order_by(boards.c.id), *boards.c
)
_HELD = Prepared(
    WITH_FATES.where(
        notices.c.room_id == bindparam("room"), notices.c.event_key == bindparam("key")
    ),
    *WITH_FATES.selected_columns,
)


class Boards(Part):
    """The part of the store behind ``/video questions``."""

    @reads
    def find(
        self,
        connection: Connection,
        *,
        guild_id: GuildId | None = None,
        room_id: RoomId | None = None,
        object_id: ObjectId | None = None,
    ) -> list[Board]:
        """Return the boards that meet every condition given, by ID."""
        which = matching(boards, guild_id=guild_id, room_id=room_id, object_id=object_id)
        return _find(connection, *which)

    @reads
    def unshown(self, connection: Connection) -> list[Board]:
        """Return the boards whose questions were not read: it was cut off."""
        return [one for one in _find(connection) if not _is_shown(connection, one)]

    @writes
    def make(self, connection: Connection, new: NewBoard, now: datetime) -> MadeBoard | None:
        """Make a board of what is attached to the room, or to its thread; ``None``: it is not.

        From now on its questions are kept; it is shown with :meth:`show`. One that was shown there
        already is posted once more, as the last message of the room.
        """
        locked_object(connection, new.object_id)
        attachment = find_attachment(connection, new.room_id, new.object_id)
        if attachment is None:
            return None
        # It may have got its thread since anybody looked.
        room_id = attachment.room_id
        this = (
            boards.c.room_id == room_id,
            boards.c.object_id == new.object_id,
            boards.c.view == new.view.value,
        )
        start_keeping(connection, new.object_id)
        if new.is_exposure_agreed:
            this_one = attachments.c.id == attachment.attachment_id
            change(connection, attachments, this_one, is_exposure_agreed=True)
        was_there = drop_boards(connection, *this) > 0
        values = {
            "guild_id": attachment.guild_id,
            "room_id": room_id,
            "object_id": new.object_id,
            "view": new.view.value,
            "made_by": new.made_by,
            "made_at": now,
        }
        connection.execute(boards.insert().values(values))
        (board,) = _find(connection, *this)
        if was_there:
            _show(connection, [board], now)
        return MadeBoard(board=board, was_there=was_there)

    @writes
    def show(
        self, connection: Connection, board_id: int, found: Collection[Comment], now: datetime
    ) -> frozenset[RoomId]:
        """Show a board, with the questions that were there before it.

        Returns the rooms with something to do: none where the board is there no more.
        """
        this = boards.c.id == board_id
        object_ids = [one.object_id for one in _find(connection, this)]
        for object_id in object_ids:
            locked_object(connection, object_id)
        # Read after that: it may just be dropped, or be moved to a thread.
        mine = _find(connection, this)
        if not mine:
            return frozenset()
        object_id = mine[0].object_id
        fill(connection, object_id, found, now)
        _show(connection, mine, now)
        return refresh_boards(connection, object_id) | {mine[0].room_id}

    @writes
    def drop(
        self,
        connection: Connection,
        room_id: RoomId,
        object_id: ObjectId,
        board_id: int | None = None,
    ) -> int:
        """Drop the boards of an object in a room, or one of them; return how many there were."""
        # Or one that is just shown would be left standing.
        locked_object(connection, object_id)
        which = matching(boards, room_id=room_id, object_id=object_id, id=board_id)
        count = len(_find(connection, *which))
        drop_boards(connection, *which)
        return count

    @writes
    def try_again(self, connection: Connection, now: datetime) -> frozenset[RoomId]:
        """Have boards posted anew whose message Discord refused, and that say something else now.

        Somebody's question may have been what it refused. Returns their rooms.
        """
        rows = connection.execute(
            select(notices.c.id, notices.c.room_id)
            .join(batches, notices.c.batch_id == batches.c.id)
            .where(
                text(STALE),
                notices.c.event_key.startswith(BOARD),
                notices.c.attachment_id.is_not(None),
                batches.c.fate.not_in(_ENDED),
                batches.c.settled_at <= now - _AGAIN,
            )
            .order_by(notices.c.id)
            # One that is dropped meanwhile is not to be posted.
            .with_for_update(of=notices)
        ).all()
        waiting = {"stage": NoticeStage.PENDING, "batch_id": None, "is_stale": False}
        these = notices.c.id.in_([row.id for row in rows])
        change(connection, notices, these, **waiting)
        return frozenset(RoomId(row.room_id) for row in rows)


def refresh_boards(connection: Connection, object_id: ObjectId) -> frozenset[RoomId]:
    """Bring the boards of an object up to date; return the rooms with a message to edit."""
    rooms = set()
    found = [_board_of(row) for row in _OF_OBJECT.rows(connection, {"of": object_id})]
    for board, new in _showing_now(connection, found):
        held = _held(connection, board)
        if held is not None and put(connection, held, new.notice):
            rooms.add(board.room_id)
    return frozenset(rooms)


def drop_boards(connection: Connection, *which: ColumnElement[bool]) -> int:
    """Drop boards, and have their messages deleted; return how many had been shown."""
    found = _find(connection, *which)
    shown = [held for board in found if (held := _held(connection, board)) is not None]
    for held in shown:
        _withdraw(connection, held)
    remove(connection, boards, boards.c.id.in_([one.board_id for one in found]))
    return len(shown)


def move_boards(
    connection: Connection, object_id: ObjectId, before: RoomId, after: RoomId, now: datetime
) -> None:
    """Have the boards of an object, whose attachment has gone to another room, go there, too."""
    these = (boards.c.object_id == object_id, boards.c.room_id == before)
    moved = _find(connection, *these)
    for board in moved:
        held = _held(connection, board)
        if held is not None:
            _withdraw(connection, held)
    change(connection, boards, *these, room_id=after)
    _show(connection, [replace(one, room_id=after) for one in moved], now)


def _withdraw(connection: Connection, held: Row[Any]) -> None:
    if held.stage == NoticeStage.PENDING:
        put(connection, held, None)
        return
    old = notice_of(held.payload)
    # The next board of the object is another message; and this one goes whatever bars the object.
    freed = notices.c.event_key + "@" + cast(notices.c.id, Text)
    change(connection, notices, notices.c.id == held.id, event_key=freed, attachment_id=None)
    if isinstance(old, BoardNotice):
        put(connection, held, withdrawn(old))


def _show(connection: Connection, found: Sequence[Board], now: datetime) -> None:
    enqueue(connection, [new for _, new in _showing_now(connection, found)], now)


def _showing_now(
    connection: Connection, found: Sequence[Board]
) -> Iterator[tuple[Board, NewNotice]]:
    """Yield what boards of one object show now."""
    if not found:
        return
    object_id = found[0].object_id
    seen = seen_of(connection, object_id)
    taken = taken_in(connection, object_id, {one.guild_id for one in found})
    rows = rows_of_object(connection, object_id)
    by_room = {row.room_id: row for row in rows}
    for board in found:
        row = by_room[board.room_id]
        held = attachment_of(row)
        notice = showing(
            board,
            held.object,
            seen,
            taken[board.guild_id],
            has_actions=held.rules_in_force.has_actions,
            is_hidden=row.barred_at is not None or _is_hidden(board, row),
        )
        key = board_key(object_id, board.view)
        yield (
            board,
            NewNotice(attachment_id=row.id, room_id=board.room_id, event_key=key, notice=notice),
        )


def _is_hidden(board: Board, row: Row[Any]) -> bool:
    """Tell whether everybody would read there what viewers ask in private, and nobody agreed."""
    return row.exposed_at is not None and board.view is BoardView.BOARD


def _held(connection: Connection, board: Board) -> Row[Any] | None:
    key = board_key(board.object_id, board.view)
    rows = _HELD.rows(connection, {"room": board.room_id, "key": key})
    return next(iter(rows), None)


def _is_shown(connection: Connection, board: Board) -> bool:
    return connection.scalar(select(notices.c.id).where(*_of(board))) is not None


def _of(board: Board) -> list[ColumnElement[bool]]:
    key = board_key(board.object_id, board.view)
    return [notices.c.room_id == board.room_id, notices.c.event_key == key]


def _find(connection: Connection, *which: ColumnElement[bool]) -> list[Board]:
    query = select(boards).where(*which).order_by(boards.c.id)
    return [_board_of(row) for row in connection.execute(query)]


def _board_of(row: Row[Any]) -> Board:
    return Board(
        board_id=row.id,
        guild_id=GuildId(row.guild_id),
        room_id=RoomId(row.room_id),
        object_id=ObjectId(row.object_id),
        view=BoardView(row.view),
        made_by=row.made_by,
        made_at=row.made_at,
    )
