"""The plugin in somebody else's bot, which owns ``bot.py`` and ``cogs`` already."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("host.py")

MUSIC = """
from discord.ext import commands

class Music(commands.Cog):
    pass

async def setup(bot):
    await bot.add_cog(Music())
"""


def run(*command: str | Path, cwd: Path, **variables: str) -> str:
    ran = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "HOME": str(cwd), **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = ("-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    subprocess.run([sys.executable, *map(str, build)], cwd=folder, check=True, capture_output=True)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    install = ("-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", folder)
    subprocess.run([sys.executable, *map(str, install), str(wheel)], cwd=folder, check=True)
    return folder


@pytest.fixture(params=["a package", "a plain folder"])
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return the folder of a host whose `cogs` is a package, or not."""
    folder = tmp_path / "host"
    (folder / "cogs").mkdir(parents=True)
    (folder / "bot.py").write_text('OWNER = "the host"\n')
    (folder / "cogs" / "music.py").write_text(MUSIC)
    if request.param == "a package":
        (folder / "cogs" / "__init__.py").touch()
    shutil.copy(PROGRAM, folder / "main.py")
    return folder


def play(host: Path, plugin: str, **variables: str) -> dict[str, Any]:
    database = host / "twentythree.db"
    said = run(
        sys.executable,
        "main.py",
        plugin,
        cwd=host,
        TWENTYTHREE_SITE_URL="https://video.example.com",
        TWENTYTHREE_DATABASE_URL=f"sqlite+aiosqlite:///{database}",
        PYTHONDONTWRITEBYTECODE="1",
        **variables,
    )
    with sqlite3.connect(database) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    connection.close()
    assert {"twentythree_attachments", "twentythree_notices"} <= tables
    seen: dict[str, Any] = json.loads(said)
    return seen


def assert_a_good_guest(seen: dict[str, Any]) -> None:
    assert seen["cogs"] == ["Music", "TwentyThree"]
    assert seen["commands"] == ["video"]
    assert seen["guest"] == "Gæst"
    assert seen["reloaded"]
    assert seen["cogs after"] == ["Music"]
    assert seen["host"] == "the host"
    for left in ("commands", "listeners", "modules", "tasks", "files"):
        assert seen[f"{left} after"] == [], left
    assert seen["connections"] == []


def test_the_wheel_lives_beside_a_host_that_owns_bot_and_cogs(host: Path, site: Path) -> None:
    seen = play(host, "discord_twentythree", PYTHONPATH=str(site))

    assert_a_good_guest(seen)
    assert seen["file"] == str(site / "discord_twentythree")
    assert seen["version"] != "unknown"


def test_the_copied_folder_lives_in_a_hosts_own_cogs(host: Path) -> None:
    source, copy = ROOT / "cogs" / "twentythree", host / "cogs" / "twentythree"
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))

    seen = play(host, "cogs.twentythree")

    assert_a_good_guest(seen)
    assert seen["file"] == str(copy)


def test_the_wheel_owns_one_name_only_and_holds_the_migrations(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"discord_twentythree"}
    versions = "discord_twentythree/storage/migrations/versions/"
    assert [name for name in names if name.startswith(versions) and name.endswith(".py")]
    assert not [name for name in names if "__pycache__" in name]
    catalogues = [name for name in names if "/catalogues/" in name]
    assert sorted(name.split("/")[2] for name in catalogues) == ["da", "de", "sv"]
    assert all(name.endswith(".mo") for name in catalogues)


def test_a_missing_variable_refuses_to_load_with_its_name(tmp_path: Path, site: Path) -> None:
    shutil.copy(PROGRAM, tmp_path / "main.py")
    (tmp_path / "cogs").mkdir()
    (tmp_path / "cogs" / "music.py").write_text(MUSIC)

    ran = subprocess.run(
        [sys.executable, "main.py", "discord_twentythree"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 1
    assert "TWENTYTHREE_SITE_URL is not set." in ran.stderr
