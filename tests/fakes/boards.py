"""Questions and boards of a webinar, in a store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from cogs.twentythree.domain.deeds import Actor
from cogs.twentythree.domain.model import (
    BoardNotice,
    Comment,
    CommentId,
    CommentKind,
    CommentStatus,
    ObjectId,
    RoomId,
)
from cogs.twentythree.domain.shown import BoardView
from cogs.twentythree.storage import MadeBoard, NewBoard, Store

ANN, BEN = Actor(user_id=71, name="Ann"), Actor(user_id=72, name="Ben")
ANSWERED, DISMISSED = CommentStatus.ANSWERED, CommentStatus.DISMISSED


def question(number: int, of: ObjectId, **values: Any) -> Comment:
    fields: dict[str, Any] = {
        "comment_id": CommentId(number),
        "object_id": of,
        "kind": CommentKind.QUESTION,
        "is_promoted": False,
        "author": f"Viewer {number}",
        "text": f"Question {number}?",
    }
    return Comment(**(fields | values))


async def make_board(
    store: Store,
    room: RoomId,
    of: ObjectId,
    now: datetime,
    *,
    view: BoardView = BoardView.BOARD,
    found: Sequence[Comment] = (),
) -> MadeBoard:
    """Make a board and show it."""
    new = NewBoard(room_id=room, object_id=of, view=view, made_by=5)
    made = await store.boards.make(new, now)
    assert made is not None
    if not made.was_there:
        await store.boards.show(made.board.board_id, found, now)
    return made


async def waiting_boards(store: Store, room: RoomId) -> list[BoardNotice]:
    """Return the boards that wait to be posted in a room."""
    found = [one.notice for one in (await store.outbox.work(room)).pending]
    return [one for one in found if isinstance(one, BoardNotice)]


async def stale_boards(store: Store, room: RoomId) -> list[BoardNotice]:
    """Return the boards whose messages are to be edited, or deleted."""
    found = [one.notice for batch in await store.outbox.stale(room) for one in batch.notices]
    return [one for one in found if isinstance(one, BoardNotice)]


def numbers(board: BoardNotice) -> list[int]:
    return [one.comment_id for one in board.questions]


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)
