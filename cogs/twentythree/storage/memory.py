"""What was seen of each object: its comments, how far they are known, what it is called.

Those that are not public any more are barred where nobody agreed to show them. Where news of an
object are published is kept as well; the channels are secrets.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime
from itertools import product

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, text, true

from ..domain.acting import Effect
from ..domain.deeds import LogNotice
from ..domain.ingest import Trust
from ..domain.levels import replaces
from ..domain.model import (
    Attachment,
    Comment,
    CommentId,
    Notice,
    ObjectId,
    ObjectInfo,
    ProgrammeNotice,
    RoomId,
    Source,
)
from ..domain.needs import RealtimeAddress
from ..domain.reading import Ground
from . import log_rooms, sent_replies
from .boards import refresh_boards
from .broadcasts import show
from .engine import Part, reads, writes
from .mapping import attachment_of, object_of, object_values, state_of
from .news import disown, offer_actions, take_away, take_comments
from .object_rows import attachment_rows, lock_object, locked_object, raise_watermark, remembered
from .outbox_rows import revise_waiting
from .records import Drafting, Ingested, Refreshed, Tracked
from .sql import REPLY, UNCONFIRMED, change, chunks, upsert
from .tables import attachments, channels, comments, notices, objects, questions, trail

_TRACKED = (
    select(notices.c.comment_id, attachments.c.object_id, comments.c.is_promoted)
    .join(attachments, notices.c.attachment_id == attachments.c.id)
    .join(
        comments,
        and_(
            comments.c.object_id == attachments.c.object_id,
            comments.c.comment_id == notices.c.comment_id,
        ),
    )
    .where(notices.c.payload != "", ~comments.c.is_gone, comments.c.trust != Trust.NEW)
    .distinct()
)
# Questions that are kept, but for what realtime alone has told of.
_ASKED = (
    select(comments.c.comment_id, comments.c.object_id, comments.c.is_promoted)
    .join(
        questions,
        and_(
            questions.c.object_id == comments.c.object_id,
            questions.c.comment_id == comments.c.comment_id,
        ),
    )
    .where(comments.c.trust != Trust.NEW)
)
# Replies that were sent from rooms are shown under their questions for as long as they are kept.
_TRACKED_REPLIES = (
    select(comments.c.comment_id, comments.c.object_id, comments.c.is_promoted)
    .join(
        trail,
        and_(trail.c.object_id == comments.c.object_id, trail.c.made_id == comments.c.comment_id),
    )
    .where(
        text(REPLY),
        trail.c.effect == Effect.DONE,
        trail.c.text != "",
        # Some reading has found it.
        comments.c.fingerprint.is_not(None),
        ~comments.c.is_gone,
        comments.c.trust != Trust.NEW,
    )
)


def bar_unagreed(
    connection: Connection, before: ObjectInfo, now: datetime
) -> tuple[Attachment, ...]:
    """Bar an object that is not public wherever nobody agreed to show it; return where it is new.

    ``before`` is the object as the rooms know it.
    """
    of_it = attachments.c.object_id == before.object_id
    fresh = attachment_rows(
        connection, of_it, attachments.c.barred_at.is_(None), ~attachments.c.is_agreed
    )
    ids = [row.id for row in fresh]
    these = attachments.c.id.in_(ids)
    change(connection, attachments, these, barred_at=now, public_title=before.title)
    return tuple(attachment_of(row) for row in attachment_rows(connection, these))


def free(
    connection: Connection, info: ObjectInfo, which: ColumnElement[bool] | None = None
) -> frozenset[RoomId]:
    """Let an object be shown again where it was barred, under the name it has now.

    ``which`` limits that to some attachments. Returned are their rooms. The cards of a live event
    are left to :func:`broadcasts.show`.
    """
    of_it = attachments.c.object_id == info.object_id
    barred = attachments.c.barred_at.is_not(None)
    rows = attachment_rows(connection, of_it, barred, true() if which is None else which)
    rooms = frozenset(RoomId(row.room_id) for row in rows)
    ids = [row.id for row in rows]
    these = attachments.c.id.in_(ids)
    change(connection, attachments, these, barred_at=None, public_title=None)
    _rename_waiting(connection, rooms, ids, info)
    return rooms | (sent_replies.show_kept(connection, info.object_id) if ids else frozenset())


def free_here(
    connection: Connection, info: ObjectInfo, this: ColumnElement[bool]
) -> frozenset[RoomId]:
    """Let an object be shown again where ``this`` says, cards included; return the rooms."""
    rooms = free(connection, info, this)
    row = locked_object(connection, info.object_id)
    state = None if row is None else state_of(row)
    return rooms if state is None else rooms | show(connection, info, state)


def _rename_waiting(
    connection: Connection, rooms: frozenset[RoomId], ids: Sequence[int], info: ObjectInfo
) -> None:
    # A card gets the rest with its state.
    info = replace(info, description=None, speakers=())

    def renamed(notice: Notice) -> Notice:
        if isinstance(notice, ProgrammeNotice | LogNotice):
            return notice
        return replace(notice, object=info)

    revise_waiting(connection, rooms, notices.c.attachment_id.in_(ids), by=renamed)


class Memory(Part):
    """The part of the store that takes in what the workspace tells; news go on to the outbox."""

    @writes
    def ingest(
        self,
        connection: Connection,
        object_id: ObjectId,
        found: Sequence[Comment],
        *,
        source: Source,
        now: datetime,
        draft: Drafting | None = None,
        believed: AbstractSet[CommentId] | None = None,
    ) -> Ingested:
        """Take comments in any order, known ones too; an object not attached has no news.

        With ``believed``, much that would be taken out of rooms at once is put off, but for these.

        With ``draft``, a comment that is alone in a room becomes a batch at once: it is to be sent
        now, and its first attempt is counted.
        """
        if len(found) == 1 and connection.dialect.name == "postgresql":
            from .single_news import take_single  # noqa: PLC0415 - with SQLite it is of no use

            done = take_single(connection, object_id, found[0], source=source, now=now, draft=draft)
            if done is not None:
                return done
        lock_object(connection, object_id)
        return take_comments(
            connection, object_id, found, source=source, now=now, draft=draft, believed=believed
        )

    @writes
    def take_away(
        self, connection: Connection, object_id: ObjectId, gone: Collection[CommentId]
    ) -> Ingested:
        """Take comments out of the rooms that the workspace has no more."""
        if locked_object(connection, object_id) is None:
            return Ingested()
        rooms = take_away(connection, object_id, gone)
        return Ingested(changes=len(gone), rooms=rooms)

    @writes
    def disown(
        self, connection: Connection, object_id: ObjectId, denied: Collection[CommentId]
    ) -> Ingested:
        """Take out of the rooms, and forget, what of these realtime alone has told of.

        What else is known of them is ``doubtful``.
        """
        if locked_object(connection, object_id) is None:
            return Ingested()
        forged, rooms = disown(connection, object_id, denied)
        known = remembered(connection, object_id, list(denied))
        doubtful = frozenset(one for one in known if not known[one].is_gone)
        return Ingested(forged=forged, doubtful=doubtful, rooms=rooms)

    @reads
    def unconfirmed(self, connection: Connection) -> dict[ObjectId, list[CommentId]]:
        """Return the comments of which rooms show what realtime alone has told."""
        query = select(comments.c.object_id, comments.c.comment_id).where(text(UNCONFIRMED))
        found: dict[ObjectId, list[CommentId]] = {}
        for row in connection.execute(query):
            found.setdefault(ObjectId(row.object_id), []).append(CommentId(row.comment_id))
        return found

    @reads
    def confirmed(self, connection: Connection, object_id: ObjectId, limit: int) -> list[CommentId]:
        """Return the newest comments of an object that the workspace has, as far as is known.

        Some of other objects come after them; at most ``limit`` of both.
        """
        is_there = (comments.c.trust == Trust.CONFIRMED, ~comments.c.is_gone)
        some = select(comments.c.comment_id).where(*is_there).limit(limit)
        newest = some.where(comments.c.object_id == object_id)
        own = connection.scalars(newest.order_by(comments.c.comment_id.desc())).all()
        others = connection.scalars(some.where(comments.c.object_id != object_id)).all()
        return [*own, *others]

    @reads
    def was_confirmed(
        self, connection: Connection, object_id: ObjectId, comment_id: CommentId
    ) -> bool:
        """Tell whether the workspace has ever told of a comment, and not realtime alone."""
        known = remembered(connection, object_id, [comment_id]).get(comment_id)
        return known is not None and known.trust is not Trust.NEW

    @reads
    def levels(
        self, connection: Connection, object_ids: Collection[ObjectId]
    ) -> dict[ObjectId, str | None]:
        """Return the permission level at which each object's comments were read."""
        found: dict[ObjectId, str | None] = {}
        for ids in chunks(list(object_ids)):
            query = select(objects.c.object_id, objects.c.level)
            rows = connection.execute(query.where(objects.c.object_id.in_(ids)))
            found |= {ObjectId(row.object_id): row.level for row in rows}
        return found

    @writes
    def note_level(
        self, connection: Connection, object_ids: Collection[ObjectId], level: str
    ) -> None:
        """Record the permission level at which the objects' comments were read.

        It may let what rooms show be acted on, or not any more; nobody is in a hurry for that.
        """
        _set_level(connection, object_ids, level)

    @reads
    def tracked(
        self,
        connection: Connection,
        object_ids: Collection[ObjectId],
        since: CommentId | None = None,
    ) -> list[Tracked]:
        """Return the comments of these objects that rooms show and that can still be edited.

        So are all questions that are kept, for the boards.

        With ``since``: those from this one on, and all promoted ones. Not those that realtime
        alone has told of: no reading has ever found them.
        """
        found: dict[CommentId, Tracked] = {}
        queries = [_ASKED, _TRACKED, _TRACKED_REPLIES]
        if since is not None:
            is_due = or_(comments.c.comment_id >= since, comments.c.is_promoted)
            queries = [query.where(is_due) for query in queries]
        for ids, query in product(chunks(list(object_ids)), queries):
            rows = connection.execute(query.where(comments.c.object_id.in_(ids)))
            found |= {
                CommentId(row.comment_id): Tracked(
                    object_id=ObjectId(row.object_id),
                    comment_id=CommentId(row.comment_id),
                    is_promoted=row.is_promoted,
                )
                for row in rows
            }
        return list(found.values())

    @reads
    def newest_tracked(
        self, connection: Connection, object_ids: Collection[ObjectId], before: datetime
    ) -> CommentId | None:
        """Return the newest of them that was queued, asked or sent before a time."""
        newest: list[CommentId] = []
        query = (
            select(func.max(notices.c.comment_id))
            .join(attachments, notices.c.attachment_id == attachments.c.id)
            .where(notices.c.payload != "", notices.c.queued_at < before)
        )
        for ids in chunks(list(object_ids)):
            found = connection.scalar(query.where(attachments.c.object_id.in_(ids)))
            newest += [] if found is None else [CommentId(found)]
            asked = select(func.max(questions.c.comment_id)).where(
                questions.c.object_id.in_(ids), questions.c.asked_at < before
            )
            sent = _TRACKED_REPLIES.with_only_columns(func.max(comments.c.comment_id)).where(
                comments.c.object_id.in_(ids), trail.c.settled_at < before
            )
            for latest in (asked, sent):
                newest += [CommentId(one) for one in connection.scalars(latest) if one is not None]
        return max(newest, default=None)

    @writes
    def refresh_object(self, connection: Connection, info: ObjectInfo, now: datetime) -> Refreshed:
        """Take a new title, link or picture, and whether the object is public."""
        return refresh(connection, info, now)

    @reads
    def ground(self, connection: Connection, object_id: ObjectId) -> Ground | None:
        """Return down to where the object's comments must be read; ``None``: not attached."""
        found = _watermarks(connection, [object_id])
        return Ground(watermark=found[object_id]) if object_id in found else None

    @reads
    def watermarks(
        self, connection: Connection, object_ids: Collection[ObjectId]
    ) -> dict[ObjectId, CommentId | None]:
        """Return the watermarks of those of the objects that are attached."""
        return _watermarks(connection, object_ids)

    @writes
    def raise_watermark(
        self, connection: Connection, object_ids: Collection[ObjectId], to: CommentId
    ) -> None:
        """Record that every comment of the objects up to ``to`` was read; never goes down."""
        for ids in chunks(list(object_ids)):
            raise_watermark(connection, ids, to)


