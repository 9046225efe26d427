"""``docs/operations.md``, followed with real bots: backup, restore, and an upgrade."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from cogs.twentythree.storage.migrate import newest
from sandbox.chat import Channel
from sandbox.workspace import Thing
from tests.fakes.bot_process import ROOT, BotProcess
from tests.fakes.databases import PostgresDatabases
from tests.fakes.manual import commands, follow
from tests.fakes.stage import Stage

_REVISION = "SELECT version_num FROM twentythree_schema"
# It is higher than any that there will be for long, and what it makes does no harm.
_NEXT = f'''"""What a next version may add."""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "9999"
down_revision: str | None = "{newest()}"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade(op: Operations) -> None:
    op.create_table("twentythree_next", sa.Column("id", sa.BigInteger(), primary_key=True))
'''


@pytest.fixture
def postgres(postgres_server: PostgresDatabases) -> Iterator[PostgresDatabases]:
    yield postgres_server
    postgres_server.clear()


async def all_there(stage: Stage, room: Channel, video: Thing, comment_id: int) -> None:
    """Wait until the room has the comment; what a backup lacked may be there twice."""
    await stage.chat.wait_for(lambda: comment_id in stage.held(room), timeout_s=90)


async def test_a_backup_of_the_file_is_restored_and_run(tmp_path: Path) -> None:
    async with Stage(tmp_path) as stage:
        database = f"sqlite+aiosqlite:///{tmp_path}/twentythree.db"
        async with stage.bot(TWENTYTHREE_DATABASE_URL=database) as bot:
            await stage.until_ready()
            room, video = await stage.attached()
            await stage.say(video)
            await stage.until_all_shown(room, video)
            await follow(commands("Backup of the file"), tmp_path)
            assert stat.S_IMODE((tmp_path / "backup.db").stat().st_mode) == 0o600
            later = await stage.say(video)
            await stage.until_all_shown(room, video)
            assert await bot.terminate() == 0
            await follow(commands("Restore of the file"), tmp_path)
            assert stat.S_IMODE((tmp_path / "twentythree.db").stat().st_mode) == 0o600

            await bot.start()
            await stage.until_ready()
            await all_there(stage, room, video, await stage.say(video))
            assert "made a new database" not in bot.log
            held = stage.held(room)
            # What the backup knew is said once; what came since, as the manual warns, again.
            assert [held[one] for one in sorted(held)] == [1, held[later], 1]
            assert await bot.terminate() == 0


def next_version(folder: Path) -> Path:
    """Make a folder with the version that comes after this one."""
    for part in ("bot", "cogs"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    versions = folder / "cogs/twentythree/storage/migrations/versions"
    (versions / "9999_next.py").write_text(_NEXT)
    return folder


async def test_a_new_version_takes_over_from_an_old_one_and_is_gone_back_from(
    tmp_path: Path, postgres: PostgresDatabases
) -> None:
    address, restored = postgres.unused(), postgres.promised()

    def bot(url: str, root: Path = ROOT) -> BotProcess:
        made = stage.bot(TWENTYTHREE_DATABASE_URL=url, TWENTYTHREE_LEASE_SECONDS="3")
        made.root = root
        return made

    (tmp_path / "new").mkdir()
    async with Stage(tmp_path) as stage, bot(address) as old:
        await stage.until_ready()
        room, video = await stage.attached()
        await stage.say(video)
        await stage.until_all_shown(room, video)
        backup, restore = commands("Backup and restore").split("createdb")
        await follow(backup, tmp_path, address)
        assert (tmp_path / "twentythree.dump").stat().st_mode & 0o077 == 0

        async with bot(address, next_version(tmp_path / "new")) as new:
            await new.logged("Standing by since")
            await stage.say(video)
            await stage.until_all_shown(room, video)
            assert postgres.run(address, _REVISION) == [newest()]

            assert await old.terminate() == 0
            await new.logged(r"leading on the database .+, term 2")
            await stage.say(video)
            await stage.until_all_shown(room, video)
            assert postgres.run(address, _REVISION) == ["9999"]

            await old.start()
            await old.logged("Standing by since")
            assert await new.terminate() == 0
            assert await old.exited() == 1
            assert "written by a newer version" in old.log

        name = make_url(restored).database or ""
        await follow(f"createdb{restore}", tmp_path, address, RESTORED=name)
        async with bot(restored) as back:
            await back.logged("it works")
            await all_there(stage, room, video, await stage.say(video))
            assert await back.terminate() == 0
