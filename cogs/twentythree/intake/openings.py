"""One post in a forum for an object, whoever asks for it and how many at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from ..domain.model import ObjectId, RoomId


class Openings:
    """Lets one at a time look whether a forum has a post for an object, open one and store it."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[tuple[RoomId, ObjectId], asyncio.Lock]
        self._locks = WeakValueDictionary()

    @asynccontextmanager
    async def alone(self, forum_id: RoomId, object_id: ObjectId) -> AsyncGenerator[None]:
        """Wait until nobody else is at it, and keep others out of the block."""
        lock = self._locks.setdefault((forum_id, object_id), asyncio.Lock())
        async with lock:
            yield
