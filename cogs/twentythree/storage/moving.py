"""An attachment gets another place, or none: what becomes of what waits, and of what was said."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Text, and_, cast, exists, not_, or_, select

from ..domain import cards
from ..domain.batching import CHAT_RANK
from ..domain.cards import AtDetach
from ..domain.model import Attachment, LiveNotice, RoomId
from ..domain.places import PostingPlace, card_room, posts_to, rooms_of, to_be_opened
from .boards import drop_boards, move_boards
from .mapping import notice_of
from .outbox_rows import put
from .sql import CARDS, DELIVERED, WITHDRAWN, NoticeStage, change, insert_missing, remove
from .tables import attachments, batches, boards, notices

_PENDING = notices.c.stage == NoticeStage.PENDING
_IS_CARD = or_(notices.c.is_live, *(notices.c.event_key.startswith(one) for one in CARDS))


def move(connection: Connection, held: Attachment, place: PostingPlace, now: datetime) -> None:
    """Have all but the cards of an attachment go elsewhere from now on."""
    # In a forum each object has a post of its own in any case.
    is_post = held.forum_id is not None and held.rules.place is PostingPlace.ROOM
    if place is held.rules.place or is_post:
        return
    before, channel_id = posts_to(held), card_room(held)
    after = to_be_opened(held.attachment_id) if place is PostingPlace.THREAD else channel_id
    this = attachments.c.id == held.attachment_id
    change(connection, attachments, this, room_id=channel_id, forum_id=None, place=place.value)
    _carry(connection, held, before, after, now)
    if before == to_be_opened(held.attachment_id):
        remove(connection, notices, notices.c.room_id == before)
    elif place is PostingPlace.ROOM:
        move_boards(connection, held.object.object_id, before, after, now)


def _carry(
    connection: Connection, held: Attachment, before: RoomId, after: RoomId, now: datetime
) -> None:
    of_it = and_(notices.c.attachment_id == held.attachment_id, notices.c.room_id == before)
    _know_said(connection, and_(of_it, ~_PENDING), after, now)
    said = select(notices.c.event_key).where(notices.c.room_id == after)
    waiting = (of_it, _PENDING, not_(_IS_CARD))
    remove(connection, notices, *waiting, notices.c.event_key.in_(said))
    change(connection, notices, *waiting, room_id=after)


def _know_said(
    connection: Connection, which: ColumnElement[bool], after: RoomId, now: datetime
) -> None:
    """Take the keys of what was said in a room for said in another."""
    query = select(notices.c.event_key, notices.c.comment_id).where(
        which, notices.c.comment_id.is_not(None)
    )
    keys = [
        {
            "room_id": after,
            "attachment_id": None,
            "event_key": row.event_key,
            "comment_id": row.comment_id,
            "payload": "",
            "queued_at": now,
            "is_live": False,
            "rank": CHAT_RANK,
            "stage": NoticeStage.DONE,
            "is_stale": False,
        }
        for row in connection.execute(query)
    ]
    insert_missing(connection, notices, keys, notices.c.id)


def withdraw(connection: Connection, attachment: Attachment, left: AtDetach) -> int:
    """Delete an attachment and what waits for it; what was said stays known as said.

    Messages are still edited, or deleted, for what has become of them by now. Returns how many
    cards are changed for ``left``.
    """
    of_object = boards.c.object_id == attachment.object.object_id
    drop_boards(connection, boards.c.room_id == attachment.room_id, of_object)
    of_it = notices.c.attachment_id == attachment.attachment_id
    of_rooms = notices.c.room_id.in_(rooms_of(attachment))
    remove(connection, notices, of_it, of_rooms, notices.c.stage == NoticeStage.PENDING)
    released = _release(connection, attachment, left)
    # A comment's key stays taken: attaching again does not repeat it. A card's key is freed:
    # the count of broadcasts begins anew with the object, and with it the keys of the cards.
    freed = notices.c.event_key + "@" + cast(notices.c.id, Text)
    change(connection, notices, of_it, notices.c.is_live, event_key=freed)
    change(connection, notices, of_it, attachment_id=None)
    remove(connection, attachments, attachments.c.id == attachment.attachment_id)
    _abandon_batches(connection, attachment)
    return released


def _release(connection: Connection, attachment: Attachment, left: AtDetach) -> int:
    """Let the attachment's cards say what is true without it; return how many changed."""
    cards_of_it = connection.execute(
        select(notices, batches.c.settled_at, batches.c.fate)
        .join(batches, notices.c.batch_id == batches.c.id)
        .where(notices.c.attachment_id == attachment.attachment_id, notices.c.is_live)
        .with_for_update(of=notices)
    )
    is_hidden = attachment.bar is not None and attachment.bar.hides_object
    changed = 0
    for row in cards_of_it.all():
        old = notice_of(row.payload)
        if not isinstance(old, LiveNotice) or row.fate not in {None, DELIVERED}:
            continue
        # What may not have been sent yet is not to be sent any more; nor is what has changed while
        # nobody was to be told of it.
        is_untold = row.settled_at is None or (is_hidden and row.is_stale)
        new = replace(old, is_withdrawn=True) if is_untold else cards.released(old, left)
        changed += put(connection, row, new)
    return changed


def _abandon_batches(connection: Connection, attachment: Attachment) -> None:
    """End the batches that would go out, or be tried again, for nobody.

    A card stays: it is looked for, and deleted if it is there.
    """
    carried = exists().where(
        notices.c.batch_id == batches.c.id,
        or_(notices.c.attachment_id.is_not(None), notices.c.is_live),
    )
    for_nobody = select(batches.c.id).where(
        batches.c.room_id.in_(rooms_of(attachment)), batches.c.settled_at.is_(None), ~carried
    )
    ids = (connection.scalars(for_nobody)).all()
    change(connection, notices, notices.c.batch_id.in_(ids), stage=NoticeStage.DONE)
    change(
        connection,
        batches,
        batches.c.id.in_(ids),
        fate=WITHDRAWN,
        settled_at=batches.c.created_at,
    )
