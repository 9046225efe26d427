"""Rumours that are asked about at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from cogs.twentythree.intake.rumours import Rumours


def quick_rumours(now: Callable[[], datetime], *, verifies: bool = False) -> Rumours:
    return Rumours(now, confirm_s=0.01, again_s=0.01, verifies=verifies)
