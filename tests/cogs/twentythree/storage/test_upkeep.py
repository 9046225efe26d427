from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cogs.twentythree.storage import Baseline, Counts, Store
from tests.cogs.twentythree.storage.things import (
    LATER,
    LIVE,
    NOW,
    OTHER_ROOM,
    ROOM,
    VIDEO,
    attach,
    comment,
    look,
    pending,
    post,
    query,
    seen,
    start,
    take,
)


async def rows(database: str, table: str) -> int:
    (found,) = await query(database, f"SELECT count(*) FROM twentythree_{table}")  # noqa: S608 - our own table
    return int(found)


async def texts(database: str) -> str:
    return str(await query(database, "SELECT payload FROM twentythree_notices"))


async def test_counts_are_of_what_is_there(store: Store) -> None:
    assert await store.upkeep.counts() == Counts(pending=0, paused_rooms=0, attachments=0)

    await attach(store)
    await attach(store, LIVE)
    await attach(store, room=OTHER_ROOM)
    await take(store, comment(1))
    await start(store)
    await take(store, comment(2))
    await store.attachments.pause(ROOM, "no", NOW)
    assert await store.upkeep.counts() == Counts(pending=4, paused_rooms=1, attachments=3)


async def test_pruning_drops_what_was_said_but_says_nothing_twice(
    store: Store, database: str
) -> None:
    await attach(store)
    await take(store, comment(1))
    await post(store)

    assert await store.upkeep.prune(LATER) == 1
    assert await rows(database, "batches") == 0
    assert "comment 1" not in await texts(database)
    assert await store.upkeep.prune(LATER) == 0

    await take(store, comment(1, is_promoted=True))
    assert await pending(store) == []


async def test_pruning_spares_what_is_recent_or_not_settled(store: Store, database: str) -> None:
    await attach(store)
    await take(store, comment(1))
    await post(store, nonce="settled")
    await take(store, comment(2))
    await start(store, nonce="on its way")
    await take(store, comment(3))

    assert await store.upkeep.prune(NOW) == 0
    assert await store.upkeep.prune(NOW + timedelta(days=1)) == 1
    assert len((await store.outbox.work(ROOM)).unsettled) == 1
    assert await pending(store) == ["comment:3"]


async def test_pruning_spares_a_card_that_may_still_change(store: Store) -> None:
    await attach(store, LIVE)
    await look(store, seen(on=True, viewers=1), minute=2)
    await post(store)
    await store.upkeep.prune(LATER)
    await look(store, seen(on=True, viewers=2), minute=4)

    assert len((await store.outbox.work(ROOM)).stale) == 1


async def test_pruning_drops_all_of_what_was_detached_once_nothing_is_left_to_do(
    store: Store, database: str
) -> None:
    await attach(store)
    await attach(store, LIVE)
    await take(store, comment(1))
    await post(store, nonce="1")
    await store.upkeep.prune(LATER)
    await take(store, comment(2))
    await look(store, seen(on=True))
    await post(store, nonce="2")
    await store.attachments.detach(ROOM, VIDEO.object_id)
    await store.attachments.detach(ROOM, LIVE.object_id)

    assert await store.upkeep.prune(LATER) == 2
    (left,) = (await store.outbox.work(ROOM)).stale
    await store.outbox.give_up(left.batch_id, reason="removed", now=NOW)
    assert await store.upkeep.prune(LATER) == 1
    tables = ("notices", "batches", "comments", "objects")
    assert [await rows(database, name) for name in tables] == [0, 0, 0, 0]


@pytest.mark.parametrize("is_elsewhere", [False, True])
async def test_what_was_said_is_not_said_again_where_its_object_is_back(
    store: Store, *, is_elsewhere: bool
) -> None:
    if is_elsewhere:
        await attach(store, room=OTHER_ROOM)
    await attach(store, baseline=Baseline(comments=(comment(1),)), backfill=[comment(1)])
    await post(store)
    await store.attachments.detach(ROOM, VIDEO.object_id)
    await attach(store, baseline=Baseline(comments=(comment(1),)))

    assert await store.upkeep.prune(LATER) == 1
    assert await store.upkeep.prune(LATER) == 0
    await take(store, comment(1, is_promoted=True))
    assert await pending(store) == []
    await store.attachments.detach(ROOM, VIDEO.object_id)
    assert await store.upkeep.prune(LATER) == 1


@pytest.mark.parametrize("is_settled", [False, True])
async def test_backfill_may_repeat_what_was_said_before_a_detach_and_a_prune(
    store: Store, *, is_settled: bool
) -> None:
    """What was said is known for as long as its object is in the room, and a prune's age."""
    old: dict[str, Any] = {"baseline": Baseline(comments=(comment(1),)), "backfill": [comment(1)]}
    await attach(store, **old)
    batch = await start(store)
    if is_settled:
        await store.outbox.settle(batch.batch_id, message_id=1, shown="x", now=NOW)
    await store.attachments.detach(ROOM, VIDEO.object_id)
    await attach(store, **old)
    assert await pending(store) == []

    await store.attachments.detach(ROOM, VIDEO.object_id)
    await store.upkeep.prune(LATER)
    await attach(store, **old)
    assert await pending(store) == ["comment:1"]


async def test_the_digest_of_commands_is_kept_by_scope(store: Store) -> None:
    assert await store.upkeep.command_digests() == {}

    await store.upkeep.set_command_digest("global", "a")
    await store.upkeep.set_command_digest("global", "b")
    await store.upkeep.set_command_digest("guild 1", "c")
    assert await store.upkeep.command_digests() == {"global": "b", "guild 1": "c"}
    await store.upkeep.set_command_digest("global", None)
    assert await store.upkeep.command_digests() == {"guild 1": "c"}
