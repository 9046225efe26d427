"""How `make` installs what is pinned."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

_ROOT = Path(__file__).parents[2]
_PIN = re.compile(r"^[a-z0-9-]+(?:\[[a-z]+\])?==.*$", re.MULTILINE)
_HASH = re.compile(r"sha256:[0-9a-f]{64}")


@pytest.fixture
def install_pins() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pins", _ROOT / ".ci" / "install_pins.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("count", [1, 2, 3, 500])
def test_each_pin_is_in_one_part_with_its_hashes(install_pins: ModuleType, count: int) -> None:
    lock = (_ROOT / "requirements.lock").read_text("utf-8")

    parts = install_pins.parts(lock, count)

    assert sorted(_PIN.findall("".join(parts))) == sorted(_PIN.findall(lock))
    assert sorted(_HASH.findall("".join(parts))) == sorted(_HASH.findall(lock))
    assert len(parts) == min(count, len(_PIN.findall(lock)))
    assert all(_PIN.match(part) for part in parts)


def test_a_pip_that_fails_is_told(
    install_pins: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    lock = tmp_path / "wrong.lock"
    lock.write_text("no pin==\n", "utf-8")
    monkeypatch.setenv("PIP_NO_INDEX", "1")

    assert install_pins.main(lock) != 0
    assert "no pin==" in capfd.readouterr().err
