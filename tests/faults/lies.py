"""Faults in which somebody answers, and wrongly: a proxy, a limit, the workspace, a stranger."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from sandbox.workspace import Level, Lie, WorkspaceFault

from .scene import Scene

_MESSAGES = r"/channels/\d+/messages(/\d+)?"
# An edit may wait for others of its message.
_EDIT_PATIENCE_S = 20.0
# So long after its start the bot may not have read yet what was said while it was away.
_CATCHES_UP_S = 5.0


class Lies:
    """What a plan's steps name."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def table(self) -> Mapping[str, Callable[..., Awaitable[object]]]:
        """Return the faults by name."""
        speech = self._scene.speech
        return {
            "answer_html": self.answer_html,
            "refuse_with_code": self.refuse_with_code,
            "limit_edits": self.limit_edits,
            "limit_edits_for_long": self.limit_edits,
            "lose_rows": self.lose_rows,
            "lower_level": self.lower_level,
            "forge": speech.forge,
            "flood": speech.forge,
            "forge_over": speech.forge_over,
        }

    async def answer_html(self, *, method: str, status: int, when: str, times: int) -> None:
        """Answer with a page; with ``when`` "after" what was asked for is done all the same."""
        self._scene.chat.fault(
            method, _MESSAGES, status=status, when=when, times=times, is_html=True
        )

    async def refuse_with_code(self, *, method: str, code: int, status: int, times: int) -> None:
        """Refuse with a code that says nothing against what is posted."""
        self._scene.chat.fault(method, _MESSAGES, code=code, status=status, times=times)

    async def limit_edits(self, *, code: int, retry_after_s: float, share: float) -> None:
        """Put the next edit off by so long, of which the headers say a second."""
        headers = {"Retry-After": "1", "X-RateLimit-Reset-After": "1"}
        fault = self._scene.chat.fault(
            "PATCH", _MESSAGES, code=code, retry_after_s=retry_after_s, headers=headers
        )
        await self._scene.speech.promote(share)
        try:
            async with asyncio.timeout(_EDIT_PATIENCE_S):
                await fault.reached.wait()
        except TimeoutError:
            fault.times = 0
        self._scene.troubles.last(retry_after_s)

    async def lose_rows(self, *, lie: Lie, for_s: float, has_gap: bool) -> None:
        """Let lists of comments lack rows, while all is read again."""
        fault = WorkspaceFault(method="comment/list", times=None, lie=lie)
        await self._lied(fault, for_s, has_gap=has_gap)

    async def lower_level(self, *, for_s: float, has_gap: bool) -> None:
        """Let the credentials count for nothing, while all is read again."""
        fault = WorkspaceFault(times=None, level=Level.ANONYMOUS)
        await self._lied(fault, for_s, has_gap=has_gap)

    async def _lied(self, fault: WorkspaceFault, for_s: float, *, has_gap: bool) -> None:
        scene = self._scene
        scene.workspace.add_fault(fault)
        unheld, first = scene.unheld(), len(scene.speech.texts)
        began = asyncio.get_running_loop().time()
        if has_gap:
            await scene.realtime("evict")
        else:
            await scene.speech.hint()
        await asyncio.sleep(for_s)
        fault.times = 0
        if has_gap or scene.gap_at > began - _CATCHES_UP_S:
            # Neither realtime nor a list has told of all of it in time.
            scene.speech.anywhere |= unheld | set(range(first, len(scene.speech.texts)))
