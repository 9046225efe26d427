"""What is on record, and of which it is not known here yet what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Generator, Iterator
from contextlib import contextmanager
from typing import TypeVar

from ..domain.acting import Intent
from ..storage import Store

_T = TypeVar("_T")


class OpenIntents:
    """The intents that are to be found out about.

    Args:
        store: where they are on record.

    Attributes:
        stirred: set when there is anything new.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._intents: dict[int, Intent] = {}
        self._at_work: set[int] = set()
        # Whether there may be some on record that are not known here.
        self._is_behind = True
        self.stirred = asyncio.Event()

    def __iter__(self) -> Iterator[Intent]:
        return iter(tuple(self._intents.values()))

    def __len__(self) -> int:
        return len(self._intents)

    def __contains__(self, intent_id: int) -> bool:
        # What a press is at work on, or waits for its turn to be, that press will know.
        return intent_id in self._intents and intent_id not in self._at_work

    def add(self, intent: Intent) -> None:
        """Have it found out what came of an intent."""
        self._intents[intent.intent_id] = intent
        self.stirred.set()

    def drop(self, intent_id: int) -> None:
        """Leave an intent, of which all is known."""
        self._intents.pop(intent_id, None)

    @contextmanager
    def at_work(self, intent_id: int) -> Generator[None]:
        """Leave an intent alone within the block."""
        self._at_work.add(intent_id)
        try:
            yield
        finally:
            self._at_work.discard(intent_id)

    async def on_record(self, writing: Awaitable[_T]) -> _T:
        """Put something on record; where no answer tells whether it is, it is looked for there."""
        try:
            return await writing
        except BaseException:
            self._is_behind = True
            self.stirred.set()
            raise

    async def catch_up(self, *, is_first: bool = False) -> None:
        """Take up what is on record and may not be known here; ``is_first``: of an earlier run."""
        if not (self._is_behind or is_first):
            return
        self._is_behind = False
        try:
            found = await self._store.trail.open()
        except BaseException:
            self._is_behind = True
            raise
        for intent in found:
            self._intents.setdefault(intent.intent_id, intent)
