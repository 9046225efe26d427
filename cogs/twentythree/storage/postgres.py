"""PostgreSQL, through asyncpg: the same transactions, statement by statement over its socket.

A transaction that writes carries the term of its process: with its beginning, in the same message,
the row of the lead is held, so that no other term begins meanwhile; where it is another's, nothing
is written.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

import asyncpg
from sqlalchemy import URL, Connection, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import create_async_engine

from ..errors import LeadLostError, StorageError
from .lead import OVERTAKEN, Lead

_T = TypeVar("_T")

# What SQLAlchemy keeps to itself of an address.
_SQLALCHEMYS: Final = (
    *("async_fallback", "async_creator_fn"),
    *("prepared_statement_cache_size", "prepared_statement_name_func"),
)
_ABANDONED: Final = "The database {place} is another bot's to work with now."


def name_of(holder: str) -> str:
    """Return the name that connections of a holder of the lead have in the database."""
    return f"twentythree-{holder}"


def arguments(url: URL) -> dict[str, Any]:
    """Return what asyncpg is to be given for an address."""
    _, given = url.get_dialect()().create_connect_args(url)
    return {name: value for name, value in given.items() if name not in _SQLALCHEMYS}


class PostgresEngine:
    """Runs transactions on a pool of connections.

    ``place`` is what people are told that the database is. ``lead``: nothing is written once its
    term is over.
    """

    def __init__(self, url: URL, place: str, lead: Lead | None = None) -> None:
        named = {} if lead is None else {"application_name": name_of(lead.holder)}
        # Parameters hold comments' text, which must not get into a log by way of an error.
        self._engine = create_async_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=True,
            connect_args={"server_settings": named},
        )
        # Transactions that write are begun and ended here.
        self._writing = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._place = place
        self._lead = lead
        self._drivers: set[Any] = set()
        self._running: set[asyncio.Task[Any]] = set()
        self._is_abandoned = False
        event.listen(self._engine.sync_engine, "connect", self._note_driver)

    async def read(self, work: Callable[[Connection], _T]) -> _T:
        """Run a transaction that only reads."""
        async with self._running_here(), self._engine.begin() as connection:
            return await connection.run_sync(work)

    async def write(self, work: Callable[[Connection], _T], given_up: threading.Event) -> _T:
        """Run a transaction that writes.

        Raises:
            LeadLostError: the term is over.
        """
        del given_up  # nobody has to wait for the whole database here
        async with self._running_here(), self._writing.connect() as connection:
            return await connection.run_sync(self._written, work)

    def abandon(self) -> None:
        """End every connection now, whatever is under way there, and make no others."""
        self._is_abandoned = True
        for driver in tuple(self._drivers):
            driver.terminate()
        # Who is about to connect has none yet.
        for task in self._running:
            task.cancel()

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()

    @asynccontextmanager
    async def _running_here(self) -> AsyncGenerator[None]:
        """Have what runs in the block end where this is abandoned.

        It is in a task of its own, which nobody else cancels: see ``engine.to_its_end``.
        """
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - there is a loop, so there is a task
        if self._is_abandoned:
            raise StorageError(_ABANDONED.format(place=self._place))
        self._running.add(task)
        try:
            yield
        except asyncio.CancelledError:
            if self._is_abandoned and task.uncancel() == 0:
                raise StorageError(_ABANDONED.format(place=self._place)) from None
            raise
        finally:
            self._running.discard(task)

    def _written(self, connection: Connection, work: Callable[[Connection], _T]) -> _T:
        self._begin(connection)
        try:
            done = work(connection)
        except BaseException:
            if not connection.invalidated:
                _say(connection, "ROLLBACK")
            raise
        if _say(connection, "COMMIT") != "COMMIT":
            raise StorageError(f"The database {self._place} took back what was to be written.")
        return done

    def _begin(self, connection: Connection) -> None:
        lead = self._lead
        if lead is None:
            _say(connection, "BEGIN")
        elif _say(connection, _fenced(lead)) != "SELECT 1":
            _say(connection, "ROLLBACK")
            lead.lose(OVERTAKEN.format(place=self._place))
            raise LeadLostError(OVERTAKEN.format(place=self._place))

    def _note_driver(self, connection: Any, _: object) -> None:
        driver = connection.driver_connection
        self._drivers.add(driver)
        driver.add_termination_listener(self._drivers.discard)
        if self._is_abandoned:
            driver.terminate()


def _fenced(lead: Lead) -> str:
    """Return the beginning of a transaction of the lead's term: two statements in one message."""
    return (
        "BEGIN; SELECT FROM twentythree_lead"
        f" WHERE term = {lead.term:d} AND holder = '{lead.holder}' FOR KEY SHARE"
    )


def _say(connection: Connection, words: str) -> str:
    """Send words past SQLAlchemy, which would prepare them; return the last one's status.

    Raises:
        DBAPIError: the database did not take them.
    """
    driver: Any = connection.connection.dbapi_connection
    try:
        return str(driver.run_async(lambda asyncpg_connection: asyncpg_connection.execute(words)))
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        connection.invalidate()
        raise OperationalError(words.partition(" ")[0], None, error) from error
