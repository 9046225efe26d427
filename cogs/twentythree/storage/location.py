"""Where the database is: its address, and SQLite's file.

The address is told to people without what is secret in it. The file is for its owner's eyes
only, and must stay the same as long as we run.
"""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from sqlalchemy import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from ..errors import StorageError, StorageLostError

_log = logging.getLogger("twentythree.storage")

_DRIVERS: Final = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+asyncpg"}
# How an address may name these drivers. SQLite is Python's own, whichever name it goes by.
_NAMES: Final = {
    "sqlite": ("sqlite", "sqlite+aiosqlite"),
    "postgresql": ("postgresql", "postgresql+asyncpg"),
}

_PORT: Final = 5432
_OWNER_ONLY: Final = 0o600
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
# SQLite gives new ones the mode of the database; these may be left from a time before it had it.
_BESIDE: Final = ("", "-wal", "-shm", "-journal", ".lock")


def read_address(address: str) -> URL:
    """Read an SQLAlchemy address, with the driver that is used.

    Raises:
        StorageError: it cannot be understood, or names another driver.
    """
    try:
        url = make_url(_with_hosts_apart(address))
        backend = url.get_backend_name()
        driver = _DRIVERS[backend]
    except (SQLAlchemyError, ValueError, KeyError):
        # Not chained: those errors quote pieces of the address, maybe of the password.
        raise StorageError(
            "TWENTYTHREE_DATABASE_URL is not the address of a database that the plugin knows; "
            "write it like sqlite+aiosqlite:///twentythree.db or "
            "postgresql+asyncpg://user:password@host/database."
        ) from None
    if url.drivername not in _NAMES[backend]:
        raise StorageError(
            f"TWENTYTHREE_DATABASE_URL must start with {_NAMES[backend][-1]}://, "
            "the driver that is used."
        )
    return url.set(drivername=driver)


def _with_hosts_apart(address: str) -> str:
    """Write several servers the way SQLAlchemy reads them.

    libpq's ``user@one:5432,two:5432/name`` becomes ``user@/name?host=one:5432&host=two:5432``.
    """
    scheme, _, rest = address.partition("://")
    authority, slash, path = rest.partition("/")
    user, at, hosts = authority.rpartition("@")
    if not scheme.startswith("postgresql") or "," not in hosts:
        return address
    named = [one if ":" in one else f"{one}:{_PORT}" for one in hosts.split(",")]
    path, _, query = path.partition("?")
    asked = "&".join([*(f"host={one}" for one in named), *filter(None, [query])])
    return f"{scheme}://{user}{at}{slash or '/'}{path}?{asked}"


def place_of(url: URL) -> str:
    """Name the database in a message: SQLite's file by its whole path; no user, no password."""
    if url.get_backend_name() == "sqlite":
        return str(file_of(url) or url.database or "in memory")
    named = url.query.get("host", ())
    hosts = [url.host] if url.host else [named] if isinstance(named, str) else named
    return f"{url.database} at {' or '.join(hosts) or 'localhost'}"


def no_driver(url: URL) -> str:
    """Return a sentence for a database whose driver is not installed."""
    return (
        f"TWENTYTHREE_DATABASE_URL asks for {url.drivername}, whose package is not installed: "
        "pip install asyncpg."
    )


def file_of(url: URL) -> Path | None:
    """Return the whole path of SQLite's file; ``None``: in memory, or no SQLite."""
    name = url.database if url.get_backend_name() == "sqlite" else None
    if name is not None and name.startswith("file:"):
        in_memory = url.query.get("mode") == "memory"
        name = None if in_memory else unquote(urlsplit(name).path)
    return None if name in {None, "", ":memory:"} else Path(name).resolve()


def is_to_be_made(address: str) -> Path | None:
    """Return the whole path of a SQLite database that is not there yet."""
    path = file_of(read_address(address))
    return path if path is not None and not path.exists() else None


def open_to_others(address: str) -> str | None:
    """Return a sentence if other users of the machine may open the database's file."""
    path = file_of(read_address(address))
    try:
        if path is None or not path.stat().st_mode & _OTHERS:
            return None
    except OSError:
        return None
    return f"other users of this machine could open {path}; the bot keeps them out from now on."


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
                if mode & _OTHERS:
                    path.chmod(mode & ~_OTHERS)
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
