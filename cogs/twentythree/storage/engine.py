"""Transactions: each is a function of a connection, run as a whole, on either database."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Awaitable, Callable, Coroutine, Generator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from ..errors import StorageError
from .health import Health, reason
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
            raise StorageError(
                f"The database {self.place} cannot be used: {reason(error)}; check "
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
