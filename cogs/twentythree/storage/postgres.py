"""PostgreSQL, through asyncpg: the same transactions, statement by statement over its socket.

What passes by itself is waited for, or tried again, within the transaction: a server that is away,
ends, begins, takes no writes or no more connections; two transactions that are in each other's way,
also where a limit of the role (``lock_timeout``, ``statement_timeout``) ends the one that waits.
"""

from __future__ import annotations

import asyncio
import logging
import random
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import URL, Connection, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from ..errors import LeadLostError, StorageClosedError, StorageError
from .engine import Health, Why, reason, state_of_error, why_of
from .lead import IS_OVER, OVERTAKEN, Lead, name_of
from .location import place_of
from .postgres_hosts import connect_args, drop_made

_T = TypeVar("_T")

_log = logging.getLogger("twentythree.storage")

# At once, in case it was only an old connection; then more and more seldom.
_PAUSES_S: Final = (0.0, 0.05, 0.1, 0.2, 0.4)
_LONGEST_S: Final = 0.5
# serialization_failure, deadlock_detected: the other one has gone on meanwhile. So it has where a
# row refers to one that is gone, or is there, since it was looked for (foreign_key_violation,
# unique_violation).
_CONFLICTS: Final = frozenset({"40001", "40P01", "23503", "23505"})
_MOST_CONFLICTS: Final = 20
_OF_SERVERS: Final = frozenset({Why.AWAY, Why.READ_ONLY})
_XID: Final = "SELECT pg_current_xact_id_if_assigned()"
_FATE: Final = text("SELECT pg_xact_status(CAST(:xid AS xid8))")
# invalid_parameter_value: no such transaction yet, as on a replica that never heard of it.
_NEVER_BEGAN: Final = "22023"
_ABANDONED: Final = "The database {place} is another bot's to work with now."


class _CommitLost(Exception, Generic[_T]):  # noqa: N818 - no error yet: the server knows
    """The connection went while a transaction was committed; ``done`` is what came of it."""

    def __init__(self, xid: int, done: _T) -> None:
        super().__init__(xid)
        self.xid = xid
        self.done = done


