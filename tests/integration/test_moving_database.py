"""``docs/operations.md`` on PostgreSQL, followed to the letter with PostgreSQL's own programs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from cogs.twentythree.errors import StorageError
from cogs.twentythree.storage import Store
from cogs.twentythree.storage.engine import Database
from cogs.twentythree.storage.migrate import MIGRATIONS, upgrade
from tests.cogs.twentythree.storage.things import attach, comment, pending, query, take
from tests.fakes.databases import PostgresDatabases
from tests.fakes.manual import commands, follow

_ROOT = Path(__file__).parents[2]


@pytest.fixture
def postgres(postgres_server: PostgresDatabases) -> Iterator[PostgresDatabases]:
    yield postgres_server
    postgres_server.clear()


async def test_a_database_moves_and_is_backed_up_and_restored(
    tmp_path: Path, postgres: PostgresDatabases
) -> None:
    store = await Store.open(f"sqlite:///{tmp_path}/twentythree.db")
    await attach(store)
    await take(store, comment(1), comment(2))
    await store.close()
    address, restored = postgres.promised(), postgres.promised()

    said = await follow(commands("Moving there"), tmp_path, address)
    assert re.search(
        r"^twentythree_comments: 2 rows, checksum \w+ on both sides$", said, re.MULTILINE
    )
    store = await Store.open(address)
    assert await pending(store) == ["comment:1", "comment:2"]
    dump, restore = commands("Backup and restore").split("createdb")
    await follow(dump, tmp_path, address)
    await take(store, comment(3))
    await store.close()
    name = make_url(restored).database or ""
    await follow(f"createdb{restore}", tmp_path, address, RESTORED=name)

    store = await Store.open(restored)
    assert await pending(store) == ["comment:1", "comment:2"]
    # What came in since is read again, and numbered on.
    await take(store, comment(3))
    assert await pending(store) == ["comment:1", "comment:2", "comment:3"]
    await store.close()


async def test_a_version_that_was_upgraded_is_gone_back_to_with_the_backup(
    tmp_path: Path, postgres: PostgresDatabases
) -> None:
    older = tmp_path / "older"
    shutil.copytree(MIGRATIONS, older)
    newest = max((older / "versions").glob("*.py"))
    newest.unlink()
    address, restored = postgres.bare(), postgres.promised()
    await migrate_to(older, address)
    await follow(commands("Backup and restore").split("createdb")[0], tmp_path, address)

    await (await Store.open(address)).close()
    with pytest.raises(StorageError, match="newer version"):
        await migrate_to(older, address)
    restore = "createdb" + commands("Backup and restore").split("createdb")[1]
    name = make_url(restored).database or ""
    await follow(restore, tmp_path, address, RESTORED=name)
    await migrate_to(older, restored)
    (found,) = await query(restored, "SELECT version_num FROM twentythree_schema")
    assert found < newest.name


async def migrate_to(scripts: Path, address: str) -> None:
    database = Database.at(address)
    try:
        await database.write(lambda connection: upgrade(connection, scripts))
    finally:
        await database.close()


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        (["--from", "sqlite:///none.db", "--to", "sqlite:///b.db"], 1, "--from: there is no data"),
        (["--from", "x"], 2, "--to"),
    ],
)
def test_the_verb_says_what_is_wrong(
    tmp_path: Path, given: list[str], status: int, said: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "copy", *given],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == status
    assert said in done.stderr
    assert done.stdout == ""
