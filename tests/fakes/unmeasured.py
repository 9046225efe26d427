"""The environment of processes whose lines are not counted.

To count them takes half as long again, and what the processes do is counted where each part is
tested by itself.
"""

from __future__ import annotations

import os


def environment() -> dict[str, str]:
    """Return that of this process, without what has coverage begin in others."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COV")}