class PostgresEngine:
    """Runs transactions on a pool of connections.

    ``health`` is told for what they wait. ``patience_s``: for how long they do. ``lead``: nothing
    is written once its term is over.
    """

    def __init__(
        self, url: URL, health: Health, patience_s: float, lead: Lead | None = None
    ) -> None:
        named = {} if lead is None else {"application_name": name_of(lead.holder)}
        # Parameters hold comments' text, which must not get into a log by way of an error.
        self._engine = create_async_engine(
            url, hide_parameters=True, connect_args=connect_args(url) | {"server_settings": named}
        )
        # Each statement of one picture would see something else otherwise.
        self._reading = self._engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        event.listen(self._engine.sync_engine, "connect", self._note_driver)
        self._place = place_of(url)
        self._lead = lead
        self._drivers: set[Any] = set()
        self._is_abandoned = False
        self._health = health
        self._patience_s = patience_s
        self._closing = asyncio.Event()
        self._running: set[asyncio.Task[Any]] = set()
        # Whether it ever answered, as it has to who leads, and whether it is away now.
        self._is_known = lead is not None and lead.term > 0
        self._is_away = False

    async def read(self, work: Callable[[Connection], _T]) -> _T:
        """Run a transaction that only reads: one consistent picture."""
        return await self._owned(self._reading, work, threading.Event(), is_write=False)

    async def write(self, work: Callable[[Connection], _T], given_up: threading.Event) -> _T:
        """Run a transaction that writes; ``work`` is called again where it has to be.

        Once it is ``given_up``, nothing is waited for any more.

        Raises:
            LeadLostError: the term is over.
        """
        try:
            return await self._owned(self._engine, work, given_up, is_write=True)
        except DBAPIError as error:
            if self._lead is None or state_of_error(error) != IS_OVER:
                raise
            self._lead.lose(OVERTAKEN.format(place=self._place))
            raise LeadLostError(OVERTAKEN.format(place=self._place)) from None

    def abandon(self) -> None:
        """End every connection now, whatever is under way there, and make no others."""
        self._is_abandoned = True
        self._closing.set()
        for driver in tuple(self._drivers):
            driver.terminate()
        # Who is about to connect has none yet.
        for task in self._running:
            task.cancel()

    async def close(self) -> None:
        """Close every connection, after what was begun. Who waits is sent away."""
        self._closing.set()
        if self._running:
            await asyncio.wait(self._running)
        await self._engine.dispose()

    async def _owned(
        self,
        engine: AsyncEngine,
        work: Callable[[Connection], _T],
        given_up: threading.Event,
        *,
        is_write: bool,
    ) -> _T:
        if self._closing.is_set():
            raise self._ended()
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - for mypy
        self._running.add(task)
        try:
            return await self._tried(engine, work, given_up, is_write=is_write)
        except asyncio.CancelledError:
            # The task is our own (see ``engine.to_its_end``): nobody else cancels it.
            if self._is_abandoned and task.uncancel() == 0:
                drop_made()
                raise self._ended() from None
            raise
        except (DBAPIError, OSError):
            if self._is_abandoned:
                raise self._ended() from None
            raise
        finally:
            self._running.discard(task)

    def _ended(self) -> StorageError:
        if self._is_abandoned:
            return LeadLostError(_ABANDONED.format(place=self._place))
        return StorageClosedError()

    async def _tried(
        self,
        engine: AsyncEngine,
        work: Callable[[Connection], _T],
        given_up: threading.Event,
        *,
        is_write: bool,
    ) -> _T:
        clock = asyncio.get_running_loop().time
        until, conflicts, waits = clock() + self._patience_s, 0, 0
        while True:
            try:
                done = await _once(engine, work, is_write=is_write)
            except _CommitLost as lost:
                if await self._is_committed(lost.xid, given_up):
                    return lost.done  # type: ignore[no-any-return]  # it is of this call's kind
            except (DBAPIError, OSError) as error:
                is_over = given_up.is_set() or self._closing.is_set() or clock() > until
                if state_of_error(error) in _CONFLICTS and conflicts < _MOST_CONFLICTS:
                    conflicts += 1
                    # Both would meet again if they waited equally long.
                    await self._pause(random.random() * _PAUSES_S[1] * conflicts)  # noqa: S311
                elif is_over or not self._passes(error, is_write=is_write):
                    raise
                else:
                    await self._wait(error, waits, is_write=is_write)
                    waits += 1
            else:
                self._is_known = True
                self._tell(None)
                return done

    def _passes(self, error: Exception, *, is_write: bool) -> bool:
        why = why_of(error)
        # Where nothing ever answered, the address is wrong rather than the server away.
        is_away = why is Why.AWAY and (self._is_known or not isinstance(error, OSError))
        return is_away or why is Why.LOCKED or (why is Why.READ_ONLY and is_write)

    async def _wait(self, error: Exception, waits: int, *, is_write: bool) -> None:
        drop_made()
        if waits:
            self._tell(error)
            self._health.note_wait(error, is_write=is_write)
        await self._pause(_PAUSES_S[waits] if waits < len(_PAUSES_S) else _LONGEST_S)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), seconds)

    async def _is_committed(self, xid: int, given_up: threading.Event) -> bool:
        """Ask the server about a transaction whose end nobody has heard of.

        Raises:
            StorageClosedError: it has not come to its end, and is not waited for any more.
        """
        while True:
            try:
                fate = await self._tried(
                    self._reading,
                    lambda connection: connection.scalar(_FATE, {"xid": xid}),
                    given_up,
                    is_write=False,
                )
            except DBAPIError as error:
                if state_of_error(error) != _NEVER_BEGAN:
                    raise
                return False
            if fate != "in progress":
                return bool(fate == "committed")
            # It may be so for long: where a replica is waited for that is away.
            if given_up.is_set() or self._closing.is_set():
                raise self._ended()
            await self._pause(_PAUSES_S[1])

    def _note_driver(self, connection: Any, _: object) -> None:
        driver = connection.driver_connection
        self._drivers.add(driver)
        driver.add_termination_listener(self._drivers.discard)
        if self._is_abandoned:
            driver.terminate()

    def _tell(self, error: Exception | None) -> None:
        if error is not None and not self._is_away:
            _log.warning("the database is waited for: %s", reason(error))
        elif error is None and self._is_away:
            _log.warning("the database answers again")
        self._is_away = error is not None


async def _once(engine: AsyncEngine, work: Callable[[Connection], _T], *, is_write: bool) -> _T:
    async with engine.connect() as connection:
        try:
            done = await connection.run_sync(work)
        except DBAPIError as error:
            # It may end in a moment, or be to a server that takes no writes any more.
            if why_of(error) in _OF_SERVERS:
                await connection.invalidate()
            raise
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None  # noqa: S101 - for mypy
        # What went alone is committed already; what only read needs no commit.
        if is_write and driver.is_in_transaction():
            await _commit(connection, driver, done)
        return done


async def _commit(connection: AsyncConnection, driver: Any, done: object) -> None:
    xid = (await connection.exec_driver_sql(_XID)).scalar()
    try:
        await connection.commit()
    except (DBAPIError, OSError):
        if xid is None or not driver.is_closed():
            raise
        raise _CommitLost(xid, done) from None
