"""docs/conformance.md names, for each behaviour, tests that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.mutants.mutations import MUTATIONS

_ROOT = Path(__file__).parents[4]
_PAGE = _ROOT / "docs" / "conformance.md"
_TESTS = _ROOT / "tests" / "cogs" / "twentythree"
_TEST_NAME = re.compile(r"`([\w/]+\.py)::(\w+)`")
_TITLE, _RULE = "| behaviour |", "|---|"
_PLUGIN = _ROOT / "cogs" / "twentythree"


def rows(page: str) -> list[str]:
    """Return the rows of all tables whose first column is the behaviour."""
    found: list[str] = []
    is_table = False
    for line in page.splitlines():
        is_table = line.startswith(_TITLE) or (is_table and line.startswith("|"))
        if is_table and not line.startswith((_TITLE, _RULE)):
            found.append(line)
    return found


def faults(row: str) -> list[str]:
    """Return what is wrong with a row: it has no test, or one that does not exist."""
    named = _TEST_NAME.findall(row)
    if not named:
        return [f"no test: {row}"]
    return [f"{path}::{name}" for path, name in named if name not in _defined(_TESTS / path)]


def _defined(path: Path) -> set[str]:
    if not path.is_file():
        return set()
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {node.name for node in tree.body if isinstance(node, functions)}
    # A state machine is a test by assignment.
    targets = [t for node in tree.body if isinstance(node, ast.Assign) for t in node.targets]
    names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return {name for name in names if name.lower().startswith("test")}


def test_every_behaviour_has_a_test_and_every_test_exists() -> None:
    page_rows = rows(_PAGE.read_text(encoding="utf-8"))

    assert len(page_rows) > 100
    assert [fault for row in page_rows for fault in faults(row)] == []


def test_every_behaviour_has_been_broken_and_its_tests_have_failed() -> None:
    page_rows = rows(_PAGE.read_text(encoding="utf-8"))
    texts = {
        path: (_PLUGIN / path).read_text(encoding="utf-8") for path, _, _ in MUTATIONS.values()
    }

    assert [row.split(" | ")[0].removeprefix("| ") for row in page_rows] == list(MUTATIONS)
    assert [row for row, (path, old, _) in MUTATIONS.items() if texts[path].count(old) != 1] == []
    assert [row for row in page_rows if " | red: `" not in row] == []


@pytest.mark.parametrize(
    ("row", "is_faulty"),
    [
        ("| a | b | `bayeux/test_conformance_table.py::test_a_fault_is_noticed` |", False),
        ("| a | b | `bayeux/test_conformance_table.py::test_that_is_not` |", True),
        ("| a | b | `bayeux/test_nowhere.py::test_a_fault_is_noticed` |", True),
        ("| a | b | |", True),
    ],
)
def test_a_fault_is_noticed(row: str, is_faulty: bool) -> None:  # noqa: FBT001 - pytest passes by name
    page = f"text\n| behaviour | source | test |\n|---|---|---|\n{row}\n\n| other | table |\n"

    assert rows(page) == [row]
    assert bool(faults(row)) is is_faulty
