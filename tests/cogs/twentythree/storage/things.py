"""Short ways to make what the store takes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from cogs.twentythree.domain.batching import Batch, Draft
from cogs.twentythree.domain.model import (
    AttachmentRules,
    Comment,
    CommentId,
    CommentKind,
    CommentNotice,
    CommentPolicy,
    GuildId,
    LiveObservation,
    ObjectId,
    ObjectInfo,
    ObjectKind,
    QueuedNotice,
    RoomId,
    Source,
)
from cogs.twentythree.storage import Attached, Baseline, Drafting, Ingested, NewAttachment, Store
from cogs.twentythree.storage.engine import Database

NOW = datetime(2030, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
GUILD = GuildId(2**62 + 1)
ROOM, OTHER_ROOM = RoomId(2**62 + 2), RoomId(2**62 + 3)
VIDEO = ObjectInfo(
    object_id=ObjectId(2**53 + 1),
    kind=ObjectKind.VIDEO,
    title="Ünïcode 🎬",
    url="https://video.example.com/1",
)
LIVE = ObjectInfo(
    object_id=ObjectId(7),
    kind=ObjectKind.LIVE,
    title="Live",
    url="https://video.example.com/live/7",
    picture_url="https://video.example.com/7.jpg",
)
ALL = AttachmentRules(comments=CommentPolicy.ALL)


def comment(
    number: int,
    *,
    of: ObjectInfo = VIDEO,
    is_promoted: bool = False,
    kind: CommentKind = CommentKind.COMMENT,
) -> Comment:
    return Comment(
        comment_id=CommentId(number),
        object_id=of.object_id,
        kind=kind,
        is_promoted=is_promoted,
        author="Ann",
        text=f"comment {number}",
    )


def seen(*, on: bool = False, viewers: int | None = None, soon: bool = False) -> LiveObservation:
    return LiveObservation(
        object_id=LIVE.object_id,
        is_broadcasting=on,
        viewers_now=viewers,
        scheduled_at=LATER if soon else None,
    )


async def attach(
    store: Store,
    info: ObjectInfo = VIDEO,
    *,
    room: RoomId = ROOM,
    guild: GuildId = GUILD,
    rules: AttachmentRules = ALL,
    baseline: Baseline | None = None,
    backfill: Sequence[Comment] = (),
    now: datetime = NOW,
) -> Attached:
    if baseline is None:
        baseline = Baseline(live=seen() if info.kind is ObjectKind.LIVE else None)
    new = NewAttachment(
        guild_id=guild, room_id=room, object=info, rules=rules, attached_by=2**62 + 9
    )
    return await store.attachments.attach(new, baseline, backfill=backfill, now=now)


async def take(
    store: Store,
    *found: Comment,
    now: datetime = NOW,
    draft: Drafting | None = None,
    source: Source = Source.RECONCILE,
) -> Ingested:
    object_id = found[0].object_id
    return await store.memory.ingest(object_id, found, source=source, now=now, draft=draft)


async def look(store: Store, observation: LiveObservation, *, minute: int = 0) -> Ingested:
    now = NOW + timedelta(minutes=minute)
    return await store.broadcasts.ingest(observation, now=now)


async def pending(store: Store, room: RoomId = ROOM) -> list[str]:
    return [notice.event_key for notice in (await store.outbox.work(room)).pending]


async def start(store: Store, room: RoomId = ROOM, *, nonce: str = "n") -> Batch:
    batch = await store.outbox.start_batch(
        room, (await store.outbox.work(room)).pending, draft=Draft(nonce=nonce, body="{}"), now=NOW
    )
    assert batch is not None
    return batch


async def post(store: Store, room: RoomId = ROOM, *, nonce: str = "n") -> Batch:
    batch = await start(store, room, nonce=nonce)
    await store.outbox.settle(batch.batch_id, message_id=2**62 + 5, shown="digest", now=NOW)
    return batch


def comment_of(queued: QueuedNotice) -> Comment:
    assert isinstance(queued.notice, CommentNotice)
    return queued.notice.comment


async def query(address: str, sql: str) -> list[Any]:
    """Read the first column of what a query of the test's own finds."""
    opened = Database.at(address)
    try:
        return await opened.read(lambda connection: list(connection.scalars(text(sql))))
    finally:
        await opened.close()


async def execute(address: str, *statements: str) -> None:
    """Write behind the store's back."""
    opened = Database.at(address)
    try:
        await opened.write(lambda connection: [connection.execute(text(one)) for one in statements])
    finally:
        await opened.close()


async def plan(address: str, sql: str) -> list[str]:
    """Return the steps in which SQLite answers a query."""
    opened = Database.at(address)
    try:
        explained = text(f"EXPLAIN QUERY PLAN {sql}")
        return await opened.read(
            lambda connection: [row.detail for row in connection.execute(explained)]
        )
    finally:
        await opened.close()
