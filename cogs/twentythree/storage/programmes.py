"""The programme of each room: kept up to date, and the cards that it holds back let out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Text, cast

from ..domain import cards
from ..domain.following import is_card_due, programme
from ..domain.model import Attachment, LiveState, NewNotice, ObjectInfo, ProgrammeNotice, RoomId
from ..domain.places import card_room
from .broadcasts import described
from .engine import Part, writes
from .mapping import attachment_of, notice_of, object_of, state_of
from .object_rows import attachment_rows, in_room
from .outbox_rows import WITH_FATES, enqueue, put
from .row_words import (
    PROGRAMME,
    NoticeStage,
)
from .sql import change
from .tables import (
    attachments,
    notices,
)


class Programmes(Part):
    """The part of the store that keeps a room from being flooded with what is planned."""

    @writes
    def keep(self, connection: Connection, now: datetime) -> frozenset[RoomId]:
        """Bring every programme up to date, and queue the cards that are due by now.

        Returns the rooms with something to post or to edit.
        """
        rows = attachment_rows(connection, attachments.c.is_on_programme)
        changed = set()
        for row in rows:
            state = state_of(row)
            if state is not None and is_card_due(state, now):
                about = described(attachment_of(row), object_of(row))
                changed.update(_let_out(connection, attachment_of(row), about, state, now))
        for room_id in {card_room(attachment_of(row)) for row in rows}:
            if refresh_programme(connection, room_id, now):
                changed.add(room_id)
        return frozenset(changed)


def refresh_programme(connection: Connection, room_id: RoomId, now: datetime) -> bool:
    """Bring the programme of a room up to date; return whether there is anything to do for it."""
    rows = attachment_rows(connection, in_room(room_id))
    states = ((attachment_of(row), state_of(row)) for row in rows)
    listed = programme((one, state) for one, state in states if state is not None)
    held = _held(connection, room_id)
    if held is None:
        if listed is None:
            return False
        new = NewNotice(attachment_id=None, room_id=room_id, event_key=PROGRAMME, notice=listed)
        return bool(enqueue(connection, [new], now))
    if listed is not None:
        return put(connection, held, listed) or held.stage == NoticeStage.PENDING
    return _withdraw(connection, held)


def has_programme(connection: Connection, room_id: RoomId) -> bool:
    """Tell whether a room has one now."""
    return _held(connection, room_id) is not None


def _held(connection: Connection, room_id: RoomId) -> Row[Any] | None:
    query = WITH_FATES.where(notices.c.room_id == room_id, notices.c.event_key == PROGRAMME)
    return connection.execute(query).one_or_none()


def _withdraw(connection: Connection, held: Row[Any]) -> bool:
    if held.stage == NoticeStage.PENDING:
        return put(connection, held, None)
    old = notice_of(held.payload)
    # The next programme of the room is another message.
    freed = notices.c.event_key + "@" + cast(notices.c.id, Text)
    change(connection, notices, notices.c.id == held.id, event_key=freed)
    return isinstance(old, ProgrammeNotice) and put(
        connection, held, replace(old, is_withdrawn=True)
    )


def _let_out(
    connection: Connection,
    attachment: Attachment,
    about: ObjectInfo,
    state: LiveState,
    now: datetime,
) -> list[RoomId]:
    shown = replace(attachment, is_on_programme=False)
    # What is on air has been announced when it began.
    opened = cards.opening(about, state, shown, mentions=False)
    return [one.room_id for one in enqueue(connection, opened, now)]