def _watermarks(
    connection: Connection, object_ids: Collection[ObjectId]
) -> dict[ObjectId, CommentId | None]:
    found: dict[ObjectId, CommentId | None] = {}
    for ids in chunks(list(object_ids)):
        query = select(objects.c.object_id, objects.c.watermark)
        rows = connection.execute(query.where(objects.c.object_id.in_(ids)))
        found |= {ObjectId(row.object_id): row.watermark for row in rows}
    return found


def _set_level(connection: Connection, object_ids: Collection[ObjectId], level: str) -> None:
    for ids in chunks(list(object_ids)):
        change(connection, objects, objects.c.object_id.in_(ids), level=level)
        which = (attachments.c.object_id.in_(ids), attachments.c.has_actions)
        for row in attachment_rows(connection, *which):
            offer_actions(connection, attachment_of(row))
            refresh_boards(connection, ObjectId(row.object_id))


def refresh(
    connection: Connection, info: ObjectInfo, now: datetime, *, level: str | None = None
) -> Refreshed:
    """Take a new title, link or picture of an object, and whether it is public.

    ``level`` is that of the credentials with which its comments were read by now.
    Boards follow, and the cards of a live event, except where it is barred for not being public.
    """
    row = locked_object(connection, info.object_id)
    if row is None:
        return Refreshed()
    if level is not None and replaces(level, row.level):
        _set_level(connection, [info.object_id], level)
    if info.description is None:
        # Nobody asked what it is about: that is not to be forgotten.
        known = object_of(row)
        info = replace(info, description=known.description, speakers=known.speakers)
    if object_of(row) == info:
        return Refreshed()
    # First: it keeps what the rooms know.
    barred = () if info.is_public else bar_unagreed(connection, object_of(row), now)
    which = objects.c.object_id == info.object_id
    change(connection, objects, which, **object_values(info))
    freed = free(connection, info) if info.is_public else frozenset()
    state = state_of(row)
    shown = frozenset() if state is None else show(connection, info, state)
    shown |= refresh_boards(connection, info.object_id)
    is_turned = info.is_public is not object_of(row).is_public
    if is_turned and not info.is_public:
        log_rooms.hide(connection, info.object_id)
    return Refreshed(rooms=freed | shown, is_turned=is_turned, barred=barred)


class RealtimeAddresses(Part):
    """The part of the store by which a restart knows what to listen to."""

    @reads
    def find(self, connection: Connection) -> dict[ObjectId, RealtimeAddress]:
        """Return what is remembered, by object."""
        return {
            ObjectId(row.object_id): RealtimeAddress(
                url=row.url, comments_root=row.comments_root, events=row.events
            )
            for row in connection.execute(select(channels))
        }

    @writes
    def remember(self, connection: Connection, told: Mapping[ObjectId, RealtimeAddress]) -> None:
        """Remember the addresses of objects, each for as long as it is attached anywhere."""
        for ids in chunks(sorted(told)):
            attached = connection.scalars(
                select(objects.c.object_id).where(objects.c.object_id.in_(ids)).with_for_update()
            ).all()
            upsert(connection, channels, [_row(one, told[ObjectId(one)]) for one in attached])


def _row(object_id: int, address: RealtimeAddress) -> dict[str, int | str | None]:
    return {
        "object_id": object_id,
        "url": address.url,
        "comments_root": address.comments_root,
        "events": address.events,
    }
