"""``python -m tests.again [--measured FILE] ARGUMENTS…``: run pytest, and a few failures again.

On a machine that does much else a test may come too late for what it waits for. Where at most five
fail, they run once more, one after the other and beside nothing else; what fails then is wrong. All
else that pytest can end with stays what it is: a test that brings its process down, a file that
cannot be read, an interruption.

``FILE``: where slipcover writes what both have run of the code. It is also a plugin for pytest, by
which it knows what failed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pytest

_MOST = 5
_SOME_FAILED = 1
_PHASES = frozenset({"setup", "call", "teardown"})
_LINE = "=" * 100


@dataclass(slots=True)
class Notes:
    """What came of the tests, by their ids; ``is_broken``: something else than a test failed."""

    passed: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    is_broken: bool = False

    @property
    def deserves_another_go(self) -> bool:
        """Whether nothing but a few tests failed."""
        return 0 < len(self.failed) <= _MOST and not self.is_broken


class _Noting:
    """The plugin; the reports of all forks come to the process that it is in."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._notes = Notes()

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._notes.is_broken |= report.failed

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when not in _PHASES:
            # A fork is gone, and this is the test that it was at.
            self._notes.is_broken = True
        elif report.failed and report.nodeid not in self._notes.failed:
            self._notes.failed.append(report.nodeid)
        elif report.passed and report.when == "call":
            self._notes.passed.append(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        self._file.write_text(json.dumps(asdict(self._notes)), "utf-8")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--noted", metavar="FILE", help="write what passed and what failed")


def pytest_configure(config: pytest.Config) -> None:
    file: str | None = config.getoption("--noted")
    if file is not None:
        config.pluginmanager.register(_Noting(Path(file)))


def main(arguments: list[str]) -> int:
    """Run the tests; return the exit status."""
    measured: str | None = None
    if arguments[:1] == ["--measured"]:
        measured, arguments = arguments[1], arguments[2:]
    status, notes = _run(arguments, measured)
    if status != _SOME_FAILED or not notes.deserves_another_go:
        return status
    _say("These failed, and run once more, alone:", notes.failed)
    more = None if measured is None else f"{measured}.again"
    status, alone = _run(notes.failed, more)
    if measured is not None and more is not None:
        _merge(measured, more)
    # One that was left out this time has not passed.
    failed = [one for one in notes.failed if one not in alone.passed or one in alone.failed]
    if status or failed:
        _say("These failed alone, too:", failed)
        return status or _SOME_FAILED
    _say("These failed beside others, and passed alone; look what they wait for:", notes.failed)
    return 0


def _run(arguments: list[str], measured: str | None) -> tuple[int, Notes]:
    """Run pytest, under slipcover if its file is named; return its status and what it noted."""
    under = ["-m", "slipcover", "--json", "--out", measured] if measured is not None else []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "notes.json"
        noting = ["-p", "tests.again", "--noted", str(file)]
        command = [sys.executable, *under, "-m", "pytest", *noting, *arguments]
        # Else a run within a measured one would take that one's files for its own, and remove them.
        env = {key: it for key, it in os.environ.items() if not key.startswith("SLIPCOVER_")}
        status = subprocess.run(command, env=env, check=False).returncode
        # Where pytest did not come to its end, nobody wrote it.
        noted = json.loads(file.read_text("utf-8")) if file.exists() else {"is_broken": True}
    return status, Notes(**noted)


def _merge(measured: str, more: str) -> None:
    files = ["--merge", measured, more, "--out", measured]
    subprocess.run([sys.executable, "-m", "slipcover", "--silent", "--json", *files], check=True)
    Path(more).unlink()


def _say(what: str, tests: list[str]) -> None:
    lines = [_LINE, what, *(f"  {one}" for one in tests), _LINE]
    sys.stdout.write("\n".join(["", *lines, ""]))
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
