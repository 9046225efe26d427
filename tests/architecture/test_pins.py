"""The pins can be installed by pip with `--require-hashes`, also after newer releases."""

from __future__ import annotations

import re
from importlib.metadata import distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = [
    "requirements.lock",
    "requirements-test.lock",
    "benchmarks/requirements.lock",
    "deploy/requirements.lock",
]
_PIN = re.compile(r"^([a-z0-9-]+)(?:\[([^\]]+)\])?==", re.MULTILINE)
_WITH_EXTRAS = re.compile(r"^([A-Za-z0-9._-]+)\s*\[([^\]]+)\]([^;]*)(?:;(.*))?$")


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def extras_asked_for(names: set[str]) -> dict[str, set[str]]:
    """Return which extras the installed ``names`` want of which others, whatever the platform."""
    asked: dict[str, set[str]] = {}
    for distribution in distributions():
        if normal(distribution.name) not in names:
            continue
        for line in distribution.requires or ():
            found = _WITH_EXTRAS.match(line)
            if found and "extra ==" not in (found[4] or "") and normal(found[1]) in names:
                asked.setdefault(normal(found[1]), set()).update(
                    extra.strip() for extra in found[2].split(",")
                )
    return asked


@pytest.mark.parametrize("lock", LOCKS)
def test_what_is_wanted_with_extras_is_pinned_with_them(lock: str) -> None:
    """Older pips take a newer release, which has no hash here, for `name[extra]` without a pin."""
    pins = {
        name: set(filter(None, extras.split(",")))
        for name, extras in _PIN.findall((ROOT / lock).read_text(encoding="utf-8"))
    }

    assert pins
    for name, extras in extras_asked_for(set(pins)).items():
        assert extras <= pins[name], f"{lock}: {name} lacks {extras - pins[name]}"
