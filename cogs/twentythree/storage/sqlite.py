"""SQLite: its file, its connections with their pragmas, the threads that transactions run in.

A transaction is one visit to a thread. A visit for each statement, as a driver for asyncio makes
it, takes longer than the statements do. The file is for its owner's eyes only, and must stay the
same as long as we run.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import stat
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from ..errors import StorageClosedError, StorageLostError
from .location import OTHERS, file_of

_T = TypeVar("_T")

_log = logging.getLogger("twentythree.storage")

# Short, so that a stop need not wait for long; what counts is how often it is tried.
_BUSY_TIMEOUT_MS: Final = 2_000
# A backup or a migration by hand may hold the file for a while.
PATIENCE_S: Final = 120.0
_ATTEMPTS: Final = 10
_OWNER_ONLY: Final = 0o600
# SQLite gives new ones the mode of the database; these may be left from a time before it had it.
_BESIDE: Final = ("", "-wal", "-shm", "-journal", ".lock")
_WRITES: Final = "twentythree_writes"
# About half of the thousand pages after which SQLite would do it, in the midst of a transaction.
_WORTH_WRITING_BACK: Final = 40
# A long look, such as one at all that waits, must not hold up the short ones.
_READERS: Final = 3

_PRAGMAS: Final = (
    # First, so that the others wait as well where another process holds the file.
    f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}",
    "PRAGMA journal_mode = WAL",
    # WAL alone survives a crash of the process; FULL also survives one of the machine.
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
)


class SqliteEngine:
    """Runs transactions in threads: one for writers, who take turns, and some for readers.

    ``place`` is what the log calls the database. ``patience_s``: for how long a writer waits for
    another process to let the file go.
    """

    def __init__(self, url: URL, place: str, patience_s: float) -> None:
        self._place = place
        self._attempts = max(1, round(patience_s * 1000 / _BUSY_TIMEOUT_MS))
        self._is_closing = False
        self._not_written_back = 0
        self._given_up = threading.Event()
        path = file_of(url)
        in_memory = path is None
        self._file = None if path is None else DatabaseFile(path)
        # A database in memory lives in its connection: one, never two.
        size = 1 if in_memory else 1 + _READERS
        # Parameters hold comments' text, which must not get into a log by way of an error.
        self._engine = create_engine(
            url,
            hide_parameters=True,
            poolclass=QueuePool,
            pool_size=size,
            max_overflow=0,
            connect_args={"check_same_thread": False},
        )
        event.listen(self._engine, "do_connect", self._open_file)
        event.listen(self._engine, "connect", _set_up)
        self._writing: Engine = self._engine.execution_options(**{_WRITES: True})
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="twentythree-writer")
        self._readers = (
            self._writer
            if in_memory
            else ThreadPoolExecutor(_READERS, thread_name_prefix="twentythree-reader")
        )

    def read(self, work: Callable[[Connection], _T]) -> asyncio.Future[_T]:
        """Begin a transaction that only reads: one consistent picture."""
        return self._begun(self._readers, self._engine, work)

    def write(
        self, work: Callable[[Connection], _T], given_up: threading.Event
    ) -> asyncio.Future[_T]:
        """Begin a transaction that writes, after those that were begun before.

        Once it is ``given_up``, it does not wait for another process any more.
        """
        self._not_written_back += 1
        return self._begun(self._writer, self._writing, work, given_up)

    def check(self) -> None:
        """See whether the file is the one that was opened.

        Raises:
            StorageLostError: it is gone, or another.
        """
        if self._file is not None:
            self._file.check()

    async def write_back(self) -> None:
        """Move what was written from the log of writes into the file, where it is much.

        SQLite does so once the log has a thousand pages, within the transaction that finds that:
        that is one comment of fifty, which would wait for it. Not each time, since the write
        after it begins the log anew, which takes as long as another commit.
        """

        def run() -> None:
            # Trouble is noticed by those who have something to write.
            errors = suppress(SQLAlchemyError, sqlite3.Error, OSError)
            with errors, self._engine.connect() as connection:
                driver: Any = connection.connection.dbapi_connection
                driver.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

        if not self._is_closing and self._not_written_back >= _WORTH_WRITING_BACK:
            self._not_written_back = 0
            await asyncio.get_running_loop().run_in_executor(self._readers, run)

    def _open_file(self, *_: object) -> None:
        # SQLite would make one that everybody may read, and any that is not there.
        if self._file is not None:
            self._file.open()

    async def close(self) -> None:
        """End the threads, after what was begun, and close every connection.

        Who still waits for the file is sent away.
        """
        self._is_closing = True
        await asyncio.to_thread(self._end)

    def _end(self) -> None:
        self._readers.shutdown()
        self._writer.shutdown()
        self._engine.dispose()

    def _begun(
        self,
        executor: ThreadPoolExecutor,
        engine: Engine,
        work: Callable[[Connection], _T],
        given_up: threading.Event | None = None,
    ) -> asyncio.Future[_T]:
        def run() -> _T:
            if given_up is not None:
                # Writers take turns, so that it is the one that begins now.
                self._given_up = given_up
            # What is written to a file that nobody finds again is lost.
            self.check()
            # Not in an event of the engine: that one makes SQLAlchemy look for events at each
            # statement, which takes longer than many a statement does.
            with engine.begin() as connection:
                self._begin(connection)
                return work(connection)

        try:
            return asyncio.get_running_loop().run_in_executor(executor, run)
        except RuntimeError:
            raise StorageClosedError from None

    def _begin(self, connection: Connection) -> None:
        # Past SQLAlchemy, which would make a result of it: this is half of the way to a post.
        driver: Any = connection.connection.dbapi_connection
        if not connection.get_execution_options().get(_WRITES, False):
            driver.execute("BEGIN")
            return
        # A writer that began as a reader would be refused at once, without waiting, where another
        # process wrote in between: https://sqlite.org/isolation.html
        for left in reversed(range(self._attempts)):
            is_unwanted = self._is_closing or self._given_up.is_set()
            self._set_patience(connection, driver, 0 if is_unwanted else _BUSY_TIMEOUT_MS)
            try:
                driver.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if not left or is_unwanted or not _is_locked(error):
                    raise
                level = logging.DEBUG if left < self._attempts - 1 else logging.WARNING
                _log.log(level, "another process holds the database %s; waiting", self._place)
            else:
                return

    @staticmethod
    def _set_patience(connection: Connection, driver: Any, busy_ms: int) -> None:
        if connection.info.get("busy_ms", _BUSY_TIMEOUT_MS) != busy_ms:
            driver.execute(f"PRAGMA busy_timeout = {busy_ms}")
            connection.info["busy_ms"] = busy_ms


class DatabaseFile:
    """The file at ``path``, as it was when it was opened first."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._identity: tuple[int, int] | None = None

    def open(self) -> None:
        """Make the file if there is none, and keep it from other users of the machine.

        Raises:
            StorageLostError: it is another file than the first time.
            OSError: it cannot be made.
        """
        if self._identity is None:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, _OWNER_ONLY)
            try:
                found = os.fstat(descriptor)
            finally:
                os.close(descriptor)
            self._identity = (found.st_dev, found.st_ino)
            self._tighten()
        self.check()

    def check(self) -> None:
        """See whether it is still there; quick.

        Raises:
            StorageLostError: it was deleted, or there is another in its place.
        """
        if self._identity is None:
            return
        try:
            found = self._path.stat()
        except FileNotFoundError:
            raise StorageLostError(self._sentence("deleted")) from None
        if (found.st_dev, found.st_ino) != self._identity:
            raise StorageLostError(self._sentence("replaced"))

    def _sentence(self, how: str) -> str:
        return (
            f"The database {self._path} was {how} while the bot was running, and nothing more "
            "can be kept in it; put it back as it should be and start the bot again."
        )

    def _tighten(self) -> None:
        open_ones = []
        for end in _BESIDE:
            path = Path(f"{self._path}{end}")
            try:
                mode = stat.S_IMODE(path.stat().st_mode)
                if mode & OTHERS:
                    path.chmod(mode & ~OTHERS)
                    open_ones.append(path)
            except FileNotFoundError:
                continue
            except OSError as error:
                _log.warning("the database %s is open to others: %s", path, error.strerror)
        if open_ones:
            _log.warning(
                "the database %s was open to other users of this machine; it is not any more",
                self._path,
            )


def _set_up(connection: sqlite3.Connection, record: object) -> None:
    del record
    # The module sqlite3 begins transactions late, and by rules of its own; _begin does.
    try:
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            _insist(connection, pragma)
    except BaseException:
        # The pool does not know this connection yet.
        connection.close()
        raise


def _insist(connection: sqlite3.Connection, pragma: str) -> None:
    # Of several that turn a new file to WAL at once, SQLite refuses all but one without
    # waiting, lest they wait for each other. By the next attempt it is done, or waited for.
    for _ in range(_ATTEMPTS):
        with suppress(sqlite3.OperationalError):
            connection.execute(pragma)
            return
    connection.execute(pragma)


def _is_locked(error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
