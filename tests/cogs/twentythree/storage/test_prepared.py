from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, bindparam, create_engine, delete, select
from sqlalchemy.exc import StatementError

from cogs.twentythree.storage.sql import Prepared, UtcTime
from cogs.twentythree.storage.tables import batches, metadata

NOON = datetime(2030, 1, 2, 12, tzinfo=UTC)
INSERT = Prepared(batches.insert().returning(batches.c.id), batches.c.id)
OF_ROOM = select(batches).where(batches.c.room_id == bindparam("of"), batches.c.attempts < 9)


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def row(nonce: str, **more: Any) -> dict[str, Any]:
    return {"room_id": 5, "nonce": nonce, "body": "{}", "created_at": NOON, **more}


def test_rows_are_written_and_read_as_sqlalchemy_does_it(connection: Connection) -> None:
    (inserted,) = INSERT.rows(connection, row("n", attempts=1))
    (read,) = Prepared(OF_ROOM, *batches.c).rows(connection, {"of": 5})
    (usual,) = connection.execute(OF_ROOM, {"of": 5}).all()

    assert tuple(read) == tuple(usual)
    assert (read.id, read.created_at, read.settled_at) == (inserted.id, NOON, None)


def test_what_is_left_out_is_left_to_the_table(connection: Connection) -> None:
    for values in (row("a", attempts=7, refusal="no"), row("b"), row("c", attempts=1)):
        INSERT.rows(connection, values)
    found = Prepared(OF_ROOM, *batches.c).rows(connection, {"of": 5})

    assert [(one.attempts, one.refusal) for one in found] == [(7, "no"), (0, None), (1, None)]


@pytest.mark.parametrize("attempts", [[], [3], [0, 3, 9], list(range(999))], ids=len)
def test_a_list_goes_as_a_list_however_long_it_is(
    connection: Connection, attempts: list[int]
) -> None:
    statement = (
        select(batches)
        .where(
            batches.c.attempts.in_(bindparam("attempts", expanding=True)),
            batches.c.created_at.in_(bindparam("times", type_=UtcTime, expanding=True)),
            batches.c.room_id == bindparam("of"),
        )
        .order_by(batches.c.id)
    )
    for number in range(10):
        INSERT.rows(connection, row(str(number), attempts=number))
    values = {"times": [NOON], "of": 5, "attempts": attempts}
    usual = connection.execute(statement, values).all()

    prepared = Prepared(statement, *batches.c)
    for _ in range(2):
        assert [tuple(one) for one in prepared.rows(connection, values)] == [*map(tuple, usual)]
    assert [one.attempts for one in usual] == [one for one in attempts if one < 10]


def test_a_time_without_a_zone_is_refused_in_a_list_as_well(connection: Connection) -> None:
    of_times = delete(batches).where(
        batches.c.created_at.in_(bindparam("times", type_=UtcTime, expanding=True))
    )

    with pytest.raises(StatementError, match="without a zone"):
        Prepared(of_times).rows(connection, {"times": [NOON, NOON.replace(tzinfo=None)]})
