"""Where files are that need not outlive the machine: in memory, where there is room for them.

There nothing waits for a disk. Each commit of a store does, and a test has dozens of them.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

_ROOM = 2**31


def quick_folder() -> str | None:
    """Return a folder in memory, where there is one that has room and runs programs."""
    memory = Path("/dev/shm")  # noqa: S108 - folders of one's own are made in it
    if not memory.is_dir() or not os.access(memory, os.W_OK):
        return None
    # Containers mostly have one that is small, or in which nothing may be executed.
    is_still = os.statvfs(memory).f_flag & os.ST_NOEXEC
    return None if is_still or shutil.disk_usage(memory).free < _ROOM else str(memory)
