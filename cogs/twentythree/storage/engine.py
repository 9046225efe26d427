"""Transactions: each is a function of a connection, run as a whole, on either database.

What is wrong with the database is told by the last of them, and by those under way.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from collections.abc import Awaitable, Callable, Coroutine, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ..errors import StorageError, StorageLostError
from .lead import Lead
from .location import no_driver, place_of, read_address
from .sqlite import PATIENCE_S, SqliteEngine

if TYPE_CHECKING:
    from .postgres import PostgresEngine

# A transaction takes milliseconds where nobody else holds the database.
_SLOW: Final = timedelta(seconds=2.5)
# A stat every two seconds costs nothing.
_WATCH_S = 2.0
_OF_FILES = "the place exists and may be written to"
_OF_SERVERS = "its server runs and lets the bot in"
_P = ParamSpec("_P")
_T = TypeVar("_T")


class Why(Enum):
    """Why the database cannot be used."""

    GONE = "its file was deleted or replaced"
    FULL = "there is no room for more"
    LOCKED = "another process holds it"
    AWAY = "its server cannot be reached, or takes no more connections"
    READ_ONLY = "its server takes no writes"
    UNUSABLE = "anything else"


# https://www.postgresql.org/docs/current/errcodes-appendix.html; two letters are a whole class.
_OF_STATES: Final = {
    "08": Why.AWAY,
    "25006": Why.READ_ONLY,
    "53100": Why.FULL,
    "53300": Why.AWAY,
    # A statement that was ended: it had waited for longer than the role may, or somebody ended it.
    "55P03": Why.LOCKED,
    "57014": Why.LOCKED,
    # What a server says of itself while it ends or begins.
    "57P01": Why.AWAY,
    "57P02": Why.AWAY,
    "57P03": Why.AWAY,
}


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
            why = Why.GONE if isinstance(error, StorageLostError) else why_of(error.__cause__)
            self._note(why, str(error), is_write=is_write)
            raise
        finally:
            del self._begun[token]
        # What can be written to can be read; the other way round it is not so.
        self._failed.pop(False, None)
        if is_write:
            self._failed.clear()

    def note_wait(self, error: Exception, *, is_write: bool) -> None:
        """Note for what a transaction waits that is under way."""
        text = f"The database {self._place} is waited for: {reason(error)}."
        self._note(why_of(error), text, is_write=is_write)

    def _note(self, why: Why, text: str, *, is_write: bool) -> None:
        before = self._failed.get(is_write)
        since = self._now() if before is None else before.since
        self._failed[is_write] = Broken(why=why, since=since, text=text)

    @property
    def oldest_begun(self) -> object | None:
        """What stands for the transaction that has been under way for longest; ``None``: none."""
        return next(iter(self._begun), None)

    @property
    def broken(self) -> Broken | None:
        """What is wrong now; ``None``: nothing that is known."""
        found = min(self._failed.values(), key=lambda one: one.since, default=None)
        begun = min(self._begun.values(), default=None)
        if found is not None or begun is None or self._now() - begun < _SLOW:
            return found
        text = f"The database {self._place} is slow to answer; another process may hold it."
        return Broken(why=Why.LOCKED, since=begun, text=text)


def why_of(error: BaseException | None) -> Why:
    """Return what an error of either driver, or of SQLAlchemy, means."""
    found = error.orig if isinstance(error, DBAPIError) else error
    state = state_of_error(error)
    known = _OF_STATES.get(state) or _OF_STATES.get(state[:2])
    if known is not None:
        return known
    code = getattr(found, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return Why.FULL
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Why.LOCKED
    is_cut = isinstance(error, DBAPIError) and error.connection_invalidated
    # What asyncpg makes of a connection that ends while it is being set up, or told to end.
    is_cut |= type(found).__name__ == "InternalClientError"
    return Why.AWAY if is_cut or isinstance(found, ConnectionError | TimeoutError) else Why.UNUSABLE


def state_of_error(error: BaseException | None) -> str:
    """Return the SQLSTATE of an error of PostgreSQL's, or nothing."""
    found = error.orig if isinstance(error, DBAPIError) else error
    return getattr(found, "sqlstate", None) or ""


def reason(error: Exception) -> str:
    """Return an error's words, without the values that it is about."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    # Only the first line: PostgreSQL quotes the row that offends in the second.
    if isinstance(cause, ConnectionError) and cause.errno:
        # asyncio's own words name the place once more.
        return os.strerror(cause.errno).lower()
    if isinstance(cause, OSError) and cause.strerror:
        # Its text names the place once more.
        return cause.strerror.lower()
    lines = str(cause).splitlines()
    return lines[0] if lines else type(cause).__name__


class Database:
    """Runs the two kinds of transaction. Errors of the database come out as ``StorageError``.

    Attributes:
        place: what people are told that the database is.
        health: what is wrong with it.
    """

    def __init__(
        self, engine: SqliteEngine | PostgresEngine, place: str, health: Health | None = None
    ) -> None:
        self._engine = engine
        self.place = place
        self.health = health or Health(place, now=partial(datetime.now, UTC))

    @classmethod
    def at(
        cls, address: str, *, lead: Lead | None = None, patience_s: float = PATIENCE_S
    ) -> Database:
        """Prepare for the database at ``address``; nothing is opened yet.

        ``lead``: on PostgreSQL nothing is written once its term is over. ``patience_s``: for how
        long a writer waits for another process to let SQLite's file go, and anything for
        PostgreSQL's server to come back.

        Raises:
            StorageError: the address cannot be understood, or its driver is not installed.
        """
        url = read_address(address)
        if url.get_backend_name() == "sqlite":
            return cls(SqliteEngine(url, place_of(url), patience_s), place_of(url))
        # SQLAlchemy's part for asyncio brings its ORM along, which SQLite has no use for.
        from .postgres import PostgresEngine  # noqa: PLC0415

        health = Health(place_of(url), now=partial(datetime.now, UTC))
        try:
            return cls(PostgresEngine(url, health, patience_s, lead), place_of(url), health)
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
            is_file = isinstance(self._engine, SqliteEngine)
            raise StorageError(
                f"The database {self.place} cannot be used: {reason(error)}; check "
                f"TWENTYTHREE_DATABASE_URL, and that {_OF_FILES if is_file else _OF_SERVERS}."
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

    @wraps(method)
    async def run(self: _Part, /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        return await self._database.read(
            lambda connection: method(self, connection, *args, **kwargs)
        )

    return run


def writes(
    method: Callable[Concatenate[_Part, Connection, _P], _T],
) -> Callable[Concatenate[_Part, _P], Coroutine[Any, Any, _T]]:
    """Make a method of the store from what it writes; its caller gives no connection."""

    @wraps(method)
    async def run(self: _Part, /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        return await self._database.write(
            lambda connection: method(self, connection, *args, **kwargs)
        )

    return run
