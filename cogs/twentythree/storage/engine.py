"""Transactions: each is a function of a connection, run as a whole, on either database.

What is wrong with the database is told by its last transactions, and by those under way.
"""

from __future__ import annotations

import asyncio
import functools
import sqlite3
import threading
from collections.abc import Awaitable, Callable, Coroutine, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ..errors import StorageError, StorageLostError
from .lead import Lead
from .location import no_driver, place_of, read_address
from .sqlite import PATIENCE_S, SqliteEngine

if TYPE_CHECKING:
    from .postgres import PostgresEngine

# A stat every two seconds costs nothing.
_WATCH_S = 2.0
_P = ParamSpec("_P")
_T = TypeVar("_T")


class Database:
    """Runs the two kinds of transaction. Errors of the database come out as ``StorageError``.

    Attributes:
        place: what people are told that the database is.
        health: what is wrong with it.
    """

    def __init__(self, engine: SqliteEngine | PostgresEngine, place: str) -> None:
        self._engine = engine
        self.place = place
        self.health = Health(place, now=lambda: datetime.now(UTC))

    @classmethod
    def at(
        cls, address: str, *, lead: Lead | None = None, patience_s: float = PATIENCE_S
    ) -> Database:
        """Prepare for the database at ``address``; nothing is opened yet.

        ``lead``: on PostgreSQL nothing is written once its term is over. ``patience_s``: for how
        long a writer waits for another process to let SQLite's file go.

        Raises:
            StorageError: the address cannot be understood, or its driver is not installed.
        """
        url = read_address(address)
        if url.get_backend_name() == "sqlite":
            return cls(SqliteEngine(url, place_of(url), patience_s), place_of(url))
        # SQLAlchemy's part for asyncio brings its ORM along, which SQLite has no use for.
        from .postgres import PostgresEngine  # noqa: PLC0415

        try:
            return cls(PostgresEngine(url, place_of(url), lead), place_of(url))
        except ImportError:
            raise StorageError(no_driver(url)) from None

    async def read(self, work: Callable[[Connection], _T]) -> _T:
        """Run a transaction that only reads: one consistent picture."""
        with self.health.noting(is_write=False), self._telling():
            return await to_its_end(self._engine.read(work))

    async def write(self, work: Callable[[Connection], _T]) -> _T:
        """Run a transaction that writes: all of it, or nothing where ``work`` raises."""
        with self.health.noting(is_write=True), self._telling():
            given_up = threading.Event()
            return await to_its_end(self._engine.write(work, given_up), given_up.set)

    async def watch(self) -> None:
        """Look now and then whether the database is still there, until cancelled.

        Raises:
            StorageLostError: it is not.
        """
        while True:
            if isinstance(self._engine, SqliteEngine):
                await asyncio.to_thread(self._engine.check)
                await self._engine.write_back()
            await asyncio.sleep(_WATCH_S)

    def abandon(self) -> None:
        """End what is under way on PostgreSQL, and begin nothing more: another process leads."""
        if not isinstance(self._engine, SqliteEngine):
            self._engine.abandon()

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.close()

    @contextmanager
    def _telling(self) -> Generator[None]:
        try:
            yield
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            raise StorageError(
                f"The database {self.place} cannot be used: {_reason(error)}; check "
                "TWENTYTHREE_DATABASE_URL, and that the place exists and may be written to."
            ) from error


async def to_its_end(work: Awaitable[_T], give_up: Callable[[], object] | None = None) -> _T:
    """Have work end once it was begun, also where its caller is cancelled meanwhile.

    ``give_up`` is called then: what is not begun yet need not be.

    The cancellation is passed on afterwards: whoever was cancelled knows that nothing of it goes
    on behind his back.
    """
    begun = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(begun)
    except asyncio.CancelledError:
        if give_up is not None:
            give_up()
        while not begun.done():
            # Cancelled once more: it is only milliseconds that are waited for.
            with suppress(asyncio.CancelledError):
                await asyncio.wait([begun])
        if not begun.cancelled():
            begun.exception()  # looked at: nobody is left to be told
        raise


