"""Short ways to make what the store takes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from cogs.twentythree.relay.model import (
    AttachmentRules,
    Batch,
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
from cogs.twentythree.storage import Attached, Baseline, Ingested, NewAttachment, Store

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
    rules: AttachmentRules = ALL,
    baseline: Baseline | None = None,
    backfill: Sequence[Comment] = (),
    now: datetime = NOW,
) -> Attached:
    if baseline is None:
        baseline = Baseline(live=seen() if info.kind is ObjectKind.LIVE else None)
    new = NewAttachment(
        guild_id=GUILD, room_id=room, object=info, rules=rules, attached_by=2**62 + 9
    )
    return await store.attach(new, baseline, backfill=backfill, now=now)


async def take(store: Store, *found: Comment, now: datetime = NOW) -> Ingested:
    object_id = found[0].object_id
    return await store.ingest_comments(object_id, found, source=Source.REALTIME, now=now)


async def look(store: Store, observation: LiveObservation, *, minute: int = 0) -> Ingested:
    now = NOW + timedelta(minutes=minute)
    return await store.ingest_live(observation, now=now)


async def pending(store: Store, room: RoomId = ROOM) -> list[str]:
    return [notice.event_key for notice in (await store.work(room)).pending]


async def start(store: Store, room: RoomId = ROOM, *, nonce: str = "n") -> Batch:
    batch = await store.start_batch(
        room, (await store.work(room)).pending, nonce=nonce, body="{}", now=NOW
    )
    assert batch is not None
    return batch


async def post(store: Store, room: RoomId = ROOM, *, nonce: str = "n") -> Batch:
    batch = await start(store, room, nonce=nonce)
    await store.settle(batch.batch_id, message_id=2**62 + 5, shown="digest", now=NOW)
    return batch


def comment_of(queued: QueuedNotice) -> Comment:
    assert isinstance(queued.notice, CommentNotice)
    return queued.notice.comment
