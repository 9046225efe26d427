"""Statements made in one way: inserts of what may be there, those made ready once; times.

How each database inserts what may be there already is known here alone, and so are the words that
rows say of how far they have come, by which partial indexes know them. SQLAlchemy takes several
times as long to execute a statement as SQLite does, and a lone comment waits for all on its way: so
on SQLite these go to the driver as SQLAlchemy compiled them.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Executable,
    Row,
    Table,
    TypeDecorator,
    delete,
    update,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import StatementError

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

# Conditions of partial indexes. A database uses such an index where a query says the same words;
# it cannot know that of a value that comes as a parameter.
STALE = "is_stale"
OPEN = "stage != 'done'"
# The key of the one notice of a room that lists what is planned there.
PROGRAMME = "programme"
# How the keys of boards begin.
BOARD = "board:"
# How the keys of what a thread may be opened on begin.
CARDS = ("live:", "video:", "card:")
# The fate of a batch that has become a message.
DELIVERED = "delivered"
UNCONFIRMED = "trust != 'confirmed'"
# What is under way, or waits to be confirmed.
UNSETTLED_DEED = "settled_at IS NULL"
# Replies, by which what is written on the platform is known as our own.
REPLY = "deed = 'reply'"
# What holds words of viewers, or those of a reply.
WORDED = "(author != '' OR text != '')"

# The fate of a batch whose message was deleted since there was nothing to show in it any more.
TAKEN_DOWN = "taken down"
# The fate of a batch whose message somebody has deleted.
REMOVED = "removed"
# The fate of a batch that was for nobody any more.
WITHDRAWN = "withdrawn"
# Any other fate is why Discord has refused a message for good.
NOT_REFUSED = (DELIVERED, REMOVED, TAKEN_DOWN, WITHDRAWN)
# In place of the digest of what a message shows: it is about to be deleted.
DOOMED = "doomed"


class NoticeStage(StrEnum):
    """How far a notice in the outbox has come. A withdrawn notice is deleted."""

    PENDING = "pending"
    BATCHED = "batched"
    DONE = "done"


class DeedStage(StrEnum):
    """How far an entry of the trail has come. A draft is a reply that nobody has confirmed."""

    DRAFT = "draft"
    BEGUN = "begun"
    DONE = "done"


# Far below the number of parameters that either database takes in one statement.
_ROWS_AT_ONCE = 200

_Item = TypeVar("_Item")
Values = Mapping[str, Any]


class UtcTime(TypeDecorator[datetime]):
    """An aware time in UTC; SQLite keeps no zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a time without a zone: which hour it means is anybody's guess."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without a zone cannot be stored.")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Give the time back in UTC."""
        del dialect
        if not isinstance(value, datetime):
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


@contextmanager
def alone(connection: Connection) -> Iterator[None]:
    """Have PostgreSQL take each statement in the block as a transaction of its own.

    It saves the trips for BEGIN and COMMIT. Where a transaction has begun, they are part of it.
    """
    driver: Any = connection.connection.dbapi_connection
    driver.autocommit = True
    try:
        yield
    finally:
        driver.autocommit = False


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


def matching(table: Table, **wanted: object) -> list[ColumnElement[bool]]:
    """Return the conditions that columns hold these values; ``None`` asks for nothing."""
    return [table.c[name] == value for name, value in wanted.items() if value is not None]


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


# Which of some values are not the same in the program as in the database, and what makes one of the
# other. Most are the same.
Processing: TypeAlias = Sequence[tuple[int, Callable[[Any], Any]]]


@dataclass(frozen=True, slots=True)
class _Plan:
    text: str
    # Name, and the value where it is always the same.
    parameters: Sequence[tuple[str, Any]]
    # The names that the values of a list go by.
    lists: Mapping[str, Sequence[str]]
    written: Processing
    read: Processing
    row: Callable[..., Any]

    def given(self, values: Mapping[str, Any]) -> list[Any]:
        """Return the values in order, as the driver takes them."""
        by_name = values
        for name, names in self.lists.items():
            by_name = {**by_name, **dict(zip(names, values[name], strict=True))}
        return _processed([by_name.get(name, it) for name, it in self.parameters], self.written)


class Prepared:
    """A statement whose values are given by name.

    Args:
        statement: where a value is a list, its parameter is made ``expanding``. It is compiled once
            for each length, as far as :func:`chunks` goes.
        returned: what it returns, in order.
    """

    def __init__(self, statement: Executable, *returned: ColumnElement[Any]) -> None:
        self._statement = statement
        self._returned = returned
        self._plans: dict[tuple[object, ...], _Plan] = {}

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> Sequence[Any]:
        """Execute it; return the rows, with their columns as attributes.

        Raises:
            StatementError: a value cannot be written, as SQLAlchemy has it.
        """
        lists = [len(one) for one in values.values() if type(one) is list]
        if connection.dialect.name != "sqlite" or max(lists, default=0) > _ROWS_AT_ONCE:
            found = connection.execute(self._statement, values)
            return found.all() if self._returned else ()
        shape = (*values, *lists)
        plan = self._plans.get(shape)
        if plan is None:
            plan = self._plans[shape] = self._planned(connection.dialect, values)
        driver: Any = connection.connection.dbapi_connection
        try:
            given = plan.given(values)
        except ValueError as error:
            raise StatementError(str(error), plan.text, None, error) from error
        return [
            plan.row(*_processed(list(row), plan.read))
            for row in driver.execute(plan.text, given).fetchall()
        ]

    def _planned(self, dialect: Dialect, values: Mapping[str, Any]) -> _Plan:
        statement: Any = self._statement
        columns = list(values) if statement.is_insert else None
        compiled = statement.compile(dialect=dialect, column_keys=columns)
        expanded = compiled.construct_expanded_state(values)
        lists: Mapping[str, Sequence[str]] = expanded.parameter_expansion
        of_list = {one: name for name, each in lists.items() for one in each}
        written = {
            name: _impl(bound, dialect).bind_processor(dialect)
            for name, bound in compiled.binds.items()
        }
        return _Plan(
            text=expanded.statement,
            parameters=[(name, compiled.params.get(name)) for name in expanded.positiontup],
            lists=lists,
            written=_numbered(written[of_list.get(one, one)] for one in expanded.positiontup),
            read=_numbered(
                _impl(one, dialect).result_processor(dialect, None) for one in self._returned
            ),
            row=namedtuple("Row", [one.key for one in self._returned]),  # type: ignore[misc]  # noqa: PYI024
        )


def _impl(of: Any, dialect: Dialect) -> Any:
    return of.type.dialect_impl(dialect)


def _numbered(processors: Iterable[Callable[[Any], Any] | None]) -> Processing:
    return [(at, by) for at, by in enumerate(processors) if by is not None]


def _processed(values: list[Any], by: Processing) -> list[Any]:
    for at, process in by:
        values[at] = process(values[at])
    return values
