"""The bot's database, as it is looked at and held from outside: SQLite's file, or PostgreSQL's."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import asyncpg
from sqlalchemy import make_url

from cogs.twentythree.storage.tables import metadata
from tests.fakes.databases import NAME, PostgresDatabases

_LEAD = "twentythree_lead"


class Holdings(Protocol):
    """What the bot keeps."""

    def rows(self, query: str) -> Sequence[Sequence[Any]]:
        """Return what a query finds."""

    def age_batches(self, seconds: float) -> None:
        """Let time pass for the batches that are not settled."""

    async def hold(self, for_s: float) -> None:
        """Keep everybody from writing for so long, as a backup or a shell might."""


class SqliteHoldings:
    """A file of SQLite's."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def rows(self, query: str) -> Sequence[Sequence[Any]]:
        """Return what a query finds."""
        with closing(sqlite3.connect(self._path)) as database:
            return database.execute(query).fetchall()

    def age_batches(self, seconds: float) -> None:
        """Let time pass for the batches that are not settled."""
        with closing(sqlite3.connect(self._path)) as database, database:
            database.execute(
                "UPDATE twentythree_batches SET created_at = "
                "strftime('%Y-%m-%d %H:%M:%f', created_at, ?) WHERE settled_at IS NULL",
                (f"-{seconds:.0f} seconds",),
            )

    async def hold(self, for_s: float) -> None:
        """Hold the database's only place for a writer."""
        database = sqlite3.connect(
            self._path, timeout=20, isolation_level=None, check_same_thread=False
        )
        with closing(database):
            await asyncio.to_thread(database.execute, "BEGIN IMMEDIATE")
            await asyncio.sleep(for_s)
            database.execute("ROLLBACK")


class PostgresHoldings:
    """A database of PostgreSQL's, at ``address``; nobody else has one on that server."""

    def __init__(self, databases: PostgresDatabases, address: str) -> None:
        self.databases = databases
        self.address = address

    def rows(self, query: str) -> Sequence[Sequence[Any]]:
        """Return what a query finds."""
        return self.databases.rows(self.address, query)

    def age_batches(self, seconds: float) -> None:
        """Let time pass for the batches that are not settled."""
        aged = f"created_at - interval '{seconds:.0f} seconds'"
        self.databases.run(
            self.address,
            f"UPDATE twentythree_batches SET created_at = {aged}"  # noqa: S608 - words of ours
            " WHERE settled_at IS NULL RETURNING 1",
        )

    async def hold(self, for_s: float) -> None:
        """Hold all tables against writers, but for the leader's signs."""
        names = ", ".join(name for name in metadata.tables if name != _LEAD)
        while True:
            # Who writes to several tables may hold what comes later here, and want what was first.
            with suppress(asyncpg.DeadlockDetectedError):
                async with self.connected() as connection, connection.transaction():
                    await connection.execute(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")
                    await asyncio.sleep(for_s)
                    return

    async def end_connections(self, pattern: str) -> None:
        """End the connections with such a name (``LIKE``), as an operator might."""
        async with self.connected() as connection:
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name LIKE $1",
                pattern,
            )

    @asynccontextmanager
    async def read_only(self) -> AsyncGenerator[None]:
        """Take no writes until the block is left; who writes now may go on to the end of it."""
        await self._set_read_only("on")
        try:
            yield
        finally:
            await self._set_read_only("off")

    async def _set_read_only(self, what: str) -> None:
        async with self.connected() as connection:
            await connection.execute(f"ALTER SYSTEM SET default_transaction_read_only = {what}")
            await connection.execute("SELECT pg_reload_conf()")

    @asynccontextmanager
    async def connected(self) -> AsyncGenerator[Any]:
        """Connect, past every network."""
        plain = make_url(self.address).set(drivername="postgresql")
        connection = await asyncpg.connect(
            plain.render_as_string(hide_password=False), server_settings={"application_name": NAME}
        )
        try:
            yield connection
        finally:
            await connection.close()


def seconds(told: str | datetime) -> float:
    """Return a time of either database's in seconds since 1970."""
    at = datetime.fromisoformat(told) if isinstance(told, str) else told
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
