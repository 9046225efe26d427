"""What is seldom asked: counts, digests, clearing up, what was registered, told outages.

A digest is one notice in place of many that have waited too long to be news. Of which outages
servers were told is kept, so that a restart does not tell them again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import (
    Connection,
    and_,
    bindparam,
    distinct,
    exists,
    func,
    or_,
    select,
    text,
    tuple_,
)

from ..domain import batching
from ..domain.batching import CHAT_RANK, DIGEST_RANK
from ..domain.model import Attachment, DigestNotice, GuildId, NewNotice, RoomId
from ..domain.troubles import Outage
from .engine import Part, reads, writes
from .mapping import attachment_of, notice_of, payload_of
from .object_rows import attachment_rows
from .outbox_rows import enqueue
from .records import Counts
from .sql import (
    DELIVERED,
    OPEN,
    PROGRAMME,
    NoticeStage,
    change,
    chunks,
    insert_missing,
    remove,
    upsert,
)
from .tables import (
    VERSION_TABLE,
    attachments,
    batches,
    command_hashes,
    comments,
    notices,
    outages,
)

_DIGESTS_AT_ONCE = 500
_PENDING = notices.c.stage == NoticeStage.PENDING
_OLDEST_CHAT = (
    select(notices.c.id, notices.c.attachment_id, notices.c.queued_at)
    .where(_PENDING, notices.c.room_id == bindparam("room"), notices.c.rank == CHAT_RANK)
    .order_by(notices.c.id)
    .limit(_DIGESTS_AT_ONCE)
    # What is being promoted meanwhile is no chat any more.
    .with_for_update()
)
_REFUSED_WHERE_READ_ONLY = text(
    f"UPDATE {VERSION_TABLE} SET version_num = version_num WHERE false"  # noqa: S608
)
# What one transaction of a pruning takes; it lasts some milliseconds.
_AT_ONCE = 200
# An edit, or a deletion, that is due waits so long for its room.
_EDITS_WAIT = timedelta(days=90)
_BEGINNING = datetime.min.replace(tzinfo=UTC)
_Place: TypeAlias = tuple[datetime, int]
_HAS_NO_ATTACHMENT = notices.c.attachment_id.is_(None)
# Said in the room under an attachment that is no more, of an object that is attached there again.
_is_of_comment = and_(
    comments.c.object_id == attachments.c.object_id,
    comments.c.comment_id == notices.c.comment_id,
)
_IS_BACK = and_(
    _HAS_NO_ATTACHMENT,
    or_(
        exists().where(attachments.c.room_id == notices.c.room_id, _is_of_comment),
        # Said in its channel before, and to be known in a thread that nobody has opened yet.
        exists().where(attachments.c.id == -notices.c.room_id, _is_of_comment),
    ),
)


class Digests(Part):
    """The part of the store that keeps a backlog from being said long after it mattered."""

    @writes
    def make(self, connection: Connection, room_id: RoomId, now: datetime) -> int:
        """Put one digest per attachment in place of what waited longer than its rules allow.

        Returns how many comments went into digests. Promoted comments, live cards and a single
        comment are left alone. The comments are not said, so a later promotion is news. So many
        are looked at, from the oldest, as one transaction should take: until it returns 0 there
        may be more, which go into the same digest as long as it waits.
        """
        oldest = connection.execute(_OLDEST_CHAT, {"room": room_id}).all()
        rows = attachment_rows(
            connection, attachments.c.room_id == room_id, attachments.c.max_age_s > 0
        )
        return sum(_digest(connection, attachment_of(row), oldest, now) for row in rows)


def _digest(
    connection: Connection, attachment: Attachment, oldest: Sequence[Any], now: datetime
) -> int:
    limit = now - timedelta(seconds=attachment.rules.max_age_s)
    is_of_it = [row for row in oldest if row.attachment_id == attachment.attachment_id]
    stale = [row for row in is_of_it if row.queued_at < limit]
    if not stale:
        return 0
    held = _waiting_digest(connection, attachment)
    before = None if held is None else notice_of(held.payload)
    waiting = before if isinstance(before, DigestNotice) else None
    digest = batching.digest(attachment.object, [row.queued_at for row in stale], waiting)
    if digest is None:
        return 0
    for chunk in chunks(stale):
        remove(connection, notices, notices.c.id.in_([row.id for row in chunk]))
    if held is None:
        _queue(connection, attachment, digest, stale[0].id, now)
    else:
        change(connection, notices, notices.c.id == held.id, payload=payload_of(digest))
    return len(stale)


def _waiting_digest(connection: Connection, attachment: Attachment) -> Any | None:
    query = select(notices.c.id, notices.c.payload).where(
        _PENDING,
        notices.c.room_id == attachment.room_id,
        notices.c.rank == DIGEST_RANK,
        notices.c.attachment_id == attachment.attachment_id,
    )
    return connection.execute(query).first()


def _queue(
    connection: Connection, attachment: Attachment, digest: DigestNotice, first: int, now: datetime
) -> None:
    new = NewNotice(
        attachment_id=attachment.attachment_id,
        room_id=attachment.room_id,
        event_key=f"digest:{attachment.object.object_id}:{first}",
        notice=digest,
    )
    enqueue(connection, [new], now)


class Upkeep(Part):
    """The part of the store that is used now and then."""

    @reads
    def counts(self, connection: Connection) -> Counts:
        """Count what waits, what is paused and what is attached."""
        pending = select(func.count()).select_from(notices).where(text(OPEN))
        paused = select(func.count(distinct(attachments.c.room_id))).where(
            attachments.c.paused_at.is_not(None)
        )
        attached = select(func.count(attachments.c.id))
        query = select(
            pending.scalar_subquery(), paused.scalar_subquery(), attached.scalar_subquery()
        )
        row = connection.execute(query).one()
        return Counts(pending=row[0], paused_rooms=row[1], attachments=row[2])

    async def prune(self, older_than: datetime) -> int:
        """Drop what was settled before ``older_than``; return how many notices that were.

        The bare key of a comment stays as long as its object is attached to the room, or is so
        again, so that a late promotion is not said again. So do the cards of live events: they
        may still change. It takes many transactions, between which others have their turn.
        """
        total = 0
        place: _Place | None = (_BEGINNING, 0)
        while place is not None:
            dropped, place = await self._prune_batches(older_than, place)
            total += dropped
        while dropped := await self._prune_keys(older_than):
            total += dropped
        return total

    @writes
    def _prune_batches(
        self, connection: Connection, older_than: datetime, after: _Place
    ) -> tuple[int, _Place | None]:
        """Go on from a place among the settled batches; return how far that went."""
        place = tuple_(batches.c.settled_at, batches.c.id)
        rows = connection.execute(
            select(batches.c.settled_at, batches.c.id)
            .where(batches.c.settled_at < older_than, place > after)
            .order_by(batches.c.settled_at, batches.c.id)
            .limit(_AT_ONCE)
        ).all()
        ids = [row.id for row in rows]
        dropped = _drop_said(connection, ids, older_than)
        in_use = exists().where(notices.c.batch_id == batches.c.id)
        remove(connection, batches, batches.c.id.in_(ids), ~in_use)
        last = (rows[-1].settled_at, rows[-1].id) if len(rows) == _AT_ONCE else None
        return dropped, last

    @writes
    def _prune_keys(self, connection: Connection, older_than: datetime) -> int:
        """Drop some of the bare keys of what is attached no more."""
        some = (
            select(notices.c.id)
            .where(
                _HAS_NO_ATTACHMENT,
                notices.c.payload == "",
                notices.c.queued_at < older_than,
                ~_IS_BACK,
            )
            .limit(_AT_ONCE)
        )
        return remove(connection, notices, notices.c.id.in_(some))

    @writes
    def touch(self, connection: Connection) -> None:
        """Write something that changes nothing, to see whether the database can be written to."""
        if connection.dialect.name == "sqlite":
            version = connection.scalar(text("PRAGMA user_version"))
            connection.execute(text(f"PRAGMA user_version = {version}"))
        else:
            # The first is answered also where nothing may be written; the second writes nothing.
            connection.execute(text("SELECT txid_current()"))
            connection.execute(_REFUSED_WHERE_READ_ONLY)

    @reads
    def command_digests(self, connection: Connection) -> dict[str, str]:
        """Return the digests of the commands last registered, by their scopes."""
        rows = connection.execute(select(command_hashes.c.scope, command_hashes.c.digest))
        return {row.scope: row.digest for row in rows}

    @writes
    def set_command_digest(self, connection: Connection, scope: str, digest: str | None) -> None:
        """Remember the digest of the commands registered in ``scope``, or forget it."""
        if digest is None:
            remove(connection, command_hashes, command_hashes.c.scope == scope)
        else:
            upsert(connection, command_hashes, [{"scope": scope, "digest": digest}])


def _drop_said(connection: Connection, batch_ids: Sequence[int], older_than: datetime) -> int:
    """Drop the notices of settled batches, as far as nothing needs them any more."""
    is_waiting = and_(
        notices.c.is_stale,
        batches.c.fate == DELIVERED,
        batches.c.settled_at > older_than - _EDITS_WAIT,
    )
    is_of_nobody = and_(_HAS_NO_ATTACHMENT, ~_IS_BACK, notices.c.event_key != PROGRAMME)
    is_bare_key = or_(_IS_BACK, and_(~_HAS_NO_ATTACHMENT, ~notices.c.is_live))
    columns = (notices.c.id, is_of_nobody.label("is_of_nobody"), is_bare_key.label("is_bare_key"))
    # What changes meanwhile has something to do again, in its message or in another.
    said = connection.execute(
        select(*columns)
        .join(batches)
        .where(notices.c.batch_id.in_(batch_ids), ~is_waiting)
        .order_by(notices.c.id)
        .with_for_update(of=notices)
    ).all()
    dropped = [row.id for row in said if row.is_of_nobody]
    emptied = [row.id for row in said if row.is_bare_key]
    for chunk in chunks(dropped):
        remove(connection, notices, notices.c.id.in_(chunk))
    for chunk in chunks(emptied):
        change(connection, notices, notices.c.id.in_(chunk), payload="", batch_id=None)
    return len(dropped) + len(emptied)


class Outages(Part):
    """The part of the store behind what people are told in private of outages."""

    @reads
    def told(self, connection: Connection) -> set[tuple[GuildId, Outage]]:
        """Return of which outages servers were told that were not over then."""
        rows = connection.execute(select(outages.c.guild_id, outages.c.outage))
        known = {str(one): one for one in Outage}
        return {(GuildId(row.guild_id), known[row.outage]) for row in rows if row.outage in known}

    @writes
    def set_told(
        self,
        connection: Connection,
        told: set[tuple[GuildId, Outage]],
        over: set[tuple[GuildId, Outage]],
    ) -> None:
        """Remember of which outages servers were told, and which are over."""
        for guild_id, outage in over:
            is_it = outages.c.outage == str(outage)
            remove(connection, outages, outages.c.guild_id == guild_id, is_it)
        rows = [{"guild_id": guild_id, "outage": str(outage)} for guild_id, outage in told]
        if rows:
            insert_missing(connection, outages, rows, outages.c.guild_id)
