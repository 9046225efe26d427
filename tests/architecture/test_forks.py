"""Tests that run in forks of the process that found them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_NOTES = """
import os, pytest
def note(what):
    with open("notes", "a") as file:
        file.write(f"{what} {os.getpid()}\\n")
note("read")
"""
_MANY = "import os, pytest\n@pytest.mark.parametrize('number', range({count}))\n"


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return a folder where pytest runs with no plugin but forks."""
    monkeypatch.setenv("PYTHONPATH", str(_ROOT))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    return tmp_path


def run(folder: Path, *arguments: str, under: tuple[str, ...] = ()) -> tuple[int, str]:
    """Run the tests of a folder in two forks; return the status and all that is said."""
    options = ("-p", "tests.forks", "--forks", "2", "-p", "no:cacheprovider")
    command = [sys.executable, *under, "-m", "pytest", *options, *arguments]
    told = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    return told.returncode, told.stdout


def notes(folder: Path) -> list[tuple[str, str]]:
    """Return what was noted, and by which process."""
    lines = (folder / "notes").read_text().splitlines()
    return [(what, pid) for what, pid in (line.split() for line in lines)]


def test_all_is_read_once_and_each_test_runs_once(folder: Path) -> None:
    (folder / "test_it.py").write_text(
        f"{_NOTES}{_MANY.format(count=40)}"
        "def test_one(number):\n    note(number)\n    assert number != 7\n"
        "def test_left_out():\n    pytest.skip()\n"
    )

    status, told = run(folder)

    assert (status, "1 failed, 39 passed, 1 skipped" in told) == (1, True)
    assert "assert 7 != 7" in told
    read, *ran = notes(folder)
    assert read[0] == "read"
    assert sorted(int(what) for what, _ in ran) == list(range(40))
    assert read[1] not in {pid for _, pid in ran}


def test_what_is_printed_and_kept_is_each_tests_own(folder: Path) -> None:
    (folder / "test_it.py").write_text(
        f"{_MANY.format(count=20)}def test_one(number, tmp_path):\n"
        "    assert os.listdir(tmp_path) == []\n    (tmp_path / 'it').touch()\n"
        "    os.system(f'echo this is {number}')\n    assert 0\n"
    )

    _, told = run(folder)

    said = re.findall(r"^_+ test_one\[(\d+)\] _+$|^this is (\d+)$", told, re.MULTILINE)
    assert [title or line for title, line in said][::2] == [line for _, line in said[1::2]]
    assert sorted(int(line) for _, line in said[1::2]) == list(range(20))


@pytest.mark.parametrize(("scope", "times"), [("module", 2), ("package", 1)])
def test_what_shares_something_runs_in_one_fork(folder: Path, scope: str, times: int) -> None:
    (part := folder / "part").mkdir()
    (part / "conftest.py").write_text(
        f"{_NOTES}@pytest.fixture(scope='{scope}')\ndef shared():\n    note('made')\n    yield\n"
        "    note('ended')\n"
    )
    for name in ("test_one", "test_two"):
        test = f"{_MANY.format(count=9)}def {name}(number, shared): pass\n"
        (part / f"{name}.py").write_text(test)

    _, told = run(folder)

    assert "18 passed" in told
    said = [what for what, _ in notes(folder)]
    assert (said.count("made"), said.count("ended")) == (times, times)


def test_a_fork_stays_with_a_file_until_there_is_no_other_to_begin(folder: Path) -> None:
    (folder / "conftest.py").write_text(_NOTES)
    for name in ("one", "two"):
        test = f"def test_it(number):\n    note('{name}')\n    time.sleep(0.01)\n"
        (folder / f"test_{name}.py").write_text(
            f"import time\nfrom conftest import note\n{_MANY.format(count=20)}{test}"
        )

    _, told = run(folder)

    assert "40 passed" in told
    first = {pid for what, pid in notes(folder)[1:20] if what == "one"}
    second = {pid for what, pid in notes(folder)[1:20] if what == "two"}
    assert (len(first), len(second), first & second) == (1, 1, set())


def test_a_fork_that_is_gone_is_a_failure_and_the_others_go_on(folder: Path) -> None:
    (folder / "test_it.py").write_text(
        f"{_MANY.format(count=9)}def test_one(number):\n    number in (0, 3) and os._exit(number)\n"
    )

    status, told = run(folder)

    assert (status, "2 failed, 7 passed" in told) == (1, True)
    assert re.search(r"fork\d ended with 3 at test_it.py::test_one\[3\]", told)


def test_what_is_left_lying_about_at_the_end_is_a_failure(folder: Path) -> None:
    (folder / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    (folder / "test_it.py").write_text(
        "def test_it():\n    global left\n    left = open('left', 'w')\n"
    )
    (folder / "conftest.py").write_text(
        "import sys\ndef pytest_unconfigure():\n    vars(sys.modules.get('test_it')).clear()\n"
    )

    status, told = run(folder)

    assert (status, "1 failed, 1 passed" in told) == (1, True)


def test_nothing_more_is_begun_where_the_first_failure_is_to_end_it(folder: Path) -> None:
    (folder / "test_it.py").write_text(
        f"{_NOTES}{_MANY.format(count=400)}"
        "def test_one(number):\n    note(number)\n    assert number\n"
    )

    status, told = run(folder, "-x")

    assert (status, "stopping after 1 failures" in told) == (1, True)
    assert len(notes(folder)) < 300


def test_a_file_that_cannot_be_read_ends_it(folder: Path) -> None:
    (folder / "test_one.py").write_text("import nothing_of_this_name\n")
    (folder / "test_two.py").write_text("def test_two(): pass\n")

    status, told = run(folder)

    assert (status, "1 error" in told) == (2, True)
    assert "passed" not in told


def test_what_forks_have_run_is_measured(folder: Path) -> None:
    (folder / "src").mkdir()
    halves = "def first():\n    return 1\n\n\ndef second():\n    return 2\n"
    (folder / "src" / "halves.py").write_text(halves)
    (folder / "test_it.py").write_text(
        "import sys\nsys.path.insert(0, 'src')\nimport halves\n"
        "def test_one():\n    halves.first()\ndef test_two():\n    halves.second()\n"
    )
    under = ("-m", "slipcover", "--json", "--out", "found.json", "--source", "src")

    _, told = run(folder, under=under)

    assert "2 passed" in told
    assert '"missing_lines": []' in (folder / "found.json").read_text()
