"""``.venv/bin/python .ci/install_pins.py LOCK``: install what is pinned, by several pips at once.

Most of its time a pip reads the index's pages, which name each file of each version that there ever
was, one page after the other. The pins are all that is needed, so each pip gets a part of them.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

_MOST = 4
_PIP = (
    *("-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
    # What is loaded is compiled then; nobody waits for the rest.
    *("--no-deps", "--no-compile", "--require-hashes", "-r"),
)


def parts(lock: str, count: int) -> list[str]:
    """Return the pins, each with its hashes, in so many texts, or fewer; none is empty."""
    pins = [one for one in re.split(r"\n(?=[A-Za-z0-9])", f"\n{lock}") if "==" in one]
    return ["\n".join(pins[start::count]) + "\n" for start in range(min(count, len(pins)))]


def main(lock: Path) -> int:
    """Install all of it; return 0, or the status of a pip that could not."""
    with tempfile.TemporaryDirectory() as folder:
        pips = []
        for number, part in enumerate(parts(lock.read_text("utf-8"), _count())):
            file = Path(folder) / f"{number}.lock"
            file.write_text(part, "utf-8")
            pips.append(subprocess.Popen([sys.executable, *_PIP, str(file)]))  # noqa: S603 - our own
        return max(pip.wait() for pip in pips)


def _count() -> int:
    return min(_MOST, os.cpu_count() or 1)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