class Part:
    """One of the pieces that the store is put together from."""

    def __init__(self, database: Database) -> None:
        self._database = database


_Part = TypeVar("_Part", bound=Part)


def reads(
    method: Callable[Concatenate[_Part, Connection, _P], _T],
) -> Callable[Concatenate[_Part, _P], Coroutine[Any, Any, _T]]:
    """Make a method of the store from what it reads; its caller gives no connection."""

    @functools.wraps(method)
    async def run(self: _Part, /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        return await self._database.read(
            lambda connection: method(self, connection, *args, **kwargs)
        )

    return run


def writes(
    method: Callable[Concatenate[_Part, Connection, _P], _T],
) -> Callable[Concatenate[_Part, _P], Coroutine[Any, Any, _T]]:
    """Make a method of the store from what it writes; its caller gives no connection."""

    @functools.wraps(method)
    async def run(self: _Part, /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        return await self._database.write(
            lambda connection: method(self, connection, *args, **kwargs)
        )

    return run


def _reason(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    # Only the first line: PostgreSQL quotes the row that offends in the second.
    if isinstance(cause, OSError) and cause.strerror:
        # Its text names the place once more.
        return cause.strerror.lower()
    lines = str(cause).splitlines()
    return lines[0] if lines else type(cause).__name__


# https://www.postgresql.org/docs/current/errcodes-appendix.html: disk_full.
_DISK_FULL: Final = "53100"
# A transaction takes milliseconds where nobody else holds the database.
_SLOW: Final = timedelta(seconds=2.5)


class Why(Enum):
    """Why the database cannot be used."""

    GONE = "its file was deleted or replaced"
    FULL = "there is no room for more"
    LOCKED = "another process holds it"
    UNUSABLE = "anything else"


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """Why the database cannot be used, and since when; ``text`` may name where it is."""

    why: Why
    since: datetime
    text: str


class Health:
    """Is told of every transaction. ``place`` is what people are told that the database is."""

    def __init__(self, place: str, now: Callable[[], datetime]) -> None:
        self._place = place
        self._now = now
        self._failed: dict[bool, Broken] = {}
        self._begun: dict[object, datetime] = {}

    @contextmanager
    def noting(self, *, is_write: bool) -> Generator[None]:
        """Note how the transaction in the block goes."""
        token = object()
        self._begun[token] = self._now()
        try:
            yield
        except StorageError as error:
            self._note(error, is_write=is_write)
            raise
        finally:
            del self._begun[token]
        # What can be written to can be read; the other way round it is not so.
        self._failed.pop(False, None)
        if is_write:
            self._failed.clear()

    def _note(self, error: StorageError, *, is_write: bool) -> None:
        before = self._failed.get(is_write)
        since = self._now() if before is None else before.since
        self._failed[is_write] = Broken(why=_why(error), since=since, text=str(error))

    @property
    def broken(self) -> Broken | None:
        """What is wrong now; ``None``: nothing that is known."""
        found = min(self._failed.values(), key=lambda one: one.since, default=None)
        begun = min(self._begun.values(), default=None)
        if found is not None or begun is None or self._now() - begun < _SLOW:
            return found
        text = f"The database {self._place} is slow to answer; another process may hold it."
        return Broken(why=Why.LOCKED, since=begun, text=text)


def _why(error: StorageError) -> Why:
    if isinstance(error, StorageLostError):
        return Why.GONE
    cause = error.__cause__
    found = cause.orig if isinstance(cause, DBAPIError) else cause
    code = getattr(found, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL or getattr(found, "sqlstate", None) == _DISK_FULL:
        return Why.FULL
    return Why.LOCKED if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) else Why.UNUSABLE
