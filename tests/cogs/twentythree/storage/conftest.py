from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from cogs.twentythree.storage import Store
from tests.cogs.twentythree.storage.things import fresh_database, fresh_file


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database to copy, which is quicker than migrating again."""
    path = tmp_path_factory.mktemp("template") / "empty.db"

    async def make() -> None:
        store = await Store.open(f"sqlite+aiosqlite:///{path}")
        await store.close()

    asyncio.run(make())
    return path


@pytest.fixture
async def database(tmp_path: Path, empty_database: Path) -> str:
    """The address of an empty database of one's own: SQLite's, or PostgreSQL's where asked for."""
    return await fresh_database(tmp_path, empty_database)


@pytest.fixture
def sqlite_database(tmp_path: Path, empty_database: Path) -> str:
    """The same, for what only SQLite has."""
    return fresh_file(tmp_path, empty_database)


@pytest.fixture
async def store(database: str) -> AsyncGenerator[Store]:
    opened = await Store.open(database)
    yield opened
    await opened.close()
