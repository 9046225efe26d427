"""The bot's processes of a run, however many: how they leave, and how they come again."""

from __future__ import annotations

import resource
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol, Self

from .scene import Scene

# SIGTERM before the bot has learnt to handle it ends the process as it ends any other.
ENDS = (0, -15)
PATIENCE_S = 60.0


class Crew(Protocol):
    """``async with crew``: they run, and are gone afterwards."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *_: object) -> None: ...

    def is_well(self) -> bool:
        """Tell whether one of them can do its work, as far as that is up to them."""

    async def leave(self, *, by_kill: bool) -> None:
        """End the process that works; it must not have ended before."""

    async def leave_all(self) -> None:
        """Kill all of them."""

    async def come(self, *, is_awaited: bool) -> None:
        """Start again those that have left; wait until one of them works, if it ``is_awaited``."""

    def full_disk(self) -> AbstractAsyncContextManager[None]:
        """Let nothing be stored until the block is left, for want of room."""

    async def end(self) -> None:
        """End all of them, as their operator does."""

    def wrongs(self) -> list[str]:
        """Return what is wrong with what they left behind, a sentence each."""

    def terms(self) -> int:
        """Return in how many terms they wrote; 0 where there are none."""

    def logs(self) -> list[str]:
        """Return what those say that run, or ran last."""


class OneProcess:
    """The bot as one process, on a file of SQLite's."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._bot = scene.a_bot()

    async def __aenter__(self) -> Self:
        await self._bot.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._bot.kill()

    def is_well(self) -> bool:
        """Tell nothing: whether it is connected is seen at Discord."""
        return True

    async def leave(self, *, by_kill: bool) -> None:
        """End the process; it must not have ended before."""
        scene, bot = self._scene, self._bot
        status = None if bot._process is None else bot._process.returncode
        if status is not None:
            scene.wrongs.append(f"the bot ended by itself with {status}")
        if by_kill or status is not None:
            await bot.kill()
        elif (ended := await bot.terminate()) not in ENDS:
            scene.wrongs.append(f"SIGTERM was answered with {ended}")
        scene.staff.life.end()
        scene.logs.append(bot.log)

    async def leave_all(self) -> None:
        """Kill it."""
        await self.leave(by_kill=True)

    async def come(self, *, is_awaited: bool) -> None:
        """Start the process again."""
        scene = self._scene
        scene.note_gap()
        identifies = scene.chat.gateway.identifies
        await self._bot.start()
        if is_awaited:
            await scene.chat.wait_for(
                lambda: scene.chat.gateway.identifies > identifies, timeout_s=PATIENCE_S
            )
            scene.note_gap()

    @asynccontextmanager
    async def full_disk(self) -> AsyncGenerator[None]:
        """Let no file of its take a byte until the block is left."""
        process = self._bot._process
        assert process is not None
        unlimited = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (0, unlimited[1]))
        try:
            yield
        finally:
            if process.returncode is None:
                resource.prlimit(process.pid, resource.RLIMIT_FSIZE, unlimited)

    async def end(self) -> None:
        """End it, as its operator does."""
        await self.leave(by_kill=False)

    def wrongs(self) -> list[str]:
        """Return nothing: all that it left behind is seen in the rooms."""
        return []

    def terms(self) -> int:
        """Return none: it is alone."""
        return 0

    def logs(self) -> list[str]:
        """Return what it says now, or said last."""
        return [self._bot.log]
