from __future__ import annotations

import asyncio
import logging
import sqlite3
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Self

import pytest
from sqlalchemy import Connection, text

from cogs.twentythree.errors import StorageError
from cogs.twentythree.storage import Store, sqlite
from cogs.twentythree.storage.engine import Database, to_its_end
from cogs.twentythree.storage.location import read_address
from tests.cogs.twentythree.storage.things import query

_INSERT = text("INSERT INTO twentythree_command_hashes VALUES ('global', 'x')")


async def test_a_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)

    with pytest.raises(StorageError, match="asyncpg") as caught:
        await Store.open("postgresql+asyncpg://bot:hunter2@localhost/bot")

    assert "hunter2" not in str(caught.value)


async def test_a_place_that_does_not_exist_is_named(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "store.db"

    with pytest.raises(StorageError, match="missing") as caught:
        await Store.open(f"sqlite+aiosqlite:///{path}")

    assert "no such file or directory" in str(caught.value)


async def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database " * 100)

    with pytest.raises(StorageError, match="not a database"):
        await Store.open(f"sqlite+aiosqlite:///{path}")

    assert path.read_text() == "not a database " * 100


async def test_a_connection_that_cannot_be_set_up_is_not_left_behind(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database " * 100)
    opened = Database.at(f"sqlite+aiosqlite:///{path}")

    for transaction in (opened.read, opened.write):
        with pytest.raises(StorageError):
            await transaction(lambda _: None)
    await opened.close()


async def test_what_was_begun_is_ended_however_often_its_caller_is_cancelled() -> None:
    may_end = asyncio.Event()
    has_begun = asyncio.Event()
    ended = []

    async def work() -> None:
        has_begun.set()
        await may_end.wait()
        ended.append(1)
        raise LookupError

    task = asyncio.create_task(to_its_end(work()))
    await has_begun.wait()
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0)
    assert not task.done()

    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == [1]


async def test_a_driver_may_be_left_out_of_the_address(tmp_path: Path) -> None:
    store = await Store.open(f"sqlite:///{tmp_path / 'store.db'}")
    await store.close()

    assert (tmp_path / "store.db").exists()


async def test_a_database_in_memory_serves_many_tasks_at_once() -> None:
    store = await Store.open("sqlite+aiosqlite://")
    try:
        async with asyncio.TaskGroup() as tasks:
            for number in range(20):
                tasks.create_task(store.upkeep.set_command_digest(f"guild {number}", str(number)))
                tasks.create_task(store.upkeep.counts())

        assert (await store.upkeep.command_digests())["guild 19"] == "19"
    finally:
        await store.close()


async def test_every_connection_has_the_pragmas(sqlite_database: str) -> None:
    opened = Database.at(sqlite_database)
    names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")

    def found(connection: Connection) -> dict[str, object]:
        return {name: connection.scalar(text(f"PRAGMA {name}")) for name in names}

    read, written = await opened.read(found), await opened.write(found)
    await opened.close()

    assert read == written
    assert read == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 2_000,
    }


async def test_a_writer_holds_the_file_from_its_first_moment(
    sqlite_database: str, tmp_path: Path
) -> None:
    opened = Database.at(sqlite_database)

    def is_held(connection: Connection) -> None:
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")

    with closing(_other(tmp_path)) as other:
        await opened.write(is_held)
        other.execute("BEGIN IMMEDIATE")
    await opened.close()


class Locked:
    """Another process that holds the file, until the log has told of it so many times."""

    def __init__(self, path: Path, times: int) -> None:
        self._times = times
        self.was_told = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._other = sqlite3.connect(path, check_same_thread=False)
        self._other.execute("BEGIN IMMEDIATE")
        self._handler = logging.Handler()
        self._handler.handle = self._count  # type: ignore[method-assign,assignment]

    def __enter__(self) -> Self:
        logger = logging.getLogger("twentythree.storage")
        logger.addHandler(self._handler)
        logger.setLevel(logging.DEBUG)
        return self

    def __exit__(self, *_: object) -> None:
        logger = logging.getLogger("twentythree.storage")
        logger.removeHandler(self._handler)
        logger.setLevel(logging.NOTSET)
        self._other.close()

    def _count(self, record: logging.LogRecord) -> None:
        assert "another process holds" in record.getMessage()
        self._times -= 1
        if self._times == 0:
            self._loop.call_soon_threadsafe(self.was_told.set)

    def let_go(self) -> None:
        self._other.execute("ROLLBACK")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = tuple(one.replace("2000", "10") for one in sqlite._PRAGMAS)
    monkeypatch.setattr(sqlite, "_PRAGMAS", quick)


