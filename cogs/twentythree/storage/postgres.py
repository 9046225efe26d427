"""PostgreSQL, through asyncpg: the same transactions, statement by statement over its socket."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

from sqlalchemy import URL, Connection, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from ..errors import LeadLostError, StorageError
from .fence import IS_OVER, name_of
from .lead import OVERTAKEN, Lead

_T = TypeVar("_T")

_ABANDONED: Final = "The database {place} is another bot's to work with now."


class PostgresEngine:
    """Runs transactions on a pool of connections.

    ``place`` is what people are told that the database is. ``lead``: nothing is written once its
    term is over.
    """

    def __init__(self, url: URL, place: str, lead: Lead | None = None) -> None:
        named = {} if lead is None else {"application_name": name_of(lead.holder)}
        # Parameters hold comments' text, which must not get into a log by way of an error.
        self._engine = create_async_engine(
            url, hide_parameters=True, pool_pre_ping=True, connect_args={"server_settings": named}
        )
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
        try:
            async with self._running_here(), self._engine.begin() as connection:
                return await connection.run_sync(work)
        except DBAPIError as error:
            if self._lead is None or getattr(error.orig, "sqlstate", None) != IS_OVER:
                raise
            self._lead.lose(OVERTAKEN.format(place=self._place))
            raise LeadLostError(OVERTAKEN.format(place=self._place)) from None

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

    def _note_driver(self, connection: Any, _: object) -> None:
        driver = connection.driver_connection
        self._drivers.add(driver)
        driver.add_termination_listener(self._drivers.discard)
        if self._is_abandoned:
            driver.terminate()
