from __future__ import annotations

import importlib
from importlib import metadata

import pytest

import cogs.twentythree as plugin


@pytest.mark.parametrize("name", plugin.__all__)
def test_everything_that_is_promised_can_be_had(name: str) -> None:
    assert getattr(plugin, name) is not None


def test_what_is_not_promised_cannot() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        getattr(importlib.import_module("cogs.twentythree"), "nothing")  # noqa: B009 - the access is the test


def test_a_copied_folder_does_not_know_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", version)

    assert plugin.__version__ == "unknown"


def test_an_installed_wheel_knows_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "version", lambda name: f"1.2.3 of {name}")

    assert plugin.__version__ == "1.2.3 of discord-twentythree"
