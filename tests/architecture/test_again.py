"""Tests that are late get a second chance, alone; nothing else does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import again

_ROOT = Path(__file__).parents[2]
# Each test writes one letter more into a file of its name, and knows by that how often it ran.
_RUNS = """
import os, pytest
def runs(name):
    with open(name, "a") as file:
        file.write("x")
    return os.path.getsize(name)
"""
_LATE = "def {name}():\n    assert runs('{name}') > 1\n"
_RIGHT = "def test_right():\n    runs('test_right')\n"
_WRONG = "def test_wrong():\n    assert not runs('test_wrong')\n"
_LEFT_OUT = "def test_left_out():\n    assert runs('test_left_out') > 1\n    pytest.skip()\n"
_DOWN = "def test_down():\n    runs('test_down') > 1 or os._exit(1)\n"


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return a folder where pytest runs with no plugin but forks."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(_ROOT))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -p tests.forks\n")
    return tmp_path


def late(count: int = 1) -> str:
    return _RUNS + "".join(_LATE.format(name=f"test_late_{number}") for number in range(count))


def runs(folder: Path, name: str) -> int:
    """Return how often a test ran."""
    return (folder / name).stat().st_size


def test_a_few_that_fail_run_once_more_alone_and_are_told(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "test_it.py").write_text(late(5) + _RIGHT)

    assert again.main(["-q"]) == 0
    assert [runs(folder, f"test_late_{number}") for number in range(5)] == [2] * 5
    assert runs(folder, "test_right") == 1
    told = capfd.readouterr().out
    assert "run once more, alone:\n  test_it.py::test_late_0\n" in told
    assert "passed alone; look what they wait for:\n  test_it.py::test_late_0\n" in told


def test_many_that_fail_are_no_accident(folder: Path) -> None:
    (folder / "test_it.py").write_text(late(6))

    assert again.main(["-q"]) == 1
    assert runs(folder, "test_late_0") == 1


def test_what_does_not_pass_alone_stays_a_failure(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "test_it.py").write_text(late() + _WRONG)

    assert again.main(["-q"]) == 1
    assert runs(folder, "test_wrong") == 2
    assert "failed alone, too:\n  test_it.py::test_wrong\n=" in capfd.readouterr().out


def test_what_is_left_out_alone_has_not_passed(folder: Path) -> None:
    (folder / "test_it.py").write_text(_RUNS + _LEFT_OUT)

    assert again.main(["-q"]) == 1
    assert runs(folder, "test_left_out") == 2


def test_a_process_that_is_brought_down_stays_a_failure(folder: Path) -> None:
    (folder / "test_it.py").write_text(late() + _DOWN)

    assert again.main(["-q", "--forks", "1"]) == 1
    assert runs(folder, "test_late_0") == 1


def test_a_file_that_cannot_be_read_stays_a_failure(folder: Path) -> None:
    (folder / "test_it.py").write_text(late())
    (folder / "test_torn.py").write_text("import nothing_of_this_name\n")

    assert again.main(["-q", "--continue-on-collection-errors"]) == 1
    assert runs(folder, "test_late_0") == 1


def test_both_runs_are_measured(folder: Path) -> None:
    (folder / "pyproject.toml").write_text('[tool.slipcover]\nbranch = true\nsource = ["src"]\n')
    (folder / "src").mkdir()
    (folder / "src" / "halves.py").write_text(
        "def first():\n    return 1\n\n\ndef second():\n    return 2\n"
    )
    imported = "import sys\nsys.path.insert(0, 'src')\nimport halves\n"
    second = "def test_two():\n    assert runs('test_two') > 1\n    halves.second()\n"
    (folder / "test_it.py").write_text(
        f"{imported}def test_one():\n    halves.first()\n{_RUNS}{second}"
    )

    assert again.main(["--measured", "measured.json", "-q"]) == 0
    (found,) = json.loads((folder / "measured.json").read_text())["files"].values()
    assert found["missing_lines"] == []
    assert set(folder.glob("measured*")) == {folder / "measured.json"}
