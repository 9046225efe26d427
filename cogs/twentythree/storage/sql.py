"""The one place that knows how each database inserts what may be there already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, Executable, Row, Table, delete, update
from sqlalchemy.dialects import sqlite

from .prepared import Prepared

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

# Far below the number of parameters that either database takes in one statement.
_ROWS_AT_ONCE = 200

_Item = TypeVar("_Item")
Values = Mapping[str, Any]


def chunks(items: Sequence[_Item], size: int = _ROWS_AT_ONCE) -> Iterator[Sequence[_Item]]:
    """Cut ``items`` into pieces that fit into one statement each."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def insert_for(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Make an INSERT that knows ON CONFLICT, for the database named ``dialect``."""
    if dialect == "sqlite":
        return sqlite.insert(table)
    # It loads as many drivers as SQLAlchemy knows for PostgreSQL.
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415

    return postgresql.insert(table)


def insert_missing(
    connection: Connection, table: Table, rows: Sequence[Values], *returning: Column[Any]
) -> list[Row[Any]]:
    """Insert the rows that offend no unique constraint; return ``returning`` of those."""
    statement = _insert_missing(connection.dialect.name, table, returning)
    if len(rows) == 1:
        return list(_prepared(statement, returning).rows(connection, rows[0]))
    inserted: list[Row[Any]] = []
    for chunk in chunks(rows):
        inserted += connection.execute(statement, [dict(row) for row in chunk]).all()
    return inserted


def upsert(connection: Connection, table: Table, rows: Sequence[Values]) -> None:
    """Insert the rows, or overwrite those with the same primary key. No key twice in ``rows``."""
    if rows:
        statement = _upsert(connection.dialect.name, table, tuple(rows[0]))
        if len(rows) == 1:
            _prepared(statement, ()).rows(connection, rows[0])
        else:
            connection.execute(statement, [dict(row) for row in rows])


def change(connection: Connection, table: Table, *which: ColumnElement[bool], **values: Any) -> int:
    """Set columns of the rows that meet every condition; return how many they were."""
    return connection.execute(update(table).where(*which).values(**values)).rowcount


def remove(connection: Connection, table: Table, *which: ColumnElement[bool]) -> int:
    """Delete the rows that meet every condition; return how many they were."""
    return connection.execute(delete(table).where(*which)).rowcount


# Made once and without values in it, so that SQLAlchemy compiles each once.
@cache
def _insert_missing(dialect: str, table: Table, returning: tuple[Column[Any], ...]) -> Executable:
    return insert_for(dialect, table).on_conflict_do_nothing().returning(*returning)


@cache
def _upsert(dialect: str, table: Table, names: tuple[str, ...]) -> Executable:
    statement = insert_for(dialect, table)
    key = [column.name for column in table.primary_key]
    changed = {name: statement.excluded[name] for name in names if name not in key}
    return statement.on_conflict_do_update(index_elements=key, set_=changed)


@cache
def _prepared(statement: Executable, returning: tuple[Column[Any], ...]) -> Prepared:
    """One row goes without the machinery that many need."""
    return Prepared(statement, *returning)
