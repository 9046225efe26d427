"""``docs/operations.md`` on PostgreSQL, followed to the letter with PostgreSQL's own programs."""

from __future__ import annotations

import asyncio
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
from cogs.twentythree.storage.migrate import MIGRATIONS
from cogs.twentythree.storage.upgrade import upgrade
from tests.cogs.twentythree.storage.things import attach, comment, pending, query, take
from tests.fakes.databases import PostgresDatabases
from tests.fakes.postgres import PROGRAMS

_ROOT = Path(__file__).parents[2]


@pytest.fixture
def postgres(postgres_server: PostgresDatabases) -> Iterator[PostgresDatabases]:
    yield postgres_server
    postgres_server.clear()


def commands(heading: str) -> str:
    """Return what the section tells to type."""
    manual = (_ROOT / "docs" / "operations.md").read_text("utf-8")
    section = manual.partition(f"\n### {heading}\n")[2].partition("\n#")[0]
    found = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    assert found, heading
    return "".join(found)


def follow(said: str, folder: Path, address: str, **more: str) -> subprocess.CompletedProcess[str]:
    url = make_url(address)
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{PROGRAMS}:{os.environ['PATH']}",
        "PYTHONPATH": str(_ROOT),
        "PGHOST": str(url.host or url.query["host"]),
        "PGPORT": str(url.port or 5432),
        "PGUSER": url.username or "",
        "PGPASSWORD": str(url.password or ""),
        "DATABASE": url.database or "",
        "ADDRESS": address,
        **more,
    }
    return subprocess.run(
        ["/bin/bash", "-e", "-c", said],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


async def followed(heading: str, folder: Path, address: str, **more: str) -> str:
    done = await asyncio.to_thread(follow, commands(heading), folder, address, **more)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


async def test_a_database_moves_and_is_backed_up_and_restored(
    tmp_path: Path, postgres: PostgresDatabases
) -> None:
    store = await Store.open(f"sqlite:///{tmp_path}/twentythree.db")
    await attach(store)
    await take(store, comment(1), comment(2))
    await store.close()
    address, restored = postgres.promised(), postgres.promised()

    said = await followed("Moving there", tmp_path, address)
    assert re.search(
        r"^twentythree_comments: 2 rows, checksum \w+ on both sides$", said, re.MULTILINE
    )
    store = await Store.open(address)
    assert await pending(store) == ["comment:1", "comment:2"]
    dump, restore = commands("Backup and restore").split("createdb")
    backed_up = await asyncio.to_thread(follow, dump, tmp_path, address)
    assert (backed_up.returncode, backed_up.stderr) == (0, "")
    await take(store, comment(3))
    await store.close()
    name = make_url(restored).database or ""
    put_back = await asyncio.to_thread(
        follow, f"createdb{restore}", tmp_path, address, RESTORED=name
    )
    assert (put_back.returncode, put_back.stderr) == (0, "")

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
    done = await asyncio.to_thread(
        follow, commands("Backup and restore").split("createdb")[0], tmp_path, address
    )
    assert (done.returncode, done.stderr) == (0, "")

    await (await Store.open(address)).close()
    with pytest.raises(StorageError, match="newer version"):
        await migrate_to(older, address)
    restore = "createdb" + commands("Backup and restore").split("createdb")[1]
    name = make_url(restored).database or ""
    done = await asyncio.to_thread(follow, restore, tmp_path, address, RESTORED=name)
    assert (done.returncode, done.stderr) == (0, "")
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
