"""The gate of what is measured says what is lacking, and lets nothing pass that is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import measured

_PARTS = (
    "cogs/twentythree/bayeux/a.py",
    "cogs/twentythree/domain/a.py",
    "cogs/twentythree/api/a.py",
)


def written(folder: Path, lacking: dict[str, int]) -> list[str]:
    """Write what is measured of 100 lines in each of some files; return the arguments."""
    names = {*_PARTS, "bot/app.py", *lacking}
    files = {
        name: {
            "executed_lines": list(range(lacking.get(name, 0), 100)),
            "missing_lines": list(range(lacking.get(name, 0))),
            "executed_branches": [],
            # To a line that is left out.
            "missing_branches": [[50, 1_000]],
        }
        for name in names
    }
    path = folder / "measured.json"
    path.write_text(json.dumps({"files": files}))
    return [str(path)]


@pytest.mark.parametrize(
    ("lacking", "status"),
    [
        ({}, 0),
        ({"bot/app.py": 20}, 0),
        ({"bot/app.py": 21}, 1),
        ({"cogs/twentythree/api/a.py": 1}, 1),
    ],
    ids=["all is run", "enough is", "not enough", "one line of a part that is to be run whole"],
)
def test_enough_of_the_whole_and_all_of_some_parts_is_run(
    tmp_path: Path, lacking: dict[str, int], status: int
) -> None:
    assert measured.main(written(tmp_path, lacking)) == status


def test_a_part_that_is_not_there_is_not_run(tmp_path: Path) -> None:
    path = tmp_path / "measured.json"
    path.write_text(json.dumps({"files": {}}))
    assert measured.main([str(path)]) == 1
