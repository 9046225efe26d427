"""The outbox: what waits in each room, and what is known of the messages that carried it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Label,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    text,
    union,
    update,
)

from ..domain.batching import Batch, Draft, rank
from ..domain.ingest import is_over
from ..domain.model import GuildId, Notice, QueuedNotice, RoomId
from ..domain.room_settings import Manner
from .engine import Part, reads, writes
from .kept_settings import settings_without
from .mapping import attachment_of, batch_of, next_manner, notice_of, queued_of
from .object_rows import IN_THREAD, IS_BARRED, attachment_rows, in_room
from .outbox_rows import (
    BATCH_IS_BARRED,
    EDIT_IS_BARRED,
    NOTICE_IS_BARRED,
    end_batch,
    insert_batch,
    last_about,
)
from .records import BatchPart, Refused, RoomWork, Waiting
from .sql import (
    DELIVERED,
    DOOMED,
    OPEN,
    STALE,
    TAKEN_DOWN,
    NoticeStage,
    Prepared,
    alone,
    change,
    remove,
)
from .tables import (
    attachments,
    barred_servers,
    batches,
    notices,
    servers,
)

SPLIT = "split"

_UNSETTLED = and_(batches.c.settled_at.is_(None), ~BATCH_IS_BARRED)
# A message that never was, or is no more, cannot show too little.
_STALE = and_(
    batches.c.fate == DELIVERED,
    batches.c.id.in_(select(notices.c.batch_id).where(text(STALE), ~EDIT_IS_BARRED)),
)
_PENDING = notices.c.stage == NoticeStage.PENDING
_FREE = and_(_PENDING, ~NOTICE_IS_BARRED)
_IS_DUE = and_(attachments.c.thread_due.is_not(None), attachments.c.forum_id.is_not(None))

_settle = (
    update(batches)
    .where(batches.c.id == bindparam("of"))
    .values(
        message_id=bindparam("message"),
        shown=bindparam("digest"),
        settled_at=bindparam("now"),
        fate=DELIVERED,
        refusal=None,
    )
)
_settle_notices = (
    update(notices).where(notices.c.batch_id == bindparam("of")).values(stage=NoticeStage.DONE)
)
_now_shown = update(batches).where(batches.c.id == bindparam("of"))
_NOW_SHOWN = Prepared(_now_shown.values(shown=bindparam("digest"), refusal=None))
_NOT_STALE = Prepared(
    update(notices).where(notices.c.id.in_(bindparam("ids", expanding=True))).values(is_stale=False)
)
_SETTLE, _SETTLE_NOTICES = Prepared(_settle), Prepared(_settle_notices)


def _has_more(room_id: ColumnElement[int]) -> Label[bool]:
    """Tell whether a room has anything to do besides what is settled now."""
    # Also what may not be done now: whoever looks finds out.
    is_other = batches.c.id != bindparam("of")
    return or_(
        exists().where(_PENDING, notices.c.room_id == room_id),
        exists().where(batches.c.settled_at.is_(None), batches.c.room_id == room_id, is_other),
        # Not by the room: little is stale anywhere, and much was said there.
        room_id.in_(select(notices.c.room_id).where(text(STALE))),
    ).label("has_more")


_settled = batches.alias()
_HAS_MORE = _has_more(_settled.c.room_id)
_LOOK_FOR_MORE = Prepared(select(_HAS_MORE).where(_settled.c.id == bindparam("of")), _HAS_MORE)
# All of it in one trip to PostgreSQL's server.
_now_settled = _settle.returning(batches.c.room_id).cte("now_settled")
_SETTLE_AT_ONCE = select(_has_more(_now_settled.c.room_id)).add_cte(_settle_notices.cte("now_done"))


# The shortest age limit of a room, and what it is to be told of the event that it was opened for.
_of_room = (
    func.min(case((attachments.c.max_age_s > 0, attachments.c.max_age_s))).label("max_age_s"),
    func.max(case((attachments.c.forum_id.is_not(None), attachments.c.thread_due))).label("due"),
)
_OF_ROOM = Prepared(select(*_of_room).where(attachments.c.room_id == bindparam("of")), *_of_room)
_WAITING = Prepared(
    select(notices)
    .where(_FREE, notices.c.room_id == bindparam("of"))
    .order_by(notices.c.rank, notices.c.id)
    .limit(bindparam("most")),
    *notices.c,
)


def _in_room(which: ColumnElement[bool]) -> Prepared:
    """Return what reads the batches of a room of which something is so."""
    return Prepared(select(batches).where(batches.c.room_id == bindparam("of"), which), *batches.c)


_UNSETTLED_IN, _STALE_IN = _in_room(_UNSETTLED), _in_room(_STALE)
_CARRIED = Prepared(
    select(notices)
    .where(notices.c.batch_id.in_(bindparam("ids", expanding=True)))
    .order_by(notices.c.batch_id, notices.c.position),
    *notices.c,
)


class Outbox(Part):
    """The part of the store that the room workers use."""

    @reads
    def rooms_with_work(self, connection: Connection) -> frozenset[RoomId]:
        """Return the rooms that have anything to send, settle or edit.

        Paused ones are included; what is barred is not to be done.
        """
        # A look into each room, not one at everything that waits.
        waits = _waits_in(attachments.c.room_id)
        is_untold = _waits_in(servers.c.log_room_id)
        is_barred = exists().where(barred_servers.c.guild_id == servers.c.guild_id)
        found = connection.scalars(
            union(
                select(attachments.c.room_id).where(or_(waits, _IS_DUE), ~IS_BARRED),
                select(attachments.c.forum_id).where(IN_THREAD, _waits_in(attachments.c.forum_id)),
                select(-attachments.c.id).where(IN_THREAD, _waits_in(-attachments.c.id)),
                select(servers.c.log_room_id).where(is_untold, ~is_barred),
                select(batches.c.room_id).where(_UNSETTLED),
                select(batches.c.room_id).where(_STALE),
            )
        )
        return frozenset(map(RoomId, found))

    @reads
    def work(self, connection: Connection, room_id: RoomId, limit: int = 200) -> RoomWork:
        """Return what is to be done in a room; at most ``limit`` pending notices."""
        pending = _WAITING.rows(connection, {"of": room_id, "most": limit})
        ((max_age_s, thread_due),) = _OF_ROOM.rows(connection, {"of": room_id})
        return RoomWork(
            unsettled=_batches(connection, room_id, _UNSETTLED_IN),
            pending=tuple(queued_of(row) for row in pending),
            stale=_batches(connection, room_id, _STALE_IN),
            max_age_s=max_age_s,
            is_thread_due=thread_due is not None,
            manner=_next_manner(connection, room_id) if pending else Manner(),
        )

    @writes
    def start_batch(
        self,
        connection: Connection,
        room_id: RoomId,
        queued: Sequence[QueuedNotice],
        *,
        draft: Draft,
        now: datetime,
    ) -> Batch | None:
        """Bind pending notices into a batch, in this order, before the first attempt to send.

        That attempt is counted with it: whoever gets the batch is to make it.
        A notice whose payload has changed since it was read makes the batch stale from the
        start: it is posted as its notices are now, not as drafted.

        Returns:
            The batch, or ``None`` where one of the notices is not pending any more (detached
            or barred in the meantime): nothing has changed then, read the work again.
        """
        stored = _stored(connection, queued, _FREE)
        if len(stored) < len(queued):
            return None
        batch = insert_batch(connection, room_id, draft, now)
        stale = {one.notice_id for one in queued if stored[one.notice_id] != one.notice}
        for position, notice in enumerate(queued):
            change(
                connection,
                notices,
                notices.c.id == notice.notice_id,
                stage=NoticeStage.BATCHED,
                batch_id=batch.batch_id,
                position=position,
                is_stale=notice.notice_id in stale,
            )
        now_true = tuple(replace(one, notice=stored[one.notice_id]) for one in queued)
        return replace(batch, notices=now_true, is_stale=bool(stale))

    @writes
    def take_back(self, connection: Connection, batch_id: int) -> None:
        """Have the notices of a batch that was never sent wait again, as if it had not been made.

        Rules that change meanwhile are for them, too. What is taken away by now goes.
        """
        of_it = select(notices.c.id, notices.c.payload).where(notices.c.batch_id == batch_id)
        waiting = {"stage": NoticeStage.PENDING, "batch_id": None, "is_stale": False}
        for row in connection.execute(of_it.order_by(notices.c.id).with_for_update()).all():
            notice, this = notice_of(row.payload), notices.c.id == row.id
            if is_over(notice):
                remove(connection, notices, this)
            else:
                change(connection, notices, this, rank=rank(notice), **waiting)
        remove(connection, batches, batches.c.id == batch_id)

    @reads
    def stale(self, connection: Connection, room_id: RoomId) -> tuple[Batch, ...]:
        """Return the posted batches of a room whose message shows less than it should."""
        return _batches(connection, room_id, _STALE_IN)

    @writes
    def split(
        self, connection: Connection, batch: Batch, parts: Sequence[BatchPart]
    ) -> tuple[int, ...]:
        """Put several batches, each to be sent, in place of one that is not taken as it is.

        They go in the order of their notices, as if they had been stored when the one was, and
        their first attempts are counted with them. Returns their IDs.
        """
        found = tuple(
            _start_part(connection, batch.room_id, part, batch.created_at) for part in parts
        )
        this = batches.c.id == batch.batch_id
        change(connection, batches, this, fate=SPLIT, settled_at=batch.created_at)
        return found

    @writes
    def doom(self, connection: Connection, batch_id: int) -> None:
        """Record that the batch's message is about to be deleted, whatever its notices say."""
        change(connection, batches, batches.c.id == batch_id, shown=DOOMED)

    @writes
    def take_down(
        self, connection: Connection, batch: Batch, rest: BatchPart | None, *, now: datetime
    ) -> int | None:
        """Record that no message shows the batch any more; what is left of it is a new batch.

        Its first attempt is counted with it. Returns the new batch's ID. A notice that stays
        behind waits again once it may be shown.
        """
        of_it = notices.c.batch_id == batch.batch_id
        this = batches.c.id == batch.batch_id
        values = {"fate": TAKEN_DOWN, "settled_at": now, "refusal": None}
        change(connection, batches, this, **values)
        started = None
        if rest is not None:
            stored = _stored(connection, rest.notices)
            started = _start_part(connection, batch.room_id, rest, now)
            changed = [
                one.notice_id for one in rest.notices if stored.get(one.notice_id) != one.notice
            ]
            moved = notices.c.batch_id == started
            change(connection, notices, moved, stage=NoticeStage.BATCHED, is_stale=False)
            change(connection, notices, notices.c.id.in_(changed), is_stale=True)
        # Shown again while the message was being deleted: it waits for another.
        left = _stored(connection, batch.notices, of_it)
        back = [notice_id for notice_id, notice in left.items() if not is_over(notice)]
        waiting = {"stage": NoticeStage.PENDING, "batch_id": None}
        change(connection, notices, of_it, is_stale=False, stage=NoticeStage.DONE)
        change(connection, notices, notices.c.id.in_(back), **waiting)
        return started

    @writes
    def record_attempt(self, connection: Connection, batch_id: int) -> None:
        """Count an attempt to send the batch again, before it is made."""
        attempts = batches.c.attempts + 1
        change(connection, batches, batches.c.id == batch_id, attempts=attempts)

    @writes
    def settle(
        self,
        connection: Connection,
        batch_id: int,
        *,
        message_id: int,
        shown: str | None,
        now: datetime,
    ) -> bool:
        """Record that the batch became the message ``message_id`` and shows ``shown``, if known.

        Notices that changed since the batch was started stay stale. Returns whether there may be
        more to do in its room.
        """
        values = {"of": batch_id, "message": message_id, "digest": shown, "now": now}
        if connection.dialect.name == "postgresql":
            with alone(connection):
                return bool(connection.execute(_SETTLE_AT_ONCE, values).scalar_one())
        _SETTLE.rows(connection, values)
        _SETTLE_NOTICES.rows(connection, {"of": batch_id})
        (found,) = _LOOK_FOR_MORE.rows(connection, {"of": batch_id})
        return bool(found.has_more)

    @writes
    def give_up(self, connection: Connection, batch_id: int, *, reason: str, now: datetime) -> None:
        """Record that the batch will never be sent, or that its message is gone for good."""
        end_batch(connection, batch_id, fate=reason, settled_at=now)

    @writes
    def mark_shown(self, connection: Connection, batch: Batch, *, shown: str) -> None:
        """Record that the message has been edited to show ``batch.notices`` as given.

        A notice that has changed since ``batch`` was read stays stale.
        """
        stored = _stored(connection, batch.notices)
        now_shown = [
            notice.notice_id
            for notice in batch.notices
            if stored.get(notice.notice_id) == notice.notice
        ]
        _NOW_SHOWN.rows(connection, {"of": batch.batch_id, "digest": shown})
        _NOT_STALE.rows(connection, {"ids": now_shown})

    @reads
    def waiting(self, connection: Connection, guild_id: GuildId) -> Waiting:
        """Return what of a server's notices Discord has not confirmed."""
        query = (
            select(func.count(), func.min(notices.c.queued_at))
            .select_from(notices.join(attachments))
            .where(attachments.c.guild_id == guild_id, text(OPEN))
        )
        count, since = connection.execute(query).one()
        return Waiting(count=count, since=since)

    @writes
    def note_refusal(
        self, connection: Connection, batch_id: int, reason: str, *, now: datetime
    ) -> None:
        """Remember why Discord refused a batch's message, an edit or the deletion of it."""
        change(connection, batches, batches.c.id == batch_id, refusal=reason, refused_at=now)

    @reads
    def refused(self, connection: Connection, guild_id: GuildId, since: datetime) -> list[Refused]:
        """Return what Discord has refused of a server's notices since a time, newest first."""
        in_guild = select(attachments.c.id).where(attachments.c.guild_id == guild_id)
        query = (
            select(batches, notices.c.payload, notices.c.is_stale)
            .join(notices, notices.c.batch_id == batches.c.id)
            .where(
                text("refusal IS NOT NULL"),
                batches.c.refused_at >= since,
                notices.c.attachment_id.in_(in_guild),
                notices.c.payload != "",
            )
            .order_by(batches.c.refused_at.desc(), batches.c.id, notices.c.position)
        )
        found: dict[int, Refused] = {}
        for row in connection.execute(query):
            is_open = row.settled_at is None or row.is_stale
            known = found.get(row.id)
            if known is not None and not (known.is_final and is_open):
                continue
            found[row.id] = Refused(
                room_id=RoomId(row.room_id),
                notice=notice_of(row.payload),
                message_id=row.message_id,
                reason=row.refusal,
                at=row.refused_at,
                is_final=not is_open,
            )
        return list(found.values())


