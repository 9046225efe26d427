"""What goes first in a room, and that finding it stays cheap however much waits."""

from cogs.twentythree.storage import Store
from tests.cogs.twentythree.storage.things import (
    LIVE,
    attach,
    comment,
    look,
    pending,
    plan,
    seen,
    start,
    take,
)


async def test_a_live_start_and_promoted_comments_go_ahead_of_chat(store: Store) -> None:
    await attach(store)
    await attach(store, LIVE)
    await take(store, comment(1), comment(2, is_promoted=True))
    await take(store, comment(3), comment(4, is_promoted=True))
    await look(store, seen(on=True), minute=1)

    first, *others = await pending(store)
    assert first.startswith("live:")
    assert others == ["comment:2", "comment:4", "comment:1", "comment:3"]


async def test_a_comment_that_is_promoted_while_it_waits_moves_forward(store: Store) -> None:
    await attach(store)
    await take(store, comment(1), comment(2), comment(3))
    await take(store, comment(3, is_promoted=True))

    assert await pending(store) == ["comment:3", "comment:1", "comment:2"]


async def test_a_comment_that_is_promoted_in_a_batch_that_is_taken_back_moves_forward(
    store: Store,
) -> None:
    await attach(store)
    await take(store, comment(1), comment(2), comment(3))
    batch = await start(store)
    await take(store, comment(3, is_promoted=True))
    await store.outbox.take_back(batch.batch_id)

    assert await pending(store) == ["comment:3", "comment:1", "comment:2"]


async def test_the_work_of_a_room_is_read_in_order_from_an_index(
    sqlite_database: str,
) -> None:
    sql = (
        "SELECT * FROM twentythree_notices "
        "WHERE stage = 'pending' AND room_id = 5 ORDER BY rank, id LIMIT 200"
    )
    steps = await plan(sqlite_database, sql)

    (step,) = steps
    assert (
        "USING INDEX ix_twentythree_notices_stage_room_id_rank_id (stage=? AND room_id=?)" in step
    )
