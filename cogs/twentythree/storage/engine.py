"""Connections: the address checked, the pragmas set, one transaction at a time for writers."""

from __future__ import annotations

import asyncio
import functools
import logging
import sqlite3
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    closing,
    contextmanager,
    nullcontext,
    suppress,
)
from typing import Any, Final, ParamSpec, TypeVar

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from ..errors import StorageError

_log = logging.getLogger("twentythree.storage")

_P = ParamSpec("_P")
_T = TypeVar("_T")

_DRIVERS: Final = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}
# Short, so that a stop need not wait for long; what counts is how often it is tried.
_BUSY_TIMEOUT_MS: Final = 2_000
# A backup or a migration by hand may hold the file for a while.
PATIENCE_S: Final = 120.0
_ATTEMPTS: Final = 10
_WRITES: Final = "twentythree_writes"

_PRAGMAS: Final = (
    # First, so that the others wait as well where another process holds the file.
    f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}",
    "PRAGMA journal_mode = WAL",
    # WAL alone survives a crash of the process; FULL also survives one of the machine.
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
)


class Database:
    """The engine with its two kinds of transaction. Errors come out as ``StorageError``."""

    def __init__(self, engine: AsyncEngine, place: str, patience_s: float = PATIENCE_S) -> None:
        self._reader = engine
        self._writer = engine.execution_options(**{_WRITES: True})
        self._place = place
        self._attempts = max(1, round(patience_s * 1000 / _BUSY_TIMEOUT_MS))
        self._is_closing = False
        # SQLite has one writer at a time anyway; queueing here is fair and does not poll.
        self._turn: AbstractAsyncContextManager[Any] = (
            asyncio.Lock() if engine.dialect.name == "sqlite" else nullcontext()
        )

    @classmethod
    def at(cls, address: str, *, patience_s: float = PATIENCE_S) -> Database:
        """Prepare for the database at ``address``; nothing is opened yet.

        ``patience_s``: for how long a writer waits for another process to let SQLite's file go.

        Raises:
            StorageError: the address cannot be understood, or its driver is not installed.
        """
        url = _read_address(address)
        options: dict[str, Any] = {"pool_pre_ping": True}
        if url.get_backend_name() == "sqlite":
            options = {"poolclass": AsyncAdaptedQueuePool}
            if url.database in (None, "", ":memory:"):
                # Such a database lives in its connection: one, never two.
                options |= {"pool_size": 1, "max_overflow": 0}
        try:
            # Parameters hold comments' text, which must not get into a log by way of an error.
            engine = create_async_engine(url, hide_parameters=True, **options)
        except (ImportError, SQLAlchemyError):
            raise StorageError(_driver_missing(url)) from None
        if engine.dialect.name == "sqlite":
            event.listen(engine.sync_engine, "connect", _set_up_sqlite)
            event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return cls(engine, _place(url), patience_s)

    async def probe(self) -> None:
        """Look whether the database can be opened at all, as far as that is cheap.

        Where opening fails, aiosqlite leaves its thread to end some time later, with a traceback
        on stderr if the event loop is gone by then. So SQLite's own module goes first.
        """
        engine = self._reader.sync_engine
        if engine.dialect.name == "sqlite":
            positional, named = engine.dialect.create_connect_args(engine.url)
            with self._telling():
                await asyncio.to_thread(_touch, *positional, **named)

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[AsyncConnection]:
        """Open a transaction that only reads: one consistent picture."""
        with self._telling():
            async with self._reader.begin() as connection:
                yield connection

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[AsyncConnection]:
        """Open a transaction that writes: all of it, or nothing where the block raises."""
        async with self._turn:
            with self._telling():
                async with AsyncExitStack() as stack:
                    yield await self._begun(stack)

    async def close(self) -> None:
        """Close every connection; who still waits for the file is sent away."""
        self._is_closing = True
        async with self._turn:
            await self._reader.dispose()

    async def _begun(self, stack: AsyncExitStack) -> AsyncConnection:
        """Begin to write, once whoever else holds the file has let it go."""
        for left in reversed(range(self._attempts)):
            try:
                return await stack.enter_async_context(self._writer.begin())
            except OperationalError as error:
                if not left or self._is_closing or not _is_locked(error):
                    raise
                level = logging.DEBUG if left < self._attempts - 1 else logging.WARNING
                _log.log(level, "another process holds the database %s; waiting", self._place)
        raise AssertionError("the last attempt returns or raises")

    @contextmanager
    def _telling(self) -> Generator[None]:
        try:
            yield
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            raise StorageError(
                f"The database {self._place} cannot be used: {_reason(error)}; check "
                "TWENTYTHREE_DATABASE_URL, and that the place exists and may be written to."
            ) from error


