"""What is special to a database, without a server of the other kind."""

from __future__ import annotations

import pytest
from sqlalchemy import URL

from cogs.twentythree.storage.sql import chunks, insert_for
from cogs.twentythree.storage.tables import command_hashes, metadata


@pytest.mark.parametrize("driver", ["postgresql+asyncpg", "sqlite+aiosqlite"])
def test_both_databases_are_told_what_to_do_about_a_row_that_is_there(driver: str) -> None:
    dialect = URL.create(driver).get_dialect()()
    statement = insert_for(dialect.name, command_hashes).values([{"scope": "a", "digest": "b"}])
    ignored = statement.on_conflict_do_nothing().returning(command_hashes.c.scope)

    assert "ON CONFLICT DO NOTHING RETURNING" in str(ignored.compile(dialect=dialect))


def test_chunks_leave_nothing_out() -> None:
    assert [list(chunk) for chunk in chunks(range(5), 2)] == [[0, 1], [2, 3], [4]]
    assert list(chunks([])) == []


def test_every_table_has_a_name_of_our_own() -> None:
    assert all(name.startswith("twentythree_") for name in metadata.tables)
