"""Attachments that would show private questions to a whole server: barred where nobody agreed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, or_, select

from ..domain.board_view import BoardView
from ..domain.model import Attachment, CommentPolicy, GuildId, ObjectId, ObjectKind, RoomId
from .boards import refresh_boards
from .engine import Part, reads, writes
from .mapping import attachment_of
from .object_rows import attachment_rows, in_room, lock_object
from .records import ExposuresSettled
from .sql import change
from .tables import attachments, boards, objects

_HAS_BOARD = exists().where(
    boards.c.room_id == attachments.c.room_id,
    boards.c.object_id == attachments.c.object_id,
    boards.c.view == BoardView.BOARD.value,
)
# What shows questions that nobody has promoted; of videos nothing is private.
_SHOWS_QUESTIONS = and_(
    objects.c.kind == ObjectKind.LIVE.value,
    or_(attachments.c.comments == CommentPolicy.ALL.value, _HAS_BOARD),
)
_IS_OPEN_TO_DOUBT = or_(
    attachments.c.exposed_at.is_not(None),
    and_(_SHOWS_QUESTIONS, attachments.c.is_exposure_agreed.is_not(True)),
)


class Exposures(Part):
    """The part of the store behind rooms that everybody in a server sees by now."""

    @reads
    def doubtful(
        self,
        connection: Connection,
        *,
        guild_id: GuildId | None = None,
        room_id: RoomId | None = None,
    ) -> list[Attachment]:
        """Return what shows private questions, of a server or a room, without an agreement.

        What is barred for that is among it, whatever it shows by now.
        """
        which = [] if guild_id is None else [attachments.c.guild_id == guild_id]
        which += [] if room_id is None else [in_room(room_id)]
        return [
            attachment_of(row) for row in attachment_rows(connection, *which, _IS_OPEN_TO_DOUBT)
        ]

    @writes
    def settle(
        self, connection: Connection, seen_by_all: Mapping[int, bool], now: datetime
    ) -> ExposuresSettled:
        """Bar what would show private questions to a whole server, and free what does not any more.

        ``seen_by_all``: whether everybody in its server sees its room, by attachment.
        """
        barred: list[int] = []
        is_any = False
        rooms: set[RoomId] = set()
        these = attachments.c.id.in_(seen_by_all)
        concerned = select(attachments.c.object_id).where(these).distinct()
        for object_id in sorted(connection.scalars(concerned)):
            lock_object(connection, ObjectId(object_id))
        # Read after that: somebody may be agreeing.
        for row in attachment_rows(connection, these):
            is_seen = seen_by_all[row.id]
            if _shows_questions(connection, row) and row.is_exposure_agreed is None:
                # Made before agreements were noted: whoever made it was asked where it was seen.
                _change(connection, row, is_exposure_agreed=is_seen)
            elif is_seen and _is_exposed(connection, row):
                is_any = True
                if row.exposed_at is None:
                    _change(connection, row, exposed_at=now)
                    barred.append(row.id)
                    rooms |= refresh_boards(connection, ObjectId(row.object_id))
            elif row.exposed_at is not None:
                rooms |= unexpose(connection, row)
        found = attachment_rows(connection, attachments.c.id.in_(barred))
        return ExposuresSettled(
            barred=tuple(attachment_of(row) for row in found),
            is_any=is_any,
            rooms=frozenset(rooms),
        )


def unexpose(connection: Connection, row: Row[Any]) -> frozenset[RoomId]:
    """Let an attachment be posted again; return its room, and those with a board to edit."""
    _change(connection, row, exposed_at=None)
    return refresh_boards(connection, ObjectId(row.object_id)) | {RoomId(row.room_id)}


def keep_unexposed(connection: Connection, attachment_id: int) -> frozenset[RoomId]:
    """Free an attachment that was barred and shows no private question any more, or was agreed to.

    Returns the rooms with something to do.
    """
    this = attachments.c.id == attachment_id
    rows = attachment_rows(connection, this, attachments.c.exposed_at.is_not(None))
    freed = [unexpose(connection, row) for row in rows if not _is_exposed(connection, row)]
    return frozenset().union(*freed)


def _is_exposed(connection: Connection, row: Row[Any]) -> bool:
    return not row.is_exposure_agreed and _shows_questions(connection, row)


def _shows_questions(connection: Connection, row: Row[Any]) -> bool:
    return bool(attachment_rows(connection, attachments.c.id == row.id, _SHOWS_QUESTIONS))


def _change(connection: Connection, row: Row[Any], **values: Any) -> None:
    this: ColumnElement[bool] = attachments.c.id == row.id
    change(connection, attachments, this, **values)
