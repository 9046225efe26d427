"""Breaks each row's behaviour in a copy of the tree, runs the tests that the row names, wants red.

``python -m tests.mutants [WORDS] [--jobs N]``: only rows with WORDS in them; writes the last
column of docs/conformance.md.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from tests.mutants.mutations import MUTATIONS, Mutation

_ROOT = Path(__file__).parents[2]
_PAGE = _ROOT / "docs" / "conformance.md"
_PLUGIN, _TESTS = Path("cogs/twentythree"), Path("tests/cogs/twentythree")
_ROW = re.compile(
    r"\| (?P<name>.+?) \| (?P<source>.+?) \| (?P<tests>`.+?`) \|(?: (?P<seen>.*) \|)?"
)
_TEST = re.compile(r"`([\w/]+\.py)::(\w+)`")
_PARTS = ("bot", "cogs", "docs", "sandbox", "tests", "pyproject.toml")
_PLUGINS = ("-p", "no:cacheprovider", "-p", "tests.mutants.quick")
# A test that hangs is not green either.
_PATIENCE_S = 240.0


def copied(into: Path) -> Path:
    """Copy what the tests need; the Faye server is linked to."""
    for part in _PARTS:
        if (_ROOT / part).is_dir():
            skipped = shutil.ignore_patterns("node_modules", "__pycache__")
            shutil.copytree(_ROOT / part, into / part, ignore=skipped)
        else:
            shutil.copy2(_ROOT / part, into / part)
    modules = Path("tests/faye_server/node_modules")
    (into / modules).symlink_to((_ROOT / modules).resolve())
    return into


def is_red(tree: Path, tests: list[tuple[str, str]], mutation: Mutation) -> bool:
    """Tell whether one of ``tests`` fails with ``mutation``; the tree is as before afterwards."""
    path = tree / _PLUGIN / mutation.path
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(mutation.old, mutation.new), encoding="utf-8")
    names = [f"{_TESTS / file}::{name}" for file, name in tests]
    command = [sys.executable, "-m", "pytest", "-q", "-x", *_PLUGINS, *names]
    try:
        done = subprocess.run(
            command, cwd=tree, capture_output=True, text=True, timeout=_PATIENCE_S, check=False
        )
        if done.returncode > 1:
            raise RuntimeError(done.stdout[-2000:] + done.stderr[-2000:])
    except subprocess.TimeoutExpired:
        return True
    finally:
        path.write_text(text, encoding="utf-8")
    return done.returncode == 1


def seen(line: str, trees: SimpleQueue[Path]) -> str:
    """Return a row of the page with what became of its mutant in the last column."""
    row = _ROW.fullmatch(line)
    assert row is not None
    mutation = MUTATIONS[row["name"]]
    tree = trees.get()
    try:
        told = "red" if is_red(tree, _TEST.findall(row["tests"]), mutation) else "**survives**"
    finally:
        trees.put(tree)
    print(f"{told:12} {row['name']}", flush=True)  # noqa: T201 - a command line prints
    return f"| {row['name']} | {row['source']} | {row['tests']} | {told}: `{mutation.path}` |"


def main() -> int:
    """Return 1 if a mutant survives."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    lines = _PAGE.read_text(encoding="utf-8").splitlines()
    wanted = [
        number
        for number, line in enumerate(lines)
        if "::" in line and _ROW.fullmatch(line) and all(w in line for w in given.words)
    ]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(given.jobs) as pool:
        trees: SimpleQueue[Path] = SimpleQueue()
        for job in range(given.jobs):
            trees.put(copied(Path(folder) / str(job)))
        results = pool.map(lambda number: seen(lines[number], trees), wanted)
        for number, line in zip(wanted, results, strict=True):
            lines[number] = line
            # At once: a run takes long.
            _PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return int(any("**survives**" in lines[number] for number in wanted))


if __name__ == "__main__":
    sys.exit(main())
