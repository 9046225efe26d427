"""The address of the database: read, checked, and told without what is secret in it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from ..errors import StorageError

_DRIVERS: Final = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+asyncpg"}
# How an address may name these drivers. SQLite is Python's own, whichever name it goes by.
_NAMES: Final = {
    "sqlite": ("sqlite", "sqlite+aiosqlite"),
    "postgresql": ("postgresql", "postgresql+asyncpg"),
}


def read_address(address: str) -> URL:
    """Read an SQLAlchemy address, with the driver that is used.

    Raises:
        StorageError: it cannot be understood, or names another driver.
    """
    try:
        url = make_url(address)
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


def place_of(url: URL) -> str:
    """Name the database in a message: SQLite's file by its whole path; no user, no password."""
    if url.get_backend_name() == "sqlite":
        return str(file_of(url) or url.database or "in memory")
    return f"{url.database} at {url.host}"


def file_of(url: URL) -> Path | None:
    """Return the whole path of SQLite's file; ``None`` for what is no file of ours to look at."""
    name = url.database if url.get_backend_name() == "sqlite" else None
    if not name or name == ":memory:" or name.startswith("file:"):
        return None
    return Path(name).resolve()


def is_to_be_made(address: str) -> Path | None:
    """Return the whole path of a SQLite database that is not there yet."""
    path = file_of(read_address(address))
    return path if path is not None and not path.exists() else None
