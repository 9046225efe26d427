"""PostgreSQL, through asyncpg: the same transactions, statement by statement over its socket."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import URL, Connection
from sqlalchemy.ext.asyncio import create_async_engine

_T = TypeVar("_T")


class PostgresEngine:
    """Runs transactions on a pool of connections."""

    def __init__(self, url: URL) -> None:
        # Parameters hold comments' text, which must not get into a log by way of an error.
        self._engine = create_async_engine(url, hide_parameters=True, pool_pre_ping=True)

    async def read(self, work: Callable[[Connection], _T]) -> _T:
        """Run a transaction that only reads."""
        return await self.write(work)

    async def write(self, work: Callable[[Connection], _T]) -> _T:
        """Run a transaction that writes."""
        async with self._engine.begin() as connection:
            return await connection.run_sync(work)

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()
