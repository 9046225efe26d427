"""Statements that are compiled once for all databases of a process, instead of once for each.

SQLAlchemy keeps what it compiled with the engine that it was compiled for. To compile takes longer
than most tests take for all the rest, and each test has a database of its own.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

_MOST = 2_000
_compiled: LRUCache[Any, Any] = LRUCache(_MOST)


class _Same:
    """Equal to each dialect of its kind, by which compiled statements are found."""

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __hash__(self) -> int:
        return hash(type(self))

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        """Give an engine that was just made what others have compiled."""
        engine.update_execution_options(compiled_cache=_compiled)


class SameSqlite(_Same, SQLiteDialect_pysqlite):
    """SQLite as it is."""

    supports_statement_cache = True


class SamePostgres(_Same, PGDialect_asyncpg):
    """PostgreSQL as it is."""

    supports_statement_cache = True


def share_compiled() -> None:
    """Have all engines of this process, from now on, share what they compile."""
    registry.register("sqlite.pysqlite", __name__, SameSqlite.__name__)
    registry.register("postgresql.asyncpg", __name__, SamePostgres.__name__)
