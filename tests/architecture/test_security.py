"""What the document on security claims is shown by tests that exist."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_ROW = re.compile(r"^\|.*\| (.+) \|$", re.MULTILINE)
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def rows() -> list[str]:
    text = (ROOT / "docs" / "security.md").read_text()
    table = text.partition("## What is protected\n")[2].partition("\n## ")[0]
    return _ROW.findall(table)[1:]


@pytest.mark.parametrize("shown_by", rows())
def test_each_protection_names_a_test_that_exists(shown_by: str) -> None:
    named = _TEST.findall(shown_by)

    assert named
    for path, name in named:
        tree = ast.parse((ROOT / path).read_text())
        functions = (ast.FunctionDef, ast.AsyncFunctionDef)
        assert name in {node.name for node in ast.walk(tree) if isinstance(node, functions)}
