"""Counts what a trip through the plugin walks: files, moves between them, functions.

- A *file* is one of the plugin's in which a function was called.
- A *move* is a call from a function in one of these files to a function in another. Where other
  code stands between (asyncio, discord.py, SQLAlchemy), the nearest function of the plugin that
  waits for it is the caller; what the loop or a thread calls by itself is called by nobody.
  Returns are no moves, and what goes on after an ``await`` is not called again.
- A *function* is a function, method, comprehension or property of the plugin that was called.
"""

from __future__ import annotations

import asyncio
import dis
import sys
import threading
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

PLUGIN = Path(__file__).parents[2] / "cogs" / "twentythree"
_RESUME = dis.opmap["RESUME"]


@dataclass(slots=True)
class Trip:
    """What was walked by all, or by one ``task`` and the threads; each file by its path."""

    task: str | None = None
    calls: Counter[str] = field(default_factory=Counter)
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    functions: set[CodeType] = field(default_factory=set)

    def take(self, code: CodeType, caller: str | None, file: str) -> None:
        self.calls[file] += 1
        self.functions.add(code)
        if caller is not None and caller != file:
            self.moves[caller, file] += 1

    @property
    def size(self) -> tuple[int, int, int]:
        """Files, moves and functions."""
        return len(self.calls), self.moves.total(), len(self.functions)


class Walk:
    """Watches all threads that begin while it is ``watching``; notes calls within ``trip``."""

    def __init__(self, root: Path = PLUGIN) -> None:
        self._root = f"{root}/"
        self._files: dict[CodeType, str | None] = {}
        self._trip: Trip | None = None

    @contextmanager
    def watching(self) -> Generator[None]:
        threading.setprofile(self._profile)
        sys.setprofile(self._profile)
        try:
            yield
        finally:
            sys.setprofile(None)
            threading.setprofile(None)

    @contextmanager
    def trip(self, task: str | None = None) -> Generator[Trip]:
        """Note what is called now; with ``task`` no other task's calls."""
        self._trip = trip = Trip(task)
        try:
            yield trip
        finally:
            self._trip = None

    def _profile(self, frame: FrameType, event: str, _: Any) -> None:
        trip = self._trip
        if trip is None or event != "call":
            return
        file = self._file(frame.f_code)
        if (
            file is not None
            and _begins(frame)
            and (trip.task is None or _task() in (None, trip.task))
        ):
            trip.take(frame.f_code, self._caller(frame.f_back), file)

    def _caller(self, frame: FrameType | None) -> str | None:
        while frame is not None:
            if file := self._file(frame.f_code):
                return file
            frame = frame.f_back
        return None

    def _file(self, code: CodeType) -> str | None:
        if code not in self._files:
            path = code.co_filename
            is_ours = path.startswith(self._root) and code.co_name != "<module>"
            self._files[code] = path.removeprefix(self._root) if is_ours else None
        return self._files[code]


def _task() -> str | None:
    """Return the name of the task that runs; ``None`` in a thread without a loop."""
    try:
        task = asyncio.current_task()
    except RuntimeError:
        return None
    return "" if task is None else task.get_name()


def _begins(frame: FrameType) -> bool:
    """Tell a function that begins from a coroutine or generator that goes on."""
    code, at = frame.f_code.co_code, frame.f_lasti
    return at < 0 or code[at] != _RESUME or code[at + 1] == 0
