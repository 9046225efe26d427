"""Rules that every source file keeps."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_MAX_LINES = 450
_MAX_TEST_LINES = 500

# An address of a package index, or of something to be downloaded from one.
_INDEX = re.compile(
    r"""://[^\s/"']*(registry|pypi|npmjs|python[h]osted|artifactory|nexus|devpi)
      | ://[^\s"']+/simple\b
      | ://[^\s"']+\.(whl|tgz|tar\.gz|zip)\b""",
    re.VERBOSE,
)


def tracked() -> list[Path]:
    """Return the files under version control; those of this tree where there is no git."""
    command = ["git", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        return [path for name in listed.stdout.split("\0") if (path := ROOT / name).is_file()]
    hidden = {".venv", "node_modules", ".git", "__pycache__"}
    return [p for p in ROOT.rglob("*") if p.is_file() and not hidden & set(p.parts)]


def python_files(*folders: str) -> list[Path]:
    return [
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if "node_modules" not in path.parts
    ]


def broad_handlers(source: str) -> Iterator[int]:
    """Yield the lines of handlers that catch everything, hide it, and do not say why."""
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.ExceptHandler) or not _is_broad(node.type):
            continue
        if isinstance(node.body[-1], ast.Raise):
            continue
        said = " ".join(lines[max(0, node.lineno - 2) : node.lineno + 2]).lower()
        if "supervision" not in said:
            yield node.lineno


def _is_broad(caught: ast.expr | None) -> bool:
    if caught is None:
        return True
    names = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(isinstance(n, ast.Name) and n.id in {"Exception", "BaseException"} for n in names)


@pytest.mark.parametrize(
    ("handler", "is_noticed"),
    [
        ("except Exception:\n    pass", True),
        ("except:\n    pass", True),
        ("except (OSError, Exception):\n    pass", True),
        ("except BaseException:\n    undo()\n    raise", False),
        ("except Exception:  # supervision: the show goes on\n    pass", False),
        ("except OSError:\n    pass", False),
    ],
)
def test_a_handler_that_hides_everything_is_noticed(handler: str, is_noticed: bool) -> None:  # noqa: FBT001 - pytest passes by name
    assert bool(list(broad_handlers(f"try:\n    do()\n{handler}\n"))) is is_noticed


def test_everything_is_caught_only_at_named_supervision_points() -> None:
    offenders = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in python_files("bot", "cogs", "sandbox")
        for line in broad_handlers(path.read_text(encoding="utf-8"))
    ]

    assert not offenders


def test_no_file_is_too_long_to_be_read_at_one_sitting() -> None:
    caps = {"bot": _MAX_LINES, "cogs": _MAX_LINES, "tests": _MAX_TEST_LINES}
    offenders = [
        f"{path.relative_to(ROOT)}: {count} lines"
        for folder, cap in caps.items()
        for path in python_files(folder)
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > cap
    ]

    assert not offenders


@pytest.mark.parametrize(
    "text",
    [
        "https://registry.example.org/left-pad",
        "http://10.0.0.1/simple/",
        "https://files.example.org/a/b/thing-1.0-py3-none-any.whl",
        "https://example.org/thing/-/thing-1.0.0.tgz",
    ],
)
def test_an_address_of_a_package_index_is_noticed(text: str) -> None:
    assert _INDEX.search(text)


def test_no_file_names_a_package_index_or_a_download() -> None:
    here = Path(__file__)
    offenders = []
    for path in tracked():
        if path == here:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        offenders += [f"{path.relative_to(ROOT)}: {m.group()}" for m in _INDEX.finditer(text)]

    assert not offenders


def test_lock_files_pin_by_hash_and_hold_no_address_at_all() -> None:
    locks = [p for p in tracked() if re.search(r"lock", p.name) and p.suffix in {".lock", ".json"}]

    assert {"requirements.lock", "requirements-test.lock"} <= {p.name for p in locks}
    for path in locks:
        text = path.read_text(encoding="utf-8")
        assert "resolved" not in text
        assert not re.search(r"(https?|git|ssh)(\+\w+)?://", text) or path.suffix == ".json"
        assert "--index-url" not in text
        assert "--find-links" not in text
    for name in ("requirements.lock", "requirements-test.lock", "deploy/requirements.lock"):
        pins = re.split(r"\n(?=[a-z])", (ROOT / name).read_text(encoding="utf-8"))
        unpinned = [p for p in pins if "==" in p and "--hash=sha256:" not in p]
        assert not unpinned


def test_the_plugin_tells_a_mistake_from_what_may_be_expected_wherever_it_logs_a_failure() -> None:
    """A traceback for a full disk hides what to do; ``log_failure`` knows the difference."""
    offenders = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in python_files("cogs")
        # Of somebody else's hooks, nothing is to be expected.
        if path.name != "extensions.py"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"\.exception\([\"'f]|exc_info=True", line)
    ]

    assert not offenders
