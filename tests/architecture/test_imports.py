"""What the import contracts of ``make contracts`` cannot see."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLUGIN = ROOT / "cogs" / "twentythree"
PLUGIN_NAME = "cogs.twentythree"


def modules_named_in(source: str) -> Iterator[str]:
    """Yield the absolute module names that a source imports, also by `import_module`."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from (name.name for name in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module
            case ast.Constant(value=str(text)) if text.startswith(("cogs.", "discord_twentythree")):
                yield text
            case _:
                pass


def imports_itself(source: str) -> bool:
    roots = {name.partition(".")[0] for name in modules_named_in(source)}
    return bool(roots & {"cogs", "discord_twentythree"})


@pytest.mark.parametrize(
    "source",
    [
        "import cogs.twentythree.domain",
        "from cogs.twentythree import domain",
        "from cogs import twentythree",
        "import discord_twentythree",
        "import_module('cogs.twentythree.storage')",
    ],
)
def test_an_absolute_import_of_the_plugin_is_noticed(source: str) -> None:
    assert imports_itself(source)


def test_the_plugin_imports_itself_relatively_only_so_that_its_folder_can_be_renamed() -> None:
    offenders = [
        str(path.relative_to(ROOT))
        for path in PLUGIN.rglob("*.py")
        if imports_itself(path.read_text(encoding="utf-8"))
    ]

    assert not offenders


_CORES = {
    "cogs.twentythree": "discord aiohttp pydantic sqlalchemy alembic prometheus_client",
    "cogs.twentythree.bayeux": "discord aiohttp pydantic sqlalchemy asyncio socket",
    "cogs.twentythree.domain": "discord aiohttp sqlalchemy alembic",
    "cogs.twentythree.settings": "discord aiohttp sqlalchemy",
    "cogs.twentythree.api": "discord sqlalchemy",
    "cogs.twentythree.intake": "discord",
}


@pytest.mark.parametrize(
    "absent",
    [
        # One process takes them one after the other: each may load more than those before it.
        _CORES,
        {"cogs.twentythree.realtime": "discord sqlalchemy pydantic"},
        {"cogs.twentythree.storage": "discord aiohttp"},
        # The page is there at once; the bot that it is for starts meanwhile.
        {"bot.__main__": "discord structlog aiohttp pydantic_settings"},
        {"bot.demo": "discord structlog pydantic_settings sqlalchemy alembic"},
    ],
    ids=" ".join,
)
def test_importing_a_part_loads_nothing_that_it_does_not_need(absent: dict[str, str]) -> None:
    program = "import sys\n"
    for package, names in absent.items():
        program += f"import {', '.join(modules_of(package))}\n"
        program += f"print(*({package!r} + ' loads ' + one for one in {names.split()}"
        program += " if one in sys.modules), sep='\\n', end='')\n"

    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.stdout, ran.stderr) == ("", "")


def modules_of(package: str) -> list[str]:
    """Return the package and all its modules but those that only Alembic may load."""
    folder = ROOT.joinpath(*package.split("."))
    if package == PLUGIN_NAME or not folder.is_dir():
        return [package]
    files = (path for path in folder.rglob("*.py") if "migrations" not in path.parts)
    parts = (path.relative_to(ROOT).with_suffix("").parts for path in files)
    return sorted(".".join(part).removesuffix(".__init__") for part in parts)


def test_the_folder_cogs_is_no_package_and_so_hides_nobodys_cogs() -> None:
    assert not (ROOT / "cogs" / "__init__.py").exists()
    assert not list((ROOT / "tests").rglob("__init__.py"))
