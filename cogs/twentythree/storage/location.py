"""Where the database is: its address, which is told to people without what is secret in it."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from sqlalchemy import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from ..errors import StorageError

_DRIVERS: Final = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+asyncpg"}
# How an address may name these drivers. SQLite is Python's own, whichever name it goes by.
_NAMES: Final = {
    "sqlite": ("sqlite", "sqlite+aiosqlite"),
    "postgresql": ("postgresql", "postgresql+asyncpg"),
}

# What may stand in an address of PostgreSQL's after its "?".
_OPTIONS: Final = frozenset(
    [
        "host",
        "port",
        "user",
        "password",
        "passfile",
        "database",
        "command_timeout",
        "prepared_statement_cache_size",
        "ssl",
        "sslmode",
        "sslrootcert",
        "sslcert",
        "sslkey",
        "direct_tls",
        "target_session_attrs",
        "krbsrvname",
        "gsslib",
    ]
)

PORT: Final = 5432
_LAST_PORT: Final = 65_535
OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def read_address(address: str) -> URL:
    """Read an SQLAlchemy address, with the driver that is used.

    Raises:
        StorageError: it cannot be understood, or names another driver.
    """
    try:
        url = make_url(_with_hosts_apart(address))
        backend = url.get_backend_name()
        driver = _DRIVERS[backend]
        if backend == "postgresql":
            _check_servers(url)
        else:
            file_of(url)
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
    if backend == "postgresql" and "@" in place_of(url):
        # A piece of the password would be told as the place.
        raise StorageError(
            "TWENTYTHREE_DATABASE_URL has an @ too many; in a user name or a password write it as "
            "%40, and a / as %2F."
        )
    if backend == "postgresql" and (unknown := sorted(url.query.keys() - _OPTIONS)):
        raise StorageError(
            f"TWENTYTHREE_DATABASE_URL has an option that there is not: {unknown[0]}; remove it."
        )
    return url.set(drivername=driver)


def _check_servers(url: URL) -> None:
    """See whether the driver would find servers and their ports in an address."""
    known = url.set(drivername=_DRIVERS["postgresql"])
    _, told = known.get_dialect()().create_connect_args(known)
    ports = told.get("port")
    for one in ports if isinstance(ports, list) else [ports or PORT]:
        if not 0 < int(one) <= _LAST_PORT:
            raise ValueError


def _with_hosts_apart(address: str) -> str:
    """Write several servers the way SQLAlchemy reads them.

    libpq's ``user@one:5432,two:5432/name`` becomes ``user@/name?host=one:5432&host=two:5432``.
    """
    scheme, _, rest = address.partition("://")
    authority, slash, path = rest.partition("/")
    user, at, hosts = authority.rpartition("@")
    if not scheme.startswith("postgresql") or "," not in hosts:
        return address
    named = [one if ":" in one else f"{one}:{PORT}" for one in hosts.split(",")]
    path, _, query = path.partition("?")
    asked = "&".join([*(f"host={one}" for one in named), *filter(None, [query])])
    return f"{scheme}://{user}{at}{slash or '/'}{path}?{asked}"


def place_of(url: URL) -> str:
    """Name the database in a message: SQLite's file by its whole path; no user, no password."""
    if url.get_backend_name() == "sqlite":
        return str(file_of(url) or url.database or "in memory")
    named = url.query.get("host", ())
    if url.host or isinstance(named, str) or not named:
        return f"{url.database} at {_server(url, str(url.host or named or 'localhost'))}"
    return f"{url.database} at {' or '.join(named)}"


def _server(url: URL, host: str) -> str:
    # By its port another server of the same machine is known.
    port = str(url.port or url.query.get("port", PORT))
    shown = f"[{host}]" if host == url.host and ":" in host else host
    return shown if port == str(PORT) else f"{shown}:{port}"


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
    # Unlike Path's own way, this finds an end where links go round in a circle.
    return None if name in {None, "", ":memory:"} else Path(os.path.realpath(name))


def is_to_be_made(address: str) -> Path | None:
    """Return the whole path of a SQLite database that is not there yet."""
    path = file_of(read_address(address))
    # Where that cannot be told, opening it says why.
    return path if path is not None and not os.path.exists(path) else None  # noqa: PTH110


def open_to_others(address: str) -> str | None:
    """Return a sentence if other users of the machine may open the database's file."""
    path = file_of(read_address(address))
    try:
        if path is None or not path.stat().st_mode & OTHERS:
            return None
    except OSError:
        return None
    return f"other users of this machine could open {path}; the bot keeps them out from now on."
