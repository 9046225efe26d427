"""Empty databases for tests, each a copy of one that was migrated: that is quicker than migrating.

``fresh()`` returns the address of another one each time; ``clear()`` removes those that there are.
"""

from __future__ import annotations

import asyncio
import secrets
import shutil
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Protocol, TypeVar

import asyncpg
from sqlalchemy import delete, make_url

from cogs.twentythree.storage import Store
from cogs.twentythree.storage.migrate import newest
from cogs.twentythree.storage.tables import VERSION_TABLE, metadata

_T = TypeVar("_T")


class Databases(Protocol):
    """Databases of one kind."""

    def fresh(self) -> str:
        """Return the address of an empty database of one's own."""


class SqliteFiles:
    """Files in ``folder``; ``empty`` is one that was migrated."""

    def __init__(self, folder: Path, empty: Path) -> None:
        self._folder = folder
        self._empty = empty
        self._count = 0

    def fresh(self) -> str:
        """Return the address of an empty database; the first is called ``store.db``."""
        name = f"store{self._count or ''}.db"
        self._count += 1
        # With its mode: what others may read is told, and mended, at each start.
        shutil.copy(self._empty, self._folder / name)
        return f"sqlite+aiosqlite:///{self._folder / name}"


async def migrated(address: str) -> None:
    """Make the tables in a database."""
    store = await Store.open(address)
    await store.close()


# As whom tests work with a database themselves.
NAME = "tests"
# Rows that were deleted stay for a while, and are in the way of those that are looked for.
_MOST_USES = 40
_END_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid != pg_backend_pid()
"""
_COUNT_ANEW = "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'"
_EMPTY = "; ".join(
    [
        _END_OTHERS,
        *(str(delete(one)) for one in reversed(metadata.sorted_tables)),
        _COUNT_ANEW,
    ]
)


class PostgresDatabases:
    """Databases on a server, at whose ``address`` there is one to begin with.

    They are made and removed by a thread of its own, with a connection that stays.
    """

    def __init__(self, address: str) -> None:
        self._url = make_url(address)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._name = f"twentythree_{secrets.token_hex(6)}"
        self._count = 0
        self._made: list[str] = []
        # Those that were emptied once, or may be, with a connection to each.
        self._used: dict[str, tuple[Any, int]] = {}
        self._free: list[str] = []
        self._lent: list[str] = []
        self._as_new = f"UPDATE {VERSION_TABLE} SET version_num = '{newest()}'"  # noqa: S608
        self._turn = asyncio.Lock()
        self._connection = self._wait(asyncpg.connect(self._dsn(self._url.database)))
        empty = f"{self._name}_empty"
        self._do(f"CREATE DATABASE {empty}")
        self._wait(migrated(self._address(empty)))
        self._empty = empty

    def fresh(self) -> str:
        """Return the address of an empty database; a test before may have used it, too.

        To empty one takes a tenth of what it takes to make one.
        """
        if self._free:
            name = self._free.pop()
        else:
            name = make_url(self.unused()).database or ""
            self._made.remove(name)
            self._used[name] = self._wait(asyncpg.connect(self._dsn(name))), 0
        self._lent.append(name)
        connection, uses = self._used[name]
        if uses:
            self._wait(connection.execute(f"{_EMPTY}; {self._as_new}"))
        self._used[name] = connection, uses + 1
        return self._address(name)

    def unused(self) -> str:
        """Return the address of an empty database that no test has used."""
        # Of the two strategies the quicker one for so small a database.
        return self._make(f" TEMPLATE {self._empty} STRATEGY FILE_COPY")

    def bare(self) -> str:
        """Return the address of a database without any table."""
        return self._make()

    def promised(self) -> str:
        """Return the address of a database that is still to be made."""
        self._count += 1
        self._made.append(f"{self._name}_{self._count}")
        return self._address(self._made[-1])

    def _make(self, how: str = "") -> str:
        address = self.promised()
        self._do(f"CREATE DATABASE {self._made[-1]}{how}")
        return address

    def run(self, address: str, *statements: str) -> list[Any]:
        """Run statements of the test's own, also while the loop of the test waits.

        Returns the first column of what the last one finds.
        """
        return [row[0] if row else None for row in self.rows(address, *statements)]

    def rows(self, address: str, *statements: str) -> list[Any]:
        """Run statements as :meth:`run` does; return the rows that the last one finds."""

        async def work() -> list[Any]:
            connection = await asyncpg.connect(
                self._dsn(make_url(address).database), server_settings={"application_name": NAME}
            )
            try:
                for one in statements[:-1]:
                    await connection.execute(one)
                return list(await connection.fetch(statements[-1]))
            finally:
                await connection.close()

        return self._wait(work())

    def remove(self, address: str) -> None:
        """Remove one that nobody else is to use, without a wait."""
        name = make_url(address).database or ""
        # All may have been removed meanwhile.
        if name in self._made:
            self._made.remove(name)
            self._drop(name)

    def clear(self) -> None:
        """Take back what was lent, and remove what nobody else is to use, without a wait."""
        for name in self._lent:
            connection, uses = self._used[name]
            if uses < _MOST_USES:
                self._free.append(name)
            else:
                del self._used[name]
                self._wait(connection.close())
                self._made.append(name)
        self._lent.clear()
        for name in self._made:
            self._drop(name)
        self._made.clear()

    def close(self) -> None:
        """Remove all, and let the server go."""
        for connection, _ in self._used.values():
            self._wait(connection.close())
        self._made += self._used
        self._lent.clear()
        self.clear()
        self._do(f"DROP DATABASE {self._empty} WITH (FORCE)")
        self._wait(self._connection.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _drop(self, name: str) -> None:
        work = self._execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        asyncio.run_coroutine_threadsafe(work, self._loop)

    def _do(self, statement: str) -> None:
        self._wait(self._execute(statement))

    async def _execute(self, statement: str) -> None:
        # A connection does one thing after the other.
        async with self._turn:
            if self._connection.is_closed():
                # The server has been restarted.
                self._connection = await asyncpg.connect(self._dsn(self._url.database))
            await self._connection.execute(statement)

    def _address(self, name: str) -> str:
        return self._url.set(database=name).render_as_string(hide_password=False)

    def _dsn(self, name: str | None) -> str:
        plain = self._url.set(drivername="postgresql", database=name)
        return plain.render_as_string(hide_password=False)

    def _wait(self, work: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


class PostgresFolders:
    """A database for each folder in which a bot would have a file of SQLite's."""

    def __init__(self, databases: PostgresDatabases) -> None:
        self._databases = databases
        self._addresses: dict[Path, str] = {}

    def address(self, folder: Path) -> str:
        """Return the address of the folder's database; at first it is empty."""
        if folder not in self._addresses:
            self._addresses[folder] = self._databases.unused()
        return self._addresses[folder]

    def rows(self, folder: Path, query: str) -> list[Any]:
        """Return the rows that a query finds there."""
        return self._databases.rows(self.address(folder), query)

    def clear(self) -> None:
        """Remove all that there are."""
        for address in self._addresses.values():
            self._databases.remove(address)
        self._addresses.clear()
