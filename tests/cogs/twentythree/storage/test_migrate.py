from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import op
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from cogs.twentythree.errors import StorageError
from cogs.twentythree.storage import Store
from cogs.twentythree.storage.engine import Database
from cogs.twentythree.storage.migrate import MIGRATIONS, upgrade
from cogs.twentythree.storage.tables import VERSION_TABLE, metadata
from tests.cogs.twentythree.storage.things import execute, query

_PLUGIN = MIGRATIONS.parents[1]


async def test_the_migrations_and_the_tables_say_the_same(database: str) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_server_default": True}
        )
        return list(compare_metadata(context, metadata))

    opened = Database.at(database)
    found = await opened.read(differences)
    await opened.close()

    assert found == []


async def test_opening_again_changes_nothing(database: str) -> None:
    first = await Store.open(database)
    await first.upkeep.set_command_digest("global", "x")
    await first.close()
    second = await Store.open(database)

    assert (await second.upkeep.command_digests())["global"] == "x"
    await second.close()


async def test_a_database_of_a_newer_version_is_refused(sqlite_database: str) -> None:
    await execute(sqlite_database, "UPDATE twentythree_schema SET version_num = '9999'")

    with pytest.raises(StorageError, match="newer version"):
        await Store.open(sqlite_database)


async def test_a_migration_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    scripts = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, scripts)
    head = ScriptDirectory(str(scripts)).get_current_head()
    (scripts / "versions" / "9999_broken.py").write_text(
        f"revision = '9999'\ndown_revision = '{head}'\n\n"
        "def upgrade(op):\n    op.drop_table('none')\n"
    )
    address = f"sqlite+aiosqlite:///{tmp_path / 'store.db'}"
    opened = Database.at(address)
    with pytest.raises(StorageError, match="none"):
        await opened.write(lambda connection: upgrade(connection, scripts))
    await opened.close()

    assert await query(address, "SELECT count(*) FROM sqlite_master") == [0]


async def test_stores_opening_at_the_same_time_do_not_mix_up(tmp_path: Path) -> None:
    addresses = [f"sqlite+aiosqlite:///{tmp_path / f'{n % 3}.db'}" for n in range(6)]
    async with asyncio.TaskGroup() as tasks:
        opening = [tasks.create_task(Store.open(address)) for address in addresses]
    for task in opening:
        await task.result().close()

    newest = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    for number in range(3):
        revisions = await query(addresses[number], "SELECT version_num FROM twentythree_schema")
        assert revisions == [newest]


def test_each_migration_is_in_a_file_that_is_named_for_it() -> None:
    """Whether a database is up to date is told by those names."""
    found = ScriptDirectory(str(MIGRATIONS)).walk_revisions()

    assert [one.revision for one in found] == [
        path.name.partition("_")[0]
        for path in sorted((MIGRATIONS / "versions").glob("*.py"), reverse=True)
    ]


def test_with_sqlite_nothing_is_loaded_that_others_need(sqlite_database: str) -> None:
    script = (
        "import asyncio, sys\n"
        "from cogs.twentythree.storage import Store\n"
        "async def main():\n"
        "    store = await Store.open(sys.argv[1])\n"
        "    await store.upkeep.set_command_digest('global', 'x')\n"
        "    await store.close()\n"
        "asyncio.run(main())\n"
        "print(*sys.modules, sep='\\n')\n"
    )
    command = [sys.executable, "-c", script, sqlite_database]
    done = subprocess.run(
        command, cwd=_PLUGIN.parents[1], capture_output=True, text=True, check=True
    )

    needless = {
        "alembic",
        "mako",
        "asyncpg",
        "sqlalchemy.ext.asyncio",
        "sqlalchemy.orm",
        "sqlalchemy.dialects.postgresql",
    }
    assert not needless & set(done.stdout.splitlines())


async def test_alembics_globals_stay_with_the_host(tmp_path: Path) -> None:
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'store.db'}")
    await store.close()

    with pytest.raises(NameError):
        op.get_context()
    assert "env_py" not in sys.modules


def test_the_store_works_under_another_package_name(tmp_path: Path) -> None:
    """As from the wheel, where the plugin is called discord_twentythree."""
    shutil.copytree(_PLUGIN, tmp_path / "50%" / "discord_twentythree")
    script = (
        "import asyncio, sys\n"
        "from discord_twentythree.storage import Store\n"
        "async def main():\n"
        "    store = await Store.open('sqlite+aiosqlite:///store.db')\n"
        "    print((await store.upkeep.counts()).attachments)\n"
        "    await store.close()\n"
        "asyncio.run(main())\n"
        "print(sorted(n for n in sys.modules if n.split('.')[0] in ('cogs', 'bot', 'discord')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        cwd=tmp_path / "50%",
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.splitlines() == ["0", "[]"]
