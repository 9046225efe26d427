"""What goes first in a room, and that finding it stays cheap however much waits."""

from pathlib import Path

from cogs.twentythree.storage import Store
from tests.cogs.twentythree.storage.things import (
    LIVE,
    attach,
    comment,
    execute,
    look,
    pending,
    plan,
    seen,
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


async def test_what_waited_before_ranks_has_one_after_the_migration(tmp_path: Path) -> None:
    address = f"sqlite+aiosqlite:///{tmp_path / 'old.db'}"
    store = await Store.open(address)
    await attach(store)
    await take(store, comment(1), comment(2, is_promoted=True))
    await store.close()
    await execute(
        address,
        "DROP INDEX ix_twentythree_notices_stale",
        "DROP INDEX ix_twentythree_notices_open",
        "DROP INDEX ix_twentythree_notices_orphaned",
        "DROP INDEX ix_twentythree_batches_unsettled",
        "CREATE INDEX ix_twentythree_notices_is_stale ON twentythree_notices (is_stale)",
        "DROP INDEX ix_twentythree_notices_stage_room_id_rank_id",
        "CREATE INDEX ix_twentythree_notices_stage_room_id ON twentythree_notices (stage)",
        "ALTER TABLE twentythree_notices DROP COLUMN rank",
        "ALTER TABLE twentythree_attachments DROP COLUMN max_age_s",
        "ALTER TABLE twentythree_attachments DROP COLUMN at_end",
        "DROP INDEX ix_twentythree_attachments_follow_id",
        "ALTER TABLE twentythree_attachments DROP COLUMN follow_id",
        "DROP TABLE twentythree_samples",
        "DROP TABLE twentythree_followed",
        "DROP TABLE twentythree_follows",
        "UPDATE twentythree_schema SET version_num = '0001'",
    )

    store = await Store.open(address)
    assert await pending(store) == ["comment:2", "comment:1"]
    await store.close()
