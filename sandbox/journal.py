"""What happened in a part of the sandbox, in order and numbered: whoever wants reads on in it."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

_T = TypeVar("_T")
_KEPT = 4_096


class Subject(StrEnum):
    """What something happened to."""

    MESSAGE = "message"
    CHANNEL = "channel"
    SCHEDULED = "scheduled"
    COMMANDS = "commands"
    MODAL = "modal"
    OBJECT = "object"
    COMMENT = "comment"


@dataclass(frozen=True, slots=True)
class Happening:
    """Something is there, is not as it was, or is gone; its part of the sandbox knows which.

    ``place_id`` is the channel of a message, and the object of a comment.
    """

    subject: Subject
    id: int = 0
    place_id: int = 0


class Journal(Generic[_T]):
    """The newest items, numbered from 1 on. A reader keeps the number that it has come to."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._items: deque[_T] = deque(maxlen=kept)
        self._waiting: set[asyncio.Future[None]] = set()
        self.last = 0

    def add(self, item: _T) -> None:
        """Write an item; the oldest one goes for it if the journal is full."""
        self._items.append(item)
        self.last += 1
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    def after(self, number: int) -> list[_T] | None:
        """Return the items after this number; ``None`` if not all of them are there."""
        count = self.last - number
        if not 0 <= count <= len(self._items):
            return None
        return [self._items[index] for index in range(-count, 0)]

    async def wait(self, number: int) -> None:
        """Wait until there is an item after this number."""
        while self.last <= number:
            future = asyncio.get_running_loop().create_future()
            self._waiting.add(future)
            try:
                await future
            finally:
                self._waiting.discard(future)
