"""Faults that meet a press: somebody presses, and at one of its steps something goes wrong."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from sandbox.workspace import Level, WorkspaceFault

from .crew import Crew
from .scene import Scene
from .wishes import METHODS

_PATIENCE_S = 6.0
_CALLBACK = r"/interactions/\d+/[^/]+/callback"
_ANSWER = r"/webhooks/\d+/[^/]+.*"
_BROKEN = 502


class StaffFaults:
    """What a plan's steps name."""

    def __init__(self, scene: Scene, crew: Crew) -> None:
        self._scene = scene
        self._crew = crew

    def table(self) -> Mapping[str, Callable[..., Awaitable[object]]]:
        """Return the faults by name."""
        return {
            "lose_write": self.lose_write,
            "lose_write_and_workspace": self.lose_write_and_workspace,
            "slow_write": self.slow_write,
            "refuse_write": self.refuse_write,
            "break_write": self.break_write,
            "kill_at_write": self.kill_at_write,
            "kill_at_read_back": self.kill_at_read_back,
            "kill_at_press": self.kill_at_press,
            "kill_at_answer": self.kill_at_answer,
            "terminate_at_write": self.terminate_at_write,
            "lose_press": self.lose_press,
            "outrun": self.outrun,
            "undo": self.undo,
        }

    async def lose_write(self, *, is_late: bool, **wanted: Any) -> None:
        await self._met(WorkspaceFault(drops=True, is_late=is_late), wanted)

    async def lose_write_and_workspace(self, *, is_late: bool, for_s: float, **wanted: Any) -> None:
        """Lose the answer, and take the workspace away before it can be asked again."""
        fault = WorkspaceFault(hangs=True, drops=True, is_late=is_late)
        async with self.meeting(fault, wanted):
            self._scene.workspace.is_down = fault.reached.is_set()
            fault.release()
            if fault.reached.is_set():
                await asyncio.sleep(for_s)
            self._scene.workspace.is_down = False

    async def slow_write(self, *, is_late: bool, for_s: float, **wanted: Any) -> None:
        await self._met(WorkspaceFault(delay_s=for_s, is_late=is_late), wanted)

    async def refuse_write(self, **wanted: Any) -> None:
        await self._met(WorkspaceFault(level=Level.READ), wanted)

    async def break_write(self, *, is_late: bool, **wanted: Any) -> None:
        """Answer with a page, as what stands before the workspace does."""
        await self._met(WorkspaceFault(status=_BROKEN, is_late=is_late), wanted)

    async def kill_at_write(
        self, *, is_late: bool, for_s: float, is_awaited: bool, **wanted: Any
    ) -> None:
        fault = WorkspaceFault(hangs=True, is_late=is_late)
        async with self.meeting(fault, wanted):
            await self._restart(for_s, is_awaited=is_awaited, release=fault.release)

    async def terminate_at_write(
        self, *, is_late: bool, for_s: float, is_awaited: bool, **wanted: Any
    ) -> None:
        fault = WorkspaceFault(hangs=True, is_late=is_late)
        async with self.meeting(fault, wanted):
            asyncio.get_running_loop().call_later(for_s, fault.release)
            await self._crew.leave(by_kill=False)
        await self._crew.come(is_awaited=is_awaited)

    async def kill_at_read_back(self, *, for_s: float, is_awaited: bool, **wanted: Any) -> None:
        """Kill it once it was done, before the bot has read what came of it."""
        reading = WorkspaceFault(method="comment/list", hangs=True)

        async def hold_the_next() -> None:
            self._scene.workspace.add_fault(reading)

        async with self.meeting(WorkspaceFault(meanwhile=hold_the_next), wanted) as is_met:
            if is_met:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_PATIENCE_S):
                        await reading.reached.wait()
            await self._restart(for_s, is_awaited=is_awaited, release=reading.release)
            reading.times = 0

    async def kill_at_press(
        self, *, when: str, for_s: float, is_awaited: bool, **wanted: Any
    ) -> None:
        await self._kill_at("POST", _CALLBACK, when, for_s, wanted, is_awaited=is_awaited)

    async def kill_at_answer(
        self, *, when: str, for_s: float, is_awaited: bool, **wanted: Any
    ) -> None:
        await self._kill_at("*", _ANSWER, when, for_s, wanted, is_awaited=is_awaited)

    async def lose_press(self, *, when: str, **wanted: Any) -> None:
        """Lose the acknowledgement of a press, or its answer."""
        fault = self._scene.chat.fault("POST", _CALLBACK, when=when, drops=True)
        await self._pressing(wanted)
        fault.times = 0

    async def outrun(self, **wanted: Any) -> None:
        """Have staff do the same on the platform, just before the call has its effect."""
        await self._met_by_hand(wanted, self._scene.platform.do, is_late=False)

    async def undo(self, *, is_late: bool, **wanted: Any) -> None:
        """Have staff undo it on the platform, before the lost answer is found out."""
        await self._met_by_hand(wanted, self._scene.platform.undo, is_late=is_late)

    async def _met_by_hand(
        self,
        wanted: Mapping[str, Any],
        deed: Callable[[str, int], Awaitable[object]],
        *,
        is_late: bool,
    ) -> None:
        action = wanted["action"]

        async def act() -> None:
            pressed = self._scene.staff.presses[-1]
            await deed(action, pressed.comment_id)

        await self._met(WorkspaceFault(meanwhile=act, drops=is_late, is_late=is_late), wanted)

    async def _kill_at(
        self,
        method: str,
        path: str,
        when: str,
        for_s: float,
        wanted: Mapping[str, Any],
        *,
        is_awaited: bool,
    ) -> None:
        fault = self._scene.chat.fault(method, path, when=when, hangs=True)
        pressing = asyncio.create_task(self._pressing(wanted))
        await _either(pressing, fault.reached)
        await self._restart(for_s, is_awaited=is_awaited, release=fault.release)
        fault.times = 0
        await pressing

    async def _restart(
        self, for_s: float, *, is_awaited: bool, release: Callable[[], None]
    ) -> None:
        await self._crew.leave(by_kill=True)
        release()
        await asyncio.sleep(for_s)
        await self._crew.come(is_awaited=is_awaited)

    async def _met(self, fault: WorkspaceFault, wanted: Mapping[str, Any]) -> None:
        async with self.meeting(fault, wanted):
            pass

    @asynccontextmanager
    async def meeting(
        self, fault: WorkspaceFault, wanted: Mapping[str, Any]
    ) -> AsyncGenerator[bool]:
        """Press, and go on once the fault is met; say whether it was. Wait for the press after."""
        fault.method = METHODS[wanted["action"]]
        self._scene.workspace.add_fault(fault)
        pressing = asyncio.create_task(self._pressing(wanted))
        await _either(pressing, fault.reached)
        try:
            yield fault.reached.is_set()
        finally:
            fault.times = 0
            fault.release()
            await pressing

    async def _pressing(self, wanted: Mapping[str, Any]) -> None:
        await self._scene.staff.act(**wanted, how="one")


async def _either(pressing: asyncio.Task[None], reached: asyncio.Event) -> None:
    """Wait for the press, or for what it meets, and not for long."""
    meeting = asyncio.create_task(reached.wait())
    await asyncio.wait(
        {pressing, meeting}, timeout=_PATIENCE_S, return_when=asyncio.FIRST_COMPLETED
    )
    meeting.cancel()
