from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi
from sqlalchemy.exc import DBAPIError

from cogs.twentythree.domain.model import GuildId
from cogs.twentythree.domain.troubles import Outage
from cogs.twentythree.errors import StorageError
from cogs.twentythree.storage import Store, Why
from cogs.twentythree.storage.engine import Health, why_of

NOON = datetime(2030, 1, 2, 12, tzinfo=UTC)
PAIR = (GuildId(1), Outage.WORKSPACE)


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def fails(health: Health, *, is_write: bool = True, cause: Exception | None = None) -> None:
    with pytest.raises(StorageError), health.noting(is_write=is_write):
        raise StorageError("It is broken.") from cause


def works(health: Health, *, is_write: bool) -> None:
    with health.noting(is_write=is_write):
        pass


def a_full_database() -> sqlite3.Error:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE t (x)")
        connection.execute("PRAGMA max_page_count = 2")
        with pytest.raises(sqlite3.OperationalError) as caught:
            connection.execute("INSERT INTO t VALUES (zeroblob(100000))")
    return caught.value


def test_a_write_that_fails_is_trouble_until_one_works_whatever_can_be_read() -> None:
    clock = Clock()
    health = Health("x.db", clock)
    fails(health)
    clock.now += timedelta(hours=1)
    fails(health)
    works(health, is_write=False)

    assert health.broken is not None
    assert (health.broken.since, health.broken.text) == (NOON, "It is broken.")
    works(health, is_write=True)
    assert health.broken is None


def test_a_read_that_fails_is_trouble_until_anything_works() -> None:
    health = Health("x.db", Clock())
    fails(health, is_write=False)
    assert health.broken is not None
    works(health, is_write=False)
    assert health.broken is None


def test_a_full_disk_is_told_from_anything_else() -> None:
    health = Health("x.db", Clock())
    fails(health, cause=a_full_database())
    full = health.broken
    fails(health, cause=OSError("?"))
    other = health.broken

    assert full is not None
    assert full.why is Why.FULL
    assert other is not None
    assert other.why is Why.UNUSABLE


def test_a_transaction_that_takes_seconds_is_trouble_while_it_lasts() -> None:
    clock = Clock()
    health = Health("x.db", clock)
    with health.noting(is_write=True):
        assert health.broken is None
        clock.now += timedelta(seconds=3)
        assert health.broken is not None
        assert (health.broken.why, health.broken.since) == (Why.LOCKED, NOON)
    assert health.broken is None


async def test_a_database_that_another_process_holds_is_seen_by_a_look_that_ends(
    tmp_path: Path,
) -> None:
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path}/x.db", patience_s=2)
    await store.look(5)
    assert store.broken is None
    with closing(sqlite3.connect(tmp_path / "x.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        # The second waits for the look that is under way, and both give up at once.
        await asyncio.gather(store.look(0.01), store.look(0.01))
        await store.look(5)
        assert store.broken is not None
        assert store.broken.why is Why.LOCKED
        other.execute("ROLLBACK")
    await store.look(5)
    assert store.broken is None
    await store.close()


async def test_a_database_that_was_deleted_is_gone(tmp_path: Path) -> None:
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path}/x.db")
    (tmp_path / "x.db").unlink()
    await store.look(5)
    await store.close()

    assert store.broken is not None
    assert store.broken.why is Why.GONE


async def test_what_was_told_of_outages_is_kept_until_it_is_over(database: str) -> None:
    store = await Store.open(database)
    await store.outages.set_told({PAIR, (GuildId(2), Outage.DATABASE)}, set())
    await store.outages.set_told({PAIR}, {(GuildId(2), Outage.DATABASE)})
    await store.close()
    again = await Store.open(database)

    assert await again.outages.told() == {PAIR}
    await again.close()


def test_a_connection_that_ends_while_it_is_set_up_is_a_server_that_is_away() -> None:
    class Ended(AsyncAdapt_asyncpg_dbapi.InternalClientError):
        def __init__(self) -> None:
            Exception.__init__(self, "cannot switch to state 11; another operation is in progress")

    Ended.__name__ = "InternalClientError"

    # It is not known as one that was cut: it is nobody's connection yet.
    assert why_of(DBAPIError("SELECT 1", None, Ended())) is Why.AWAY
