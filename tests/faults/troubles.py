"""What keeps the bot from showing what is true, and only that."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

from sandbox.chat import Chat
from sandbox.workspace import Workspace

# After a trouble the bot tries again in growing intervals.
_SETTLE_S = 5.0


class Troubles:
    """Knows whether all is calm. Times are the loop's seconds."""

    def __init__(self, chat: Chat, workspace: Workspace) -> None:
        self._chat = chat
        self._workspace = workspace
        self._running = 0
        self._until = 0.0

    @contextmanager
    def during(self) -> Generator[None]:
        """Tell that something keeps the bot until the block is left, and some seconds after."""
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1
            self.last(0.0)

    def last(self, for_s: float) -> None:
        """Tell that something keeps the bot for so long, and some seconds after."""
        self._until = max(self._until, _now() + for_s + _SETTLE_S)

    def are_over(self) -> None:
        """Tell that the bot has shown that nothing keeps it any more."""
        self._until = 0.0

    def is_calm(self) -> bool:
        """Tell whether nothing keeps the bot now."""
        if self._running or not self._chat.gateway.is_ready:
            return False
        if self._chat.faults.are_left or self._workspace.has_faults:
            return False
        return _now() >= self._until


def _now() -> float:
    return asyncio.get_running_loop().time()
