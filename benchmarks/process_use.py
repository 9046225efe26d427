"""What another process of this machine uses."""

from __future__ import annotations

import os
from pathlib import Path

_MIB = 1024
_TICKS = os.sysconf("SC_CLK_TCK")


def resident_mib(pid: int) -> float:
    """Return how much memory a process holds."""
    text = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    (line,) = (line for line in text.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / _MIB


def processor_s(pid: int) -> float:
    """Return how many seconds of the processor a process has used."""
    text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    # After the name, which may hold anything: the state is the first, user time the twelfth.
    fields = text.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
