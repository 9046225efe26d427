"""How PostgreSQL answers what it is asked all the time, with a million rows in the large tables."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Self

import asyncpg
import pytest
from sqlalchemy import Engine, event

from cogs.twentythree.domain.batching import Draft
from cogs.twentythree.domain.model import NewNotice, RoomId
from cogs.twentythree.domain.room_settings import Manner
from cogs.twentythree.storage import Store
from tests.cogs.twentythree.storage.test_backlog import use
from tests.cogs.twentythree.storage.things import (
    NOW,
    ROOM,
    VIDEO,
    attach,
    comment,
    post,
    take,
)
from tests.fakes.databases import PostgresDatabases

_FEW = 1000
_LARGE = ("twentythree_notices", "twentythree_batches", "twentythree_comments")
# A row takes a page or so, as many pages as a million rows would; and that is what the planner is
# told of them. To insert a million takes ten seconds.
_FILL = """
    ALTER TABLE twentythree_notices SET (fillfactor = 10);
    ALTER TABLE twentythree_batches SET (fillfactor = 10);
    ALTER TABLE twentythree_comments SET (fillfactor = 10);
    INSERT INTO twentythree_objects (object_id, kind, title, url)
        SELECT n, 'video', 'T', 'u' FROM generate_series(1000, 1199) AS n;
    INSERT INTO twentythree_attachments (guild_id, room_id, object_id, comments, announces_live,
            attached_by, attached_at)
        SELECT n % 20, n, n, 'all', false, 1, now() FROM generate_series(1000, 1199) AS n;
    INSERT INTO twentythree_comments (object_id, comment_id, is_promoted)
        SELECT 1000 + n % 200, 10000 + n, n % 10 = 0 FROM generate_series(1, 20000) AS n;
    INSERT INTO twentythree_batches (room_id, nonce, body, message_id, attempts, created_at,
            settled_at, fate)
        SELECT 1000 + n % 200, 'big' || n, '{}', n, 1, now() - n * interval '1 s',
            now() - n * interval '1 s', 'delivered'
        FROM generate_series(1, 20000) AS n;
    INSERT INTO twentythree_notices (room_id, attachment_id, event_key, comment_id, payload,
            queued_at, is_live, stage, batch_id, is_stale)
        SELECT b.room_id, a.id, 'comment:' || b.id, 10000 + b.id, '{}', b.created_at, false,
            'done', b.id, false
        FROM twentythree_batches AS b JOIN twentythree_attachments AS a ON a.room_id = b.room_id;
    ANALYZE;
    UPDATE pg_class SET reltuples = 1000000 WHERE relname IN
        ('twentythree_notices', 'twentythree_batches', 'twentythree_comments');
"""


class AskedStatements:
    """Every statement that the stores of the block ask PostgreSQL."""

    def __init__(self) -> None:
        self.found: dict[str, None] = {}

    def __enter__(self) -> Self:
        event.listen(Engine, "before_cursor_execute", self._executed)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(Engine, "before_cursor_execute", self._executed)

    def _executed(self, _: Any, __: Any, statement: str, *___: object) -> None:
        if statement.lstrip().startswith(("SELECT", "UPDATE", "DELETE", "WITH", "INSERT")):
            self.found[statement] = None


def steps(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from steps(part)


def whole(plan: dict[str, Any]) -> list[str]:
    """Return the steps that go through all of a large table, or of one of its indexes."""
    return [
        f"{one['Node Type']} on {one['Relation Name']} ({one.get('Index Name')})"
        for one in steps(plan)
        if one.get("Relation Name") in _LARGE
        and not one.get("Index Cond")
        and one["Node Type"] != "ModifyTable"
        and one["Plan Rows"] > _FEW
        and one["Node Type"] in {"Seq Scan", "Index Scan", "Index Only Scan"}
    ]


@pytest.fixture
def large(postgres: PostgresDatabases, postgres_database: str) -> str:
    postgres.run(postgres_database, _FILL, "SELECT 1")
    return postgres_database


def draft(new: NewNotice, _: Manner, now: datetime) -> Draft:
    return Draft(nonce=f"in {new.room_id}", body="{}")


async def hot_way(store: Store) -> None:
    """Do what each comment, each look of a room and each sweep does."""
    await attach(store)
    await attach(store, room=RoomId(5))
    done = await take(store, comment(1), draft=draft)
    for batch in done.started:
        await store.outbox.settle(batch.batch_id, message_id=5, shown="x", now=NOW)
    await take(store, *(comment(one) for one in (1, 2, 3)))
    await take(store, comment(2, is_promoted=True))
    await post(store, nonce="hot")
    await store.outbox.stale(ROOM)
    await store.outbox.rooms_with_work()
    await store.memory.tracked([VIDEO.object_id])
    await store.memory.unconfirmed()
    await store.memory.watermarks([VIDEO.object_id])
    await store.upkeep.counts()


async def unfit(address: str, *asked: str) -> list[str]:
    """Return the steps of statements that go through all of something large, whatever is given."""
    connection = await asyncpg.connect(address.replace("+asyncpg", ""))
    try:
        await connection.execute("SET plan_cache_mode = force_generic_plan")
        bad = []
        for statement in asked:
            count = max([0, *map(int, re.findall(r"\$(\d+)", statement))])
            given = f"({', '.join(['NULL'] * count)})" if count else ""
            await connection.execute(f"PREPARE asked AS {statement}")
            told = await connection.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE asked{given}")
            await connection.execute("DEALLOCATE asked")
            bad += [f"{step}: {statement}" for step in whole(json.loads(told)[0]["Plan"])]
    finally:
        await connection.close()
    return bad


async def test_nothing_goes_through_all_of_a_large_table(large: str) -> None:
    with AskedStatements() as asked:
        store = await Store.open(large)
        await hot_way(store)
        await use(store)
        await store.close()

    assert len(asked.found) > 40
    assert await unfit(large, *asked.found) == []


async def test_a_look_through_all_would_be_found(large: str) -> None:
    look = "SELECT * FROM twentythree_notices WHERE rank = $1"

    assert await unfit(large, look) == [f"Seq Scan on twentythree_notices (None): {look}"]
