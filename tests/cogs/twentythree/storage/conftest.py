from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from cogs.twentythree.storage import Store


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
def database(tmp_path: Path, empty_database: Path) -> str:
    """The address of a database of one's own."""
    shutil.copyfile(empty_database, tmp_path / "store.db")
    return f"sqlite+aiosqlite:///{tmp_path / 'store.db'}"


@pytest.fixture
async def store(database: str) -> AsyncGenerator[Store]:
    opened = await Store.open(database)
    yield opened
    await opened.close()
