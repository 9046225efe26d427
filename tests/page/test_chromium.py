"""The browser of the tests is there, or says what to do."""

from pathlib import Path

import pytest

from sandbox.gallery import chromium as module


def test_a_browser_that_is_installed_goes_before_the_one_that_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "chromium"
    installed.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert module.found() == (installed, {})


def test_where_there_is_no_browser_a_sentence_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(module, "_UNPACKED", tmp_path)

    with pytest.raises(RuntimeError, match="run the tests by `make test`"):
        module.found()


async def test_a_browser_that_does_not_start_is_a_sentence_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    with pytest.raises(RuntimeError, match="does not start; install chromium"):
        async with module.chromium():
            pass
