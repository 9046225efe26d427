"""Standing orders to attach: kept, and what each has seen."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select

from ..domain import cards, following
from ..domain.following import Follow
from ..domain.model import Attachment, GuildId, ObjectId, ObjectKind, RoomId
from .attachments import attach_here, ensure_object, with_news
from .broadcasts import has_programme, refresh_programme
from .engine import Part, reads, writes
from .exposures import keep_unexposed
from .mapping import WHOLE_WORKSPACE, attachment_of, follow_of, rules_values, state_of
from .object_rows import SERVER_IS_BARRED, attachment_rows, lock_object
from .outbox_rows import enqueue
from .records import Attached, Baseline, Followed, NewAttachment, NewFollow
from .sql import change, insert_missing, remove
from .tables import attachments, followed, follows


class Follows(Part):
    """The part of the store behind ``/video follow`` and ``unfollow``."""

    @writes
    def follow(self, connection: Connection, new: NewFollow, now: datetime) -> Followed:
        """Keep a follow, or change the rules of the one that is there already.

        What it has attached keeps the rules it has.
        """
        return keep_follow(connection, new, now)

    @writes
    def unfollow(self, connection: Connection, follow_id: int) -> Follow | None:
        """Drop a follow; return what it was. What it has attached stays, as if by hand."""
        this = follows.c.id == follow_id
        # What it is just attaching comes first, and stays as well.
        rows = connection.execute(select(follows).where(this).with_for_update()).all()
        if not rows:
            return None
        of_it = attachments.c.follow_id == follow_id
        change(connection, attachments, of_it, follow_id=None)
        remove(connection, followed, followed.c.follow_id == follow_id)
        remove(connection, follows, this)
        return follow_of(rows[0])

    @reads
    def find(self, connection: Connection, guild_id: GuildId | None = None) -> list[Follow]:
        """Return the follows (of a server), oldest first."""
        which = [] if guild_id is None else [follows.c.guild_id == guild_id]
        return [follow_of(row) for row in _rows(connection, *which)]

    @reads
    def seen_by(self, connection: Connection, follow_id: int) -> frozenset[ObjectId]:
        """Return the objects that a follow will not attach any more."""
        query = select(followed.c.object_id).where(followed.c.follow_id == follow_id)
        return frozenset(ObjectId(one) for one in connection.scalars(query))

    @writes
    def note_look(
        self,
        connection: Connection,
        follow_id: int,
        seen: Collection[ObjectId],
        *,
        floor: ObjectId | None,
        looked_at: datetime | None,
        error: str | None = None,
    ) -> None:
        """Record a look, what is not to be attached, and what it could not do."""
        this = follows.c.id == follow_id
        if change(connection, follows, this, floor=floor, error=error):
            _mark(connection, follow_id, seen)
        if looked_at is not None:
            change(connection, follows, this, looked_at=looked_at)

    @writes
    def note_failed_look(self, connection: Connection, follow_id: int, error: str) -> None:
        """Record why a look failed."""
        change(connection, follows, follows.c.id == follow_id, error=error)

    @writes
    def attach(
        self,
        connection: Connection,
        follow_id: int,
        new: NewAttachment,
        baseline: Baseline,
        *,
        mentions: bool,
        now: datetime,
    ) -> Attached | None:
        """Attach what a follow has found, with a card: of the video, of what is planned or on air.

        The follow does not attach the object again. ``None``: it is gone meanwhile, or the object
        is in the room already, and stays there as it is.
        """
        this_one = select(follows.c.id).where(follows.c.id == follow_id)
        # Nobody drops it until the end of the transaction; it may be given other rules.
        if connection.scalar(this_one.with_for_update(read=True, key_share=True)) is None:
            return None
        _mark(connection, follow_id, [new.object.object_id])
        if _is_in(connection, new):
            return None
        refreshed = ensure_object(connection, new.object, baseline, now)
        is_first = refreshed is None
        if new.object.kind is ObjectKind.LIVE and has_programme(connection, new.room_id):
            new = replace(new, is_on_programme=True)
        new = replace(new, follow_id=follow_id)
        done = attach_here(connection, new, baseline, is_first=is_first, mentions=mentions, now=now)
        attachment = done.attachment
        if attachment.object.kind is ObjectKind.VIDEO:
            enqueue(connection, [cards.of_new_video(attachment)], now)
        if new.is_on_programme:
            refresh_programme(connection, new.room_id, now)
        return done if refreshed is None else with_news(done, refreshed)

    @reads
    def spent(self, connection: Connection, now: datetime) -> list[Attachment]:
        """Return the attachments that follows have made and that are of no more use.

        In a server that gets nothing now all stays as it is: letting go edits messages.
        """
        is_followed = attachments.c.follow_id.is_not(None)
        rows = attachment_rows(connection, is_followed, ~SERVER_IS_BARRED)
        held = [(attachment_of(row), state_of(row)) for row in rows]
        return [one for one, state in held if following.is_spent(one, state, now)]

    @writes
    def forget_event(self, connection: Connection, follow_id: int, object_id: ObjectId) -> None:
        """Let a follow attach a live event once more, should it be planned anew."""
        of_it = (followed.c.follow_id == follow_id, followed.c.object_id == object_id)
        remove(connection, followed, *of_it)


def keep_follow(connection: Connection, new: NewFollow, now: datetime) -> Followed:
    """Keep a follow as ``Follows.follow`` says."""
    category = new.category
    scope = {
        "room_id": new.room_id,
        "kind": new.kind.value,
        "category_id": WHOLE_WORKSPACE if category is None else category.category_id,
    }
    values = {
        "category_title": "" if category is None else category.title,
        "has_calendar": new.has_calendar,
        **rules_values(new.rules),
    }
    first = {
        "guild_id": new.guild_id,
        "is_forum": new.is_forum,
        "followed_by": new.followed_by,
        "followed_at": now,
        "is_exposure_agreed": new.is_exposure_agreed,
    }
    row = {**scope, **values, **first}
    this = [follows.c[name] == value for name, value in scope.items()]
    rooms: frozenset[RoomId] = frozenset()
    while not (inserted := insert_missing(connection, follows, [row], follows.c.id)):
        # Else it was dropped meanwhile.
        if change(connection, follows, *this, **values):
            rooms = _agree(connection, *this) if new.is_exposure_agreed else rooms
            break
    (found,) = _rows(connection, *this)
    return Followed(follow=follow_of(found), is_new=bool(inserted), rooms=rooms)


def _agree(connection: Connection, *this: ColumnElement[bool]) -> frozenset[RoomId]:
    """Note that everybody may read what a follow attaches, and has attached; return the rooms."""
    change(connection, follows, *this, is_exposure_agreed=True)
    rooms: frozenset[RoomId] = frozenset()
    for follow in _rows(connection, *this):
        held = attachment_rows(connection, attachments.c.follow_id == follow.id)
        for row in sorted(held, key=lambda one: one.object_id):
            # Somebody may be about to bar it, or to change what its boards show.
            lock_object(connection, ObjectId(row.object_id))
            this_one = attachments.c.id == row.id
            change(connection, attachments, this_one, is_exposure_agreed=True)
            rooms |= keep_unexposed(connection, row.id)
    return rooms


def _rows(connection: Connection, *which: ColumnElement[bool]) -> list[Row[Any]]:
    query = select(follows).where(*which).order_by(follows.c.id)
    return list((connection.execute(query)).all())


def _mark(connection: Connection, follow_id: int, seen: Collection[ObjectId]) -> None:
    rows = [{"follow_id": follow_id, "object_id": one} for one in seen]
    insert_missing(connection, followed, rows, followed.c.object_id)


def _is_in(connection: Connection, new: NewAttachment) -> bool:
    """Tell whether the object is in the room, or in a post of the same forum, or a thread there."""
    rows = attachment_rows(connection, attachments.c.object_id == new.object.object_id)
    places = {new.room_id, new.forum_id} - {None}
    return any(row.room_id == new.room_id or row.forum_id in places for row in rows)
