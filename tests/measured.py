"""``python -m tests.measured FILE``: say whether the tests have run enough of the code.

``FILE`` is what slipcover has written. Exits with 1 where a part of the code has less than is
wanted of it; the lines and branches that nothing has run are told.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

# In percent of lines and branches.
_OF_ALL = 95.0
_OF_PARTS = {
    "cogs/twentythree/bayeux/": 100.0,
    "cogs/twentythree/domain/": 100.0,
    "cogs/twentythree/api/": 100.0,
}


def main(arguments: list[str]) -> int:
    """Tell what is measured of the whole and of its parts; return the exit status."""
    files: dict[str, Any] = json.loads(Path(arguments[0]).read_text())["files"]
    wanted = {"": _OF_ALL, **_OF_PARTS}
    are_met = [_told(part, percent, files) for part, percent in wanted.items()]
    return 0 if all(are_met) else 1


def _told(part: str, wanted: float, files: dict[str, Any]) -> bool:
    """Tell how much of the files below a folder was run; return whether it is enough."""
    found = {name: one for name, one in files.items() if name.startswith(part)}
    lacking = {name: _lacking(one) for name, one in sorted(found.items())}
    have = sum(len(one["executed_lines"]) + len(one["executed_branches"]) for one in found.values())
    lack = sum(len(lines) + len(branches) for lines, branches in lacking.values())
    percent = 100 * have / (have + lack) if found else 0.0
    is_met = percent >= wanted
    _say(f"{part or 'all'}: {percent:.2f} % of {have + lack} lines and branches, wanted {wanted} %")
    for name, (lines, branches) in lacking.items() if part or not is_met else ():
        if lines or branches:
            _say(f"  {name}: lines {lines}, branches {branches}")
    return is_met


def _lacking(one: Any) -> tuple[list[int], list[list[int]]]:
    """Return the lines and branches that nothing has run.

    A branch to a line that is left out is left out, too; line 0 is the way out of a function.
    """
    lines = {0, *one["executed_lines"], *one["missing_lines"]}
    branches = [branch for branch in one["missing_branches"] if branch[1] in lines]
    return one["missing_lines"], branches


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
