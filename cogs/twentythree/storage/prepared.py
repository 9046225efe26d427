"""Statements on the way to a post, made ready once.

SQLAlchemy takes several times as long to execute a statement as SQLite does, and a lone comment
waits for all of them. So on SQLite these go to the driver as SQLAlchemy compiled them.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, Executable
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import StatementError

Processor: TypeAlias = Callable[[Any], Any] | None


@dataclass(frozen=True, slots=True)
class _Plan:
    text: str
    # Name, how its value is written, and the value where it is always the same.
    parameters: Sequence[tuple[str, Processor, Any]]
    read: Sequence[Processor]
    row: Callable[..., Any]


class Prepared:
    """A statement whose values are given by name.

    Args:
        statement: has no list of values in it that differs in length.
        returned: what it returns, in order.
    """

    def __init__(self, statement: Executable, *returned: ColumnElement[Any]) -> None:
        self._statement = statement
        self._returned = returned
        self._plans: dict[tuple[str, ...], _Plan] = {}

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> Sequence[Any]:
        """Execute it; return the rows, with their columns as attributes.

        Raises:
            StatementError: a value cannot be written, as SQLAlchemy has it.
        """
        if connection.dialect.name != "sqlite":
            found = connection.execute(self._statement, values)
            return found.all() if self._returned else ()
        names = tuple(values)
        plan = self._plans.get(names)
        if plan is None:
            plan = self._plans[names] = self._planned(connection.dialect, names)
        driver: Any = connection.connection.dbapi_connection
        try:
            given = [
                _processed(values.get(name, fixed), write) for name, write, fixed in plan.parameters
            ]
        except ValueError as error:
            raise StatementError(str(error), plan.text, None, error) from error
        return [
            plan.row(*map(_processed, row, plan.read))
            for row in driver.execute(plan.text, given).fetchall()
        ]

    def _planned(self, dialect: Dialect, names: Sequence[str]) -> _Plan:
        statement: Any = self._statement
        columns = list(names) if statement.is_insert else None
        compiled = statement.compile(dialect=dialect, column_keys=columns)
        return _Plan(
            text=str(compiled),
            parameters=[_parameter(compiled, name, dialect) for name in compiled.positiontup],
            read=[_impl(one, dialect).result_processor(dialect, None) for one in self._returned],
            row=namedtuple("Row", [one.key for one in self._returned]),  # type: ignore[misc]  # noqa: PYI024
        )


def _parameter(compiled: Any, name: str, dialect: Dialect) -> tuple[str, Processor, Any]:
    bound = compiled.binds[name]
    return name, _impl(bound, dialect).bind_processor(dialect), compiled.params[name]


def _impl(of: Any, dialect: Dialect) -> Any:
    return of.type.dialect_impl(dialect)


def _processed(value: Any, by: Processor) -> Any:
    return value if by is None else by(value)