@pytest.mark.usefixtures("impatient")
async def test_a_file_that_another_process_holds_is_waited_for(
    sqlite_database: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = await Store.open(sqlite_database)
    with Locked(tmp_path / "store.db", times=3) as other:
        writing = asyncio.create_task(store.upkeep.set_command_digest("global", "x"))
        await other.was_told.wait()
        other.let_go()
        await writing
    levels = [one.levelname for one in caplog.records if "another process" in one.getMessage()]

    assert (await store.upkeep.command_digests())["global"] == "x"
    assert levels[:3] == ["WARNING", "DEBUG", "DEBUG"]
    await store.close()


@pytest.mark.usefixtures("impatient")
async def test_a_file_that_is_held_for_too_long_is_told(
    sqlite_database: str, tmp_path: Path
) -> None:
    store = await Store.open(sqlite_database, patience_s=4)
    with (
        Locked(tmp_path / "store.db", times=1),
        pytest.raises(StorageError, match="database is locked"),
    ):
        await store.upkeep.set_command_digest("global", "x")
    await store.close()


@pytest.mark.usefixtures("impatient")
async def test_who_waits_for_the_file_is_sent_away_at_the_end(
    sqlite_database: str, tmp_path: Path
) -> None:
    store = await Store.open(sqlite_database)
    with Locked(tmp_path / "store.db", times=2) as other:
        writing = [asyncio.create_task(store.upkeep.set_command_digest(one, "x")) for one in "ab"]
        await other.was_told.wait()
        await store.close()
        ended = await asyncio.gather(*writing, return_exceptions=True)

    assert [type(one) for one in ended] == [StorageError, StorageError]


@pytest.mark.usefixtures("impatient")
async def test_who_is_cancelled_waits_for_the_file_no_longer(
    sqlite_database: str, tmp_path: Path
) -> None:
    store = await Store.open(sqlite_database)
    with Locked(tmp_path / "store.db", times=2) as other:
        writing = asyncio.create_task(store.upkeep.set_command_digest("global", "x"))
        await other.was_told.wait()
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
        other.let_go()
        await store.upkeep.set_command_digest("global", "y")

    assert (await store.upkeep.command_digests())["global"] == "y"
    await store.close()


async def test_a_reader_holds_up_nobody(sqlite_database: str, tmp_path: Path) -> None:
    opened = Database.at(sqlite_database)

    def is_free(connection: Connection) -> None:
        connection.execute(text("SELECT * FROM twentythree_objects"))
        other.execute("BEGIN IMMEDIATE")
        other.execute("COMMIT")

    with closing(_other(tmp_path)) as other:
        await opened.read(is_free)
    await opened.close()


async def test_readers_wait_neither_for_a_writer_nor_for_a_long_look(sqlite_database: str) -> None:
    opened = Database.at(sqlite_database)
    store = Store(opened)
    may_end = threading.Event()
    slow = [
        asyncio.create_task(transaction(lambda _: may_end.wait()))
        for transaction in (opened.write, opened.read)
    ]
    await store.upkeep.counts()

    assert not any(task.done() for task in slow)
    may_end.set()
    await asyncio.gather(*slow)
    await store.close()


async def test_transactions_that_fail_write_nothing(database: str) -> None:
    opened = Database.at(database)

    def fail(connection: Connection) -> None:
        connection.execute(_INSERT)
        raise LookupError

    with pytest.raises(LookupError):
        await opened.write(fail)
    await opened.close()

    assert await query(database, "SELECT count(*) FROM twentythree_command_hashes") == [0]


async def test_an_error_of_the_database_is_told_without_what_was_written(database: str) -> None:
    opened = Database.at(database)
    insert = text("INSERT INTO twentythree_command_hashes VALUES (:secret, NULL)")
    with pytest.raises(StorageError) as caught:
        await opened.write(
            lambda connection: connection.execute(insert, {"secret": "what I wrote"})
        )
    await opened.close()

    message = str(caught.value).lower()
    assert "not null" in message or "not-null" in message
    assert "what I wrote" not in f"{caught.value} {caught.value.__cause__}"


async def test_a_store_that_was_closed_says_so_and_leaves_no_thread(
    sqlite_database: str,
) -> None:
    store = await Store.open(sqlite_database)
    await store.upkeep.counts()
    await store.close()

    assert not [one for one in threading.enumerate() if one.name.startswith("twentythree")]
    with pytest.raises(StorageError, match="The bot is stopping"):
        await store.upkeep.counts()


async def test_much_that_was_written_is_moved_into_the_file_and_little_is_left(
    tmp_path: Path,
) -> None:
    path = tmp_path / "store.db"
    engine = sqlite.SqliteEngine(read_address(f"sqlite:///{path}"), "here", 1.0)
    await _write(engine, "CREATE TABLE much (one)")
    await engine.write_back()
    before = path.stat().st_size

    for _ in range(39):
        await _write(engine, "INSERT INTO much VALUES (zeroblob(10000))")
    await engine.write_back()
    written = path.stat().st_size
    await _write(engine, "INSERT INTO much VALUES (zeroblob(10000))")
    await engine.write_back()

    assert written > before + 300_000
    assert path.stat().st_size == written
    await engine.close()
    assert path.stat().st_size > written


async def test_what_cannot_be_written_back_is_no_error_and_holds_up_no_end(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    engine = sqlite.SqliteEngine(read_address(f"sqlite:///{path}"), "here", 1.0)
    await _write(engine, "CREATE TABLE much (one)")
    for _ in range(40):
        await _write(engine, "INSERT INTO much VALUES (zeroblob(10000))")
    with closing(_other(tmp_path)) as other:
        # Somebody who looks keeps the log from being moved.
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM much").fetchall()
        await _write(engine, "INSERT INTO much VALUES (zeroblob(10000))")
        path.unlink()
        writing_back = asyncio.create_task(engine.write_back())
        await asyncio.sleep(0)
        writing_back.cancel()
        await engine.close()

    assert not [one for one in threading.enumerate() if one.name.startswith("twentythree")]
    await engine.write_back()


async def test_opening_leaves_the_hosts_logging_alone(tmp_path: Path) -> None:
    host = logging.getLogger("host")
    before = (logging.root.handlers[:], logging.root.level, host.disabled)
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'store.db'}")
    await store.close()

    assert (logging.root.handlers, logging.root.level, host.disabled) == before
    assert all(
        isinstance(handler, logging.NullHandler)
        for handler in logging.getLogger("alembic").handlers
    )


def _other(tmp_path: Path) -> sqlite3.Connection:
    return sqlite3.connect(tmp_path / "store.db", timeout=0, check_same_thread=False)


async def _write(engine: sqlite.SqliteEngine, statement: str) -> None:
    run = text(statement)
    await engine.write(lambda connection: connection.execute(run), threading.Event())
