"""Connections: the address checked, the pragmas set, one transaction at a time for writers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import (
    AbstractAsyncContextManager,
    asynccontextmanager,
    contextmanager,
    nullcontext,
)
from typing import Any, Final

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from ..errors import StorageError

_DRIVERS: Final = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}
_BUSY_TIMEOUT_MS: Final = 15_000
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

    def __init__(self, engine: AsyncEngine, place: str) -> None:
        self._reader = engine
        self._writer = engine.execution_options(**{_WRITES: True})
        self._place = place
        # SQLite has one writer at a time anyway; queueing here is fair and does not poll.
        self._turn: AbstractAsyncContextManager[Any] = (
            asyncio.Lock() if engine.dialect.name == "sqlite" else nullcontext()
        )

    @classmethod
    def at(cls, address: str) -> Database:
        """Prepare for the database at ``address``; nothing is opened yet.

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
        return cls(engine, _place(url))

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
                async with self._writer.begin() as connection:
                    yield connection

    async def close(self) -> None:
        """Close every connection."""
        await self._reader.dispose()

    @contextmanager
    def _telling(self) -> Generator[None]:
        try:
            yield
        except (SQLAlchemyError, OSError) as error:
            raise StorageError(
                f"The database {self._place} cannot be used: {_reason(error)}; check "
                "TWENTYTHREE_DATABASE_URL, and that the place exists and may be written to."
            ) from error


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


def _reason(error: SQLAlchemyError | OSError) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    # Only the first line: PostgreSQL quotes the row that offends in the second.
    lines = str(cause).splitlines()
    return lines[0] if lines else type(cause).__name__


def _set_up_sqlite(connection: Any, record: object) -> None:
    del record
    # The module sqlite3 begins transactions late, and by rules of its own; _begin_sqlite does.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer that began as a reader would be refused at once, without waiting, where another
    # process wrote in between: https://sqlite.org/isolation.html
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
