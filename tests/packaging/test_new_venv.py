"""The virtual environment that `make` makes."""

import importlib.util
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

_FILE = Path(__file__).parents[2] / ".ci" / "new_venv.py"


@pytest.fixture
def new_venv() -> ModuleType:
    spec = importlib.util.spec_from_file_location("new_venv", _FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_has_pip(new_venv: ModuleType, tmp_path: Path) -> None:
    new_venv.main(tmp_path / "made")

    python = tmp_path / "made" / "bin" / "python"
    said = subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=True)
    assert str(tmp_path).encode() in said.stdout


def test_where_python_comes_without_its_wheel_it_is_got_as_usual(
    new_venv: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr(new_venv.ensurepip, "version", lambda: "0")
    monkeypatch.setattr(new_venv.subprocess, "run", lambda command, check: ran.append(command))

    new_venv.main(tmp_path / "made")

    assert ran == [[str(tmp_path / "made" / "bin" / "python"), "-m", "ensurepip"]]