def whole(
    method: Callable[_P, Coroutine[Any, Any, _T]],
) -> Callable[_P, Coroutine[Any, Any, _T]]:
    """Have a method end what it began, also where its caller is cancelled meanwhile.

    The cancellation is passed on afterwards. A statement of SQLite that is left in the middle
    would keep the file locked for as long as anything, such as a traceback, refers to it.
    """

    @functools.wraps(method)
    async def run(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        task = asyncio.create_task(method(*args, **kwargs))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            while not task.done():
                # Cancelled once more: it is only milliseconds that are waited for.
                with suppress(asyncio.CancelledError):
                    await asyncio.wait([task])
            if not task.cancelled():
                task.exception()  # looked at: nobody is left to be told
            raise

    return run


class Part:
    """One of the pieces that the store is put together from."""

    def __init__(self, database: Database) -> None:
        self._database = database


def _read_address(address: str) -> URL:
    try:
        url = make_url(address)
        driver = _DRIVERS[url.get_backend_name()]
    except (SQLAlchemyError, ValueError, KeyError):
        # Not chained: those errors quote pieces of the address, maybe of the password.
        raise StorageError(
            "TWENTYTHREE_DATABASE_URL is not the address of a database that the plugin knows; "
            "write it like sqlite+aiosqlite:///twentythree.db or "
            "postgresql+asyncpg://user:password@host/database."
        ) from None
    return url if "+" in url.drivername else url.set(drivername=driver)


def _driver_missing(url: URL) -> str:
    wanted = _DRIVERS[url.get_backend_name()]
    if url.drivername != wanted:
        return f"TWENTYTHREE_DATABASE_URL must start with {wanted}://, the driver that is used."
    return (
        f"TWENTYTHREE_DATABASE_URL asks for {wanted}, whose package is not installed; "
        "install discord-twentythree[postgres]."
    )


def _place(url: URL) -> str:
    if url.get_backend_name() == "sqlite":
        return url.database or "in memory"
    return f"{url.database} at {url.host}"


def _reason(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    # Only the first line: PostgreSQL quotes the row that offends in the second.
    lines = str(cause).splitlines()
    return lines[0] if lines else type(cause).__name__


def _is_locked(error: DBAPIError) -> bool:
    code = getattr(error.orig, "sqlite_errorcode", sqlite3.SQLITE_OK)
    return code & 0xFF == sqlite3.SQLITE_BUSY


def _touch(*positional: Any, **named: Any) -> None:
    with closing(sqlite3.connect(*positional, **named)) as connection:
        connection.execute("PRAGMA schema_version")


def _set_up_sqlite(connection: Any, record: object) -> None:
    del record
    # The module sqlite3 begins transactions late, and by rules of its own; _begin_sqlite does.
    try:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            _insist(cursor, pragma)
        cursor.close()
    except BaseException:
        # The pool does not know this connection yet; its thread would be left behind.
        connection.terminate()
        raise


def _insist(cursor: Any, pragma: str) -> None:
    # Of several that turn a new file to WAL at once, SQLite refuses all but one without
    # waiting, lest they wait for each other. By the next attempt it is done, or waited for.
    for _ in range(_ATTEMPTS):
        with suppress(sqlite3.OperationalError):
            cursor.execute(pragma)
            return
    cursor.execute(pragma)


def _begin_sqlite(connection: Connection) -> None:
    # A writer that began as a reader would be refused at once, without waiting, where another
    # process wrote in between: https://sqlite.org/isolation.html
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
