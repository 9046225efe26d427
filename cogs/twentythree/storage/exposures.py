"""Attachments in rooms that everybody in a server comes to see: barred where nobody agreed to that.

They would show a whole server what viewers ask in private, or an object that is not public.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, or_, select

from ..domain.model import Attachment, CommentPolicy, GuildId, ObjectId, ObjectKind, RoomId
from ..domain.shown import BoardView
from .boards import refresh_boards
from .engine import Part, reads, writes
from .mapping import attachment_of, object_of
from .memory import bar_unagreed, free_here
from .object_rows import attachment_rows, in_room, lock_object
from .records import ExposuresSettled
from .reports import refresh_reports
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
    attachments.c.is_agreed_for_all.is_(False),
    and_(attachments.c.is_agreed, attachments.c.is_agreed_for_all.is_(None)),
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
        """Return what nobody has agreed to show to everybody, of a server or a room.

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
        """Bar what nobody has agreed to show to a whole server, and free what is not shown to it.

        ``seen_by_all``: whether everybody in its server sees its room, by attachment.
        """
        looked = _Looked()
        these = attachments.c.id.in_(seen_by_all)
        concerned = select(attachments.c.object_id).where(these).distinct()
        for object_id in sorted(connection.scalars(concerned)):
            lock_object(connection, ObjectId(object_id))
        # Read after that: somebody may be agreeing.
        for row in attachment_rows(connection, these):
            is_seen = seen_by_all[row.id]
            _settle_object(connection, row, looked, now, is_seen=is_seen)
            _settle_questions(connection, row, looked, now, is_seen=is_seen)
        found = attachment_rows(connection, attachments.c.id.in_(looked.barred))
        return ExposuresSettled(
            barred=tuple(attachment_of(row) for row in found),
            exposed=frozenset(looked.exposed),
            not_public=frozenset(looked.not_public),
            rooms=frozenset(looked.rooms),
        )


@dataclass(slots=True)
class _Looked:
    """What came of looking at one attachment after the other."""

    barred: list[int] = field(default_factory=list)
    exposed: set[ObjectId] = field(default_factory=set)
    not_public: set[ObjectId] = field(default_factory=set)
    rooms: set[RoomId] = field(default_factory=set)


def _settle_object(
    connection: Connection, row: Row[Any], looked: _Looked, now: datetime, *, is_seen: bool
) -> None:
    """Let an agreement to show what is not public count where the room is seen as it was then."""
    if row.is_agreed_for_all is None:
        if row.is_agreed:
            # Not noted by an earlier version, which asked: the room is taken as it is.
            _change(connection, row, is_agreed_for_all=is_seen)
        return
    counts, info = row.is_agreed_for_all or not is_seen, object_of(row)
    if counts is not row.is_agreed:
        _change(connection, row, is_agreed=counts)
    if info.is_public:
        return
    if not counts:
        looked.not_public.add(info.object_id)
        looked.barred += [one.attachment_id for one in bar_unagreed(connection, info, now)]
    elif not row.is_agreed:
        looked.rooms |= free_here(connection, info, attachments.c.id == row.id)
    if counts is not row.is_agreed:
        looked.rooms |= refresh_boards(connection, info.object_id)


def _settle_questions(
    connection: Connection, row: Row[Any], looked: _Looked, now: datetime, *, is_seen: bool
) -> None:
    if _shows_questions(connection, row) and row.is_exposure_agreed is None:
        # Made before agreements were noted: whoever made it was asked where it was seen.
        _change(connection, row, is_exposure_agreed=is_seen)
    elif is_seen and _is_exposed(connection, row):
        looked.exposed.add(ObjectId(row.object_id))
        if row.exposed_at is None:
            _change(connection, row, exposed_at=now)
            looked.barred.append(row.id)
        looked.rooms |= _refreshed(connection, ObjectId(row.object_id))
    elif row.exposed_at is not None:
        looked.rooms |= unexpose(connection, row)


def unexpose(connection: Connection, row: Row[Any]) -> frozenset[RoomId]:
    """Let an attachment be posted again; return its room, and those with a board to edit."""
    _change(connection, row, exposed_at=None)
    return _refreshed(connection, ObjectId(row.object_id)) | {RoomId(row.room_id)}


def keep_unexposed(connection: Connection, attachment_id: int) -> frozenset[RoomId]:
    """Free an attachment that was barred and shows no private question any more, or was agreed to.

    Returns the rooms with something to do.
    """
    this = attachments.c.id == attachment_id
    rows = attachment_rows(connection, this, attachments.c.exposed_at.is_not(None))
    freed = [unexpose(connection, row) for row in rows if not _is_exposed(connection, row)]
    return frozenset().union(*freed)


def _refreshed(connection: Connection, object_id: ObjectId) -> frozenset[RoomId]:
    """Have what tells of questions show those that its room may; return the rooms to edit."""
    return refresh_boards(connection, object_id) | refresh_reports(connection, object_id)


def _is_exposed(connection: Connection, row: Row[Any]) -> bool:
    return not row.is_exposure_agreed and _shows_questions(connection, row)


def _shows_questions(connection: Connection, row: Row[Any]) -> bool:
    return bool(attachment_rows(connection, attachments.c.id == row.id, _SHOWS_QUESTIONS))


def _change(connection: Connection, row: Row[Any], **values: Any) -> None:
    this: ColumnElement[bool] = attachments.c.id == row.id
    change(connection, attachments, this, **values)
