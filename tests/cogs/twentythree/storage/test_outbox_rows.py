"""A comment that is alone in its room is a batch as soon as it is stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from cogs.twentythree.domain.batching import Draft
from cogs.twentythree.domain.model import AttachmentRules, CommentPolicy, NewNotice, RoomId
from cogs.twentythree.domain.room_settings import Manner
from cogs.twentythree.storage import Ingested, Store
from tests.cogs.twentythree.storage.things import (
    LIVE,
    NOW,
    OTHER_ROOM,
    ROOM,
    VIDEO,
    attach,
    comment,
    comment_of,
    pending,
    post,
    query,
    start,
    take,
)

_PROMOTED = AttachmentRules(comments=CommentPolicy.PROMOTED)


def draft(new: NewNotice, _: Manner, now: datetime) -> Draft:
    return Draft(nonce=f"{new.room_id} {new.event_key}", body=f"{now:%H:%M}")


def started(taken: Ingested) -> dict[RoomId, list[str]]:
    return {
        batch.room_id: [notice.event_key for notice in batch.notices] for batch in taken.started
    }


async def test_it_waits_for_its_fate_in_every_room_that_had_nothing_to_do(store: Store) -> None:
    await attach(store)
    await attach(store, room=OTHER_ROOM)
    taken = await take(store, comment(1), draft=draft)

    assert started(taken) == {ROOM: ["comment:1"], OTHER_ROOM: ["comment:1"]}
    assert taken.rooms == {ROOM, OTHER_ROOM}
    for batch in taken.started:
        assert (batch.nonce, batch.body) == (f"{batch.room_id} comment:1", "03:04")
        assert (batch.created_at, batch.attempts) == (NOW, 0)
        assert comment_of(batch.notices[0]) == comment(1)
        work = await store.outbox.work(batch.room_id)
        assert (work.unsettled, work.pending) == ((replace(batch, attempts=1),), ())


async def test_it_waits_behind_what_waits_or_is_on_its_way(store: Store) -> None:
    await attach(store)
    await attach(store, room=OTHER_ROOM)
    await take(store, comment(1))
    await start(store, OTHER_ROOM)

    assert started(await take(store, comment(2), draft=draft)) == {}
    assert await pending(store) == ["comment:1", "comment:2"]
    assert await pending(store, OTHER_ROOM) == ["comment:2"]


async def test_it_is_alone_again_when_the_last_message_is_settled(store: Store) -> None:
    await attach(store)
    await take(store, comment(1))
    await post(store)

    assert started(await take(store, comment(2), draft=draft)) == {ROOM: ["comment:2"]}


async def test_what_another_object_left_in_the_room_counts(store: Store) -> None:
    await attach(store)
    await attach(store, LIVE)
    await take(store, comment(1, of=LIVE))

    assert started(await take(store, comment(2), draft=draft)) == {}


async def test_several_at_once_are_left_to_the_rooms_worker(store: Store) -> None:
    await attach(store)
    await attach(store, room=OTHER_ROOM, rules=_PROMOTED)
    taken = await take(store, comment(1), comment(2, is_promoted=True), draft=draft)

    assert started(taken) == {OTHER_ROOM: ["comment:2"]}
    assert await pending(store) == ["comment:2", "comment:1"]


async def test_many_rooms_at_once_are_left_to_their_workers(store: Store) -> None:
    for number in range(11):
        await attach(store, room=RoomId(number))
    taken = await take(store, comment(1), draft=draft)

    assert (started(taken), len(taken.rooms)) == ({}, 11)


async def test_a_paused_room_is_left_to_its_worker(store: Store) -> None:
    await attach(store)
    await store.attachments.pause(ROOM, "no", NOW)

    assert started(await take(store, comment(1), draft=draft)) == {}
    assert await pending(store) == ["comment:1"]


async def test_a_comment_that_was_known_is_left_to_the_worker(store: Store) -> None:
    await attach(store, rules=_PROMOTED)
    await take(store, comment(1))

    assert started(await take(store, comment(1, is_promoted=True), draft=draft)) == {}
    assert await pending(store) == ["comment:1"]


async def test_it_follows_its_comment_before_and_after_it_is_posted(store: Store) -> None:
    await attach(store)
    (batch,) = (await take(store, comment(1), draft=draft)).started
    edited = replace(comment(1), text="Edited")
    taken = await take(store, edited, draft=draft)

    assert started(taken) == {}
    assert taken.rooms == {ROOM}
    assert [one.comment_id for one in await store.memory.tracked([VIDEO.object_id])] == [1]
    (unsettled,) = (await store.outbox.work(ROOM)).unsettled
    assert unsettled.is_stale
    assert comment_of(unsettled.notices[0]) == edited

    await store.outbox.settle(batch.batch_id, message_id=5, shown="x", now=NOW)
    gone = await store.memory.take_away(VIDEO.object_id, [comment(1).comment_id])
    assert gone.rooms == {ROOM}
    (stale,) = (await store.outbox.work(ROOM)).stale
    assert comment_of(stale.notices[0]).text == ""


async def test_what_a_room_was_told_before_is_no_batch(store: Store, database: str) -> None:
    await attach(store)
    await take(store, comment(1))
    await post(store)
    await store.attachments.detach(ROOM, VIDEO.object_id)
    await attach(store)

    taken = await take(store, comment(1), draft=draft)
    assert (started(taken), taken.rooms) == ({}, frozenset())
    assert await query(database, "SELECT nonce FROM twentythree_batches") == ["n"]
