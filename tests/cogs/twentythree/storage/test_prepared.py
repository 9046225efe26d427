from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, bindparam, create_engine, select

from cogs.twentythree.storage.sql import Prepared
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