def _waits_in(room_id: ColumnElement[Any]) -> ColumnElement[bool]:
    return exists().where(_PENDING, notices.c.room_id == room_id)


def _next_manner(connection: Connection, room_id: RoomId) -> Manner:
    """Return how the next message of a room is made."""
    after = connection.scalar(select(last_about(literal(room_id))))
    if rows := attachment_rows(connection, in_room(room_id)):
        return next_manner(attachment_of(rows[0]).settings, rows[0].server_locale, after)
    return next_manner(*settings_without(connection, room_id), after)


def _start_part(
    connection: Connection, room_id: RoomId, part: BatchPart, created_at: datetime
) -> int:
    started = insert_batch(connection, room_id, part.draft, created_at)
    ids = [notice.notice_id for notice in part.notices]
    change(connection, notices, notices.c.id.in_(ids), batch_id=started.batch_id)
    return started.batch_id


def _stored(
    connection: Connection, queued: Sequence[QueuedNotice], *conditions: ColumnElement[bool]
) -> dict[int, Notice]:
    """Return what is stored now in place of the notices given, by ID."""
    # Payloads are compared as values: their spelling may differ between versions.
    found = connection.execute(
        select(notices.c.id, notices.c.payload)
        .where(notices.c.id.in_([notice.notice_id for notice in queued]), *conditions)
        .order_by(notices.c.id)
        .with_for_update()
    )
    return {row.id: notice_of(row.payload) for row in found}


def _batches(connection: Connection, room_id: RoomId, which: Prepared) -> tuple[Batch, ...]:
    rows = which.rows(connection, {"of": room_id})
    if not rows:
        return ()
    carried = _CARRIED.rows(connection, {"ids": [row.id for row in rows]})
    queued: dict[int, list[QueuedNotice]] = {row.id: [] for row in rows}
    first: dict[int, int] = {}
    stale = set()
    for row in carried:
        first.setdefault(row.batch_id, row.position)
        queued[row.batch_id].append(queued_of(row))
        if row.is_stale:
            stale.add(row.batch_id)
    # The parts of one batch were stored at the same moment, and keep their places.
    rows = sorted(rows, key=lambda row: (row.created_at, first.get(row.id, 0), row.id))
    return tuple(batch_of(row, queued[row.id], is_stale=row.id in stale) for row in rows)
