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
    have = sum(_has(one, "covered") for one in found.values())
    lack = sum(_has(one, "missing") for one in found.values())
    percent = 100 * have / (have + lack) if found else 0.0
    is_met = percent >= wanted
    _say(f"{part or 'all'}: {percent:.2f} % of {have + lack} lines and branches, wanted {wanted} %")
    for name, one in sorted(found.items()) if part or not is_met else ():
        if one["missing_lines"] or one["missing_branches"]:
            _say(f"  {name}: lines {one['missing_lines']}, branches {one['missing_branches']}")
    return is_met


def _has(one: Any, which: str) -> int:
    summary = one["summary"]
    return int(summary[f"{which}_lines"]) + int(summary[f"{which}_branches"])


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
