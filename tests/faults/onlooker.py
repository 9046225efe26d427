"""What the rooms show, looked at from outside all the time."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager

from sandbox.chat import Channel, Chat

from .verdict import EMPTY, Sight

_NUMBER = re.compile(r"(?:Whispered|Forged) number (\d+)")
_WITHHELD = re.compile(r"\*\(no longer promoted\)\*")
# What keeps the bot has no event of its own.
_GLANCE_S = 0.2


class Onlooker:
    """Looks at the rooms whenever something changes.

    ``is_calm`` tells whether nothing keeps the bot from doing what it should.
    """

    def __init__(self, chat: Chat, rooms: Sequence[Channel], is_calm: Callable[[], bool]) -> None:
        self._chat = chat
        self._rooms = rooms
        self._is_calm = is_calm
        self.sights: list[Sight] = []
        # The numbers of each message that has shown several.
        self.shared: set[frozenset[int]] = set()

    @asynccontextmanager
    async def looking(self) -> AsyncGenerator[None]:
        """Look until the block is left."""
        self._look()
        looking = asyncio.create_task(self._run())
        try:
            yield
        finally:
            looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await looking
            self._look()

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await self._chat.wait_for(self._is_new, timeout_s=_GLANCE_S)
            self._look()

    def _is_new(self) -> bool:
        return self._shown() != self.sights[-1].shown

    def _look(self) -> None:
        at = asyncio.get_running_loop().time()
        self.sights.append(Sight(at=at, is_calm=self._is_calm(), shown=self._shown()))

    def _shown(self) -> tuple[frozenset[int], ...]:
        shown: list[frozenset[int]] = []
        for room in self._rooms:
            held = [frozenset(numbers) for numbers in _numbers(self._chat, room)]
            self.shared.update(numbers for numbers in held if len(numbers) > 1)
            shown.append(frozenset().union(*held))
        return tuple(shown)


def held_numbers(chat: Chat, room: Channel) -> list[int]:
    """Return the numbers that a room shows, in its order; ``EMPTY`` for what says nothing."""
    return [number for numbers in _numbers(chat, room) for number in numbers or [EMPTY]]


def _numbers(chat: Chat, room: Channel) -> Iterator[list[int]]:
    """Yield the numbers of each message of a room."""
    for message in chat.messages(room.id):
        text = json.dumps([message.content, list(message.embeds)])
        if _WITHHELD.search(text) and not _NUMBER.search(text):
            # It says that something was promoted once; see ``marks``.
            continue
        yield [int(number) for number in _NUMBER.findall(text)]
