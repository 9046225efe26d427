"""Threads on cards, and posts in forums: opened when they are needed, and told of their events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select, update

from ..domain import cards
from ..domain.model import (
    Attachment,
    LiveNotice,
    LivePhase,
    LiveState,
    NewNotice,
    ObjectId,
    RoomId,
)
from ..domain.places import SETTLED, PostingPlace, card_room, posts_to, told_of
from .boards import move_boards
from .engine import Part, reads, writes
from .mapping import attachment_of, notice_of, state_of
from .object_rows import IN_THREAD, IS_BARRED, attachment_rows, in_room, lock_object
from .outbox_rows import NOTICE_IS_BARRED, end_batch, enqueue
from .records import DueThread, ThreadToOpen
from .sql import CARDS, DELIVERED, DOOMED, REMOVED, NoticeStage, change, insert_missing, remove
from .tables import attachments, batches, notices, outages

_PENDING = notices.c.stage == NoticeStage.PENDING
_IS_OPEN = attachments.c.forum_id.is_not(None)


class CardThreads(Part):
    """The part of the store for rooms that the bot opens, on cards and in forums."""

    @writes
    def to_open(
        self, connection: Connection, room_id: RoomId, now: datetime
    ) -> ThreadToOpen | None:
        """Return what a thread is to be opened on for which something waits; ``None``: none is.

        Where there is no card, one is put into the outbox.
        """
        held = _unopened_locked(connection, room_id)
        waits = select(notices.c.id).where(_PENDING, notices.c.room_id == room_id)
        if held is None or connection.scalar(waits.where(~NOTICE_IS_BARRED).limit(1)) is None:
            return None
        attachment = attachment_of(held)
        found = _cards(connection, attachment)
        standing = [row for row in found if _stands(row)]
        last = max(standing, key=lambda row: row.batch_id, default=None)
        is_coming = any(row.stage != NoticeStage.DONE for row in found)
        if last is None and not is_coming:
            is_coming = _make_card(connection, attachment, state_of(held), now)
        return ThreadToOpen(
            channel_id=attachment.room_id,
            title=attachment.object.title,
            language=attachment.settings.language,
            message_id=None if last is None else last.message_id,
            batch_id=None if last is None else last.batch_id,
            is_coming=is_coming,
        )

    @writes
    def opened(
        self, connection: Connection, room_id: RoomId, thread_id: RoomId, now: datetime
    ) -> bool:
        """Record that a thread is open, and have all that waits for it, and its boards, go there.

        False: the object is attached to that thread already, by somebody.
        """
        held = _unopened_locked(connection, room_id)
        if held is None:
            return True
        attachment = attachment_of(held)
        object_id, channel_id = attachment.object.object_id, attachment.room_id
        this = attachments.c.id == attachment.attachment_id
        is_of_object = attachments.c.object_id == object_id
        if attachment_rows(connection, attachments.c.room_id == thread_id, is_of_object):
            return False
        place = {"room_id": thread_id, "forum_id": channel_id, "parent_id": channel_id}
        change(connection, attachments, this, **place)
        # What was said there before, while the attachment had its place there, is not said again.
        said = select(notices.c.event_key).where(notices.c.room_id == thread_id)
        waiting = notices.c.room_id == room_id
        remove(connection, notices, waiting, notices.c.event_key.in_(said))
        change(connection, notices, waiting, room_id=thread_id)
        move_boards(connection, object_id, channel_id, thread_id, now)
        return True

    @writes
    def card_is_gone(self, connection: Connection, batch_id: int, now: datetime) -> None:
        """Record that somebody has deleted the message of a card."""
        end_batch(connection, batch_id, fate=REMOVED, settled_at=now)

    @reads
    def waiting_for(self, connection: Connection, channel_id: RoomId) -> frozenset[RoomId]:
        """Return the rooms that may be opened once a card is there in a channel."""
        is_unopened = and_(IN_THREAD, ~_IS_OPEN)
        rows = attachment_rows(connection, attachments.c.room_id == channel_id, is_unopened)
        return frozenset(posts_to(attachment_of(row)) for row in rows)

    @reads
    def due(self, connection: Connection, room_id: RoomId) -> DueThread | None:
        """Return what a post, or a thread, is still to be told of its event."""
        which = (attachments.c.thread_due.is_not(None), _IS_OPEN, ~IS_BARRED)
        rows = attachment_rows(connection, attachments.c.room_id == room_id, *which)
        if not rows:
            return None
        return DueThread(attachment=attachment_of(rows[0]), due=rows[0].thread_due)

    @writes
    def done(self, connection: Connection, told: DueThread, *, is_refused: bool = False) -> bool:
        """Record that it was told, or refused; what has changed meanwhile stays due.

        Returns whether people are to be told, once for a forum, that it was refused.
        """
        held = told.attachment
        this = attachments.c.id == held.attachment_id
        is_same = attachments.c.thread_due == told.due
        change(connection, attachments, this, is_same, thread_due=None)
        if held.rules.place is PostingPlace.THREAD:
            return False
        row = {"guild_id": held.guild_id, "outage": f"tags:{held.forum_id}"}
        if is_refused:
            return bool(insert_missing(connection, outages, [row], outages.c.guild_id))
        these = (outages.c[name] == value for name, value in row.items())
        remove(connection, outages, *these)
        return False


def tell_threads(
    connection: Connection,
    object_id: ObjectId,
    state: LiveState,
    before: LiveState | None = None,
    *which: ColumnElement[bool],
) -> frozenset[RoomId]:
    """Have the posts of an event show its state, and its threads that it is over for good.

    ``before``: the state they were told of. Returns their rooms.
    """
    word = told_of(state)
    if before is not None and told_of(before) == word:
        return frozenset()
    is_told = and_(~IN_THREAD, _IS_OPEN)
    if word == SETTLED:
        is_told = or_(IN_THREAD, is_told)
    these = (attachments.c.object_id == object_id, attachments.c.announces_live, is_told, *which)
    told = update(attachments).where(*these).values(thread_due=word)
    found = connection.scalars(told.returning(attachments.c.room_id))
    return frozenset(RoomId(one) for one in found)


def tell_post(connection: Connection, attachment: Attachment, state: LiveState | None) -> None:
    """Have the post, or the thread, of an attachment show what there is to show of its event."""
    if state is not None and state.phase is not LivePhase.IDLE:
        this = attachments.c.id == attachment.attachment_id
        tell_threads(connection, attachment.object.object_id, state, None, this)


def _unopened(connection: Connection, room_id: RoomId) -> Row[Any] | None:
    rows = attachment_rows(connection, in_room(room_id), IN_THREAD, ~_IS_OPEN)
    return rows[0] if rows else None


def _unopened_locked(connection: Connection, room_id: RoomId) -> Row[Any] | None:
    """Read the same, and keep everybody from changing its object, by which it may be gone."""
    held = _unopened(connection, room_id)
    if held is None or connection.dialect.name == "sqlite":  # whose writers are alone already
        return held
    lock_object(connection, ObjectId(held.object_id))
    return _unopened(connection, room_id)


def _cards(connection: Connection, attachment: Attachment) -> Sequence[Row[Any]]:
    query = (
        select(notices, batches.c.fate, batches.c.message_id, batches.c.shown)
        .outerjoin(batches, notices.c.batch_id == batches.c.id)
        .where(
            notices.c.attachment_id == attachment.attachment_id,
            notices.c.comment_id.is_(None),
            notices.c.room_id == card_room(attachment),
        )
    )
    return [row for row in connection.execute(query) if _is_card(row)]


def _is_card(row: Row[Any]) -> bool:
    return row.event_key.startswith(CARDS) and not row.event_key.endswith(":end")


def _stands(row: Row[Any]) -> bool:
    if row.fate != DELIVERED or row.shown == DOOMED:
        return False
    # Of what is too old to be edited only the key is kept.
    notice = notice_of(row.payload) if row.payload else None
    return not (isinstance(notice, LiveNotice) and notice.is_withdrawn)


def _make_card(
    connection: Connection, attachment: Attachment, state: LiveState | None, now: datetime
) -> bool:
    """Put a card into the outbox; return whether there is one that was not there before."""
    new: tuple[NewNotice, ...] = ()
    if state is not None and attachment.rules.announces_live:
        # What is on air has been announced when it began.
        new = cards.opening(attachment.object, state, attachment, mentions=False)
    return bool(
        enqueue(connection, new, now) or enqueue(connection, [cards.of_object(attachment)], now)
    )
