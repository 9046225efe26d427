from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from pathlib import Path

import pytest

from cogs.twentythree.storage import Ingested, Store
from tests.cogs.twentythree.storage.things import (
    OTHER_ROOM,
    ROOM,
    VIDEO,
    attach,
    comment,
    pending,
    start,
    take,
)
from tests.fakes.scripts import run_script

# Dies like a process that is killed: nothing is closed, flushed or rolled back.
_DIES = """
import asyncio, os, sys
from cogs.twentythree.storage.outbox_rows import enqueue
from cogs.twentythree.storage import Store, news
from tests.cogs.twentythree.storage.things import attach, comment, start, take

async def main():
    store = await Store.open(sys.argv[1])
    await attach(store)
    await take(store, comment(1))
    await start(store)

    def dies(*args, **named):
        enqueue(*args, **named)
        os._exit(9)

    news.enqueue = dies
    # Two, for on PostgreSQL one is a single statement.
    await take(store, comment(2), comment(3))

asyncio.run(main())
"""

_DIES_BEFORE_SENDING = """
import asyncio, os, sys
from cogs.twentythree.domain.batching import Draft
from cogs.twentythree.storage import Store
from tests.cogs.twentythree.storage.things import attach, comment, take

async def main():
    store = await Store.open(sys.argv[1])
    await attach(store)
    taken = await take(store, comment(1), draft=lambda *_: Draft(nonce="lone", body="{}"))
    os._exit(9 if taken.started else 1)

asyncio.run(main())
"""

_WRITES = """
import asyncio, sys
from cogs.twentythree.storage import Store

async def main():
    store = await Store.open(sys.argv[1])
    for number in range(30):
        await store.upkeep.set_command_digest(f"{sys.argv[2]} {number}", "x")
        await store.upkeep.counts()
    await store.close()

asyncio.run(main())
"""


async def test_a_process_that_dies_leaves_all_of_a_transaction_or_nothing(database: str) -> None:
    died = await run_script(_DIES, database)
    assert died == 9

    store = await Store.open(database)
    work = await store.outbox.work(ROOM)
    assert [batch.nonce for batch in work.unsettled] == ["n"]
    assert [notice.event_key for notice in work.unsettled[0].notices] == ["comment:1"]
    assert work.pending == ()

    assert (await take(store, comment(2))).rooms == {ROOM}
    assert await pending(store) == ["comment:2"]
    await store.close()


async def test_a_lone_batch_outlives_the_death_of_the_process_that_was_to_send_it(
    database: str,
) -> None:
    died = await run_script(_DIES_BEFORE_SENDING, database)
    assert died == 9

    store = await Store.open(database)
    (batch,) = (await store.outbox.work(ROOM)).unsettled
    assert (batch.nonce, batch.body, batch.attempts) == ("lone", "{}", 1)
    assert [notice.event_key for notice in batch.notices] == ["comment:1"]
    assert await take(store, comment(1)) == Ingested()
    await store.close()


async def test_processes_that_open_and_write_one_file_wait_for_each_other(tmp_path: Path) -> None:
    address = f"sqlite+aiosqlite:///{tmp_path / 'shared.db'}"
    codes = await asyncio.gather(*(run_script(_WRITES, address, str(n)) for n in range(3)))

    assert codes == [0, 0, 0]
    connection = sqlite3.connect(tmp_path / "shared.db")
    (written,) = connection.execute("SELECT count(*) FROM twentythree_command_hashes").fetchone()
    connection.close()
    assert written == 90


async def test_a_batch_of_unknown_fate_comes_back_after_reopening(database: str) -> None:
    store = await Store.open(database)
    await attach(store)
    await take(store, comment(1))
    batch = await start(store)
    await store.outbox.record_attempt(batch.batch_id)
    await store.close()

    store = await Store.open(database)
    (back,) = (await store.outbox.work(ROOM)).unsettled
    assert (back.batch_id, back.nonce, back.body) == (batch.batch_id, batch.nonce, batch.body)
    assert back.notices == batch.notices
    assert back.attempts == 2
    await store.close()


@pytest.mark.parametrize("steps", range(0, 120, 8))
async def test_a_cancelled_ingest_happened_as_a_whole_or_not_at_all(
    store: Store, steps: int
) -> None:
    await attach(store)
    await attach(store, room=OTHER_ROOM)
    task = asyncio.create_task(take(store, comment(1), comment(2)))
    for _ in range(steps):
        await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task

    again = await take(store, comment(1), comment(2))
    assert (again.new_events, again.rooms) in ((0, frozenset()), (2, {ROOM, OTHER_ROOM}))
    assert (
        await pending(store, ROOM)
        == await pending(store, OTHER_ROOM)
        == [
            "comment:1",
            "comment:2",
        ]
    )


async def test_tasks_that_write_at_once_do_not_disturb_each_other(store: Store) -> None:
    await attach(store)

    async def read_and_write(number: int) -> None:
        await take(store, comment(number))
        await store.outbox.work(ROOM)
        await store.memory.raise_watermark([VIDEO.object_id], comment(number).comment_id)

    async with asyncio.TaskGroup() as tasks:
        for number in range(1, 31):
            tasks.create_task(read_and_write(number))

    assert len(await pending(store)) == 30
    ground = await store.memory.ground(VIDEO.object_id)
    assert ground is not None
    assert ground.watermark == 30
