from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest

from cogs.twentythree.storage import Store
from tests.fakes.databases import Databases, PostgresDatabases, SqliteFiles, migrated


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database to copy, which is quicker than migrating again."""
    path = tmp_path_factory.mktemp("template") / "empty.db"
    asyncio.run(migrated(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture
def sqlite_files(tmp_path: Path, empty_database: Path) -> SqliteFiles:
    return SqliteFiles(tmp_path, empty_database)


@pytest.fixture
def postgres(postgres_server: PostgresDatabases) -> Generator[PostgresDatabases]:
    yield postgres_server
    postgres_server.clear()


@pytest.fixture(params=["sqlite_files", "postgres"], ids=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest) -> Databases:
    """Databases of each kind: a test that asks for them runs on both."""
    found: Databases = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def database(databases: Databases) -> str:
    """The address of an empty database of one's own, of each kind."""
    return databases.fresh()


@pytest.fixture
def sqlite_database(sqlite_files: SqliteFiles) -> str:
    """The same, for what only SQLite has."""
    return sqlite_files.fresh()


@pytest.fixture
def postgres_database(postgres: PostgresDatabases) -> str:
    """The same, for what only PostgreSQL has; it may be altered in any way."""
    return postgres.unused()


@pytest.fixture
async def store(database: str) -> AsyncGenerator[Store]:
    opened = await Store.open(database)
    yield opened
    await opened.close()
