"""The faults of a plan by name. Each ends what it began, so that they follow one another."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from .crew import Crew
from .lead_faults import LeadFaults
from .lies import Lies
from .scene import Scene
from .several import Several
from .staff_faults import StaffFaults


class Faults:
    """What a plan's steps name."""

    def __init__(self, scene: Scene, crew: Crew) -> None:
        self._scene = scene
        self._crew = crew

    def table(self) -> Mapping[str, Callable[..., Awaitable[object]]]:
        """Return the faults by name."""
        gateway, scene = self._scene.chat.gateway, self._scene
        return {
            "kill": self.kill,
            "terminate": self.terminate,
            "kill_while_posting": self.kill_while_posting,
            "terminate_while_posting": self.terminate_while_posting,
            "long_absence": self.long_absence,
            "cut_posts": _soon(lambda when, times: scene.post_fault(when, times=times, drops=True)),
            "refuse_posts": _soon(scene.post_fault),
            "ban": _soon(lambda: scene.post_fault("before", is_cloudflare=True)),
            "drop_gateway": _soon(gateway.drop),
            "ask_to_reconnect": _soon(gateway.ask_to_reconnect),
            "invalidate": _soon(lambda is_resumable: gateway.invalidate(resumable=is_resumable)),
            "close_gateway": _soon(lambda: gateway.close_all(4000)),
            "discord_away": self.discord_away,
            "drop_realtime": self.drop_realtime,
            "forget_realtime": lambda: scene.realtime("forget"),
            "evict_realtime": lambda: scene.realtime("evict"),
            "realtime_away": self.realtime_away,
            "workspace_away": self.workspace_away,
            "both_away": self.both_away,
            "break_workspace": _soon(scene.break_workspace),
            "lock_database": scene.holdings.hold,
            "lock_database_for_long": scene.holdings.hold,
            "limit_globally": self.limit_globally,
            "limit_globally_for_long": self.limit_globally,
            "fill_disk": self.fill_disk,
            **Lies(scene).table(),
            **StaffFaults(scene, self._crew).table(),
            **self._of_several(),
        }

    def _of_several(self) -> Mapping[str, Callable[..., Awaitable[object]]]:
        if not isinstance(self._crew, Several):
            return {}
        return LeadFaults(self._scene, self._crew).table()

    async def kill(self, *, for_s: float, is_awaited: bool) -> None:
        await self._restart(for_s, by_kill=True, is_awaited=is_awaited)

    async def terminate(self, *, for_s: float, is_awaited: bool) -> None:
        await self._restart(for_s, by_kill=False, is_awaited=is_awaited)

    async def kill_while_posting(self, *, when: str, for_s: float, is_awaited: bool) -> None:
        async with self._scene.posting(when):
            await self._crew.leave(by_kill=True)
        await asyncio.sleep(for_s)
        await self._crew.come(is_awaited=is_awaited)

    async def terminate_while_posting(self, *, when: str, for_s: float, is_awaited: bool) -> None:
        async with self._scene.posting(when) as fault:
            asyncio.get_running_loop().call_later(for_s, fault.release)
            await self._crew.leave(by_kill=False)
        await self._crew.come(is_awaited=is_awaited)

    async def long_absence(self, *, when: str, for_s: float, is_awaited: bool) -> None:
        """Kill the bot at a post and start it when no nonce helps any more."""
        async with self._scene.posting(when):
            await self._crew.leave_all()
        # What was held is done before time passes.
        await asyncio.sleep(for_s)
        self._scene.age_batches()
        await self._crew.come(is_awaited=is_awaited)

    async def discord_away(self, *, for_s: float) -> None:
        """Cut all connections and every new one; what Discord remembers stays."""
        chat = self._scene.chat
        fault = chat.fault(times=None, drops=True)
        chat.rules.refuses_connections = True
        chat.gateway.drop()
        await asyncio.sleep(for_s)
        chat.rules.refuses_connections = False
        fault.times = 0

    async def drop_realtime(self) -> None:
        """Cut the connections; the real Faye cannot, so that its sessions go, too."""
        self._scene.note_gap()
        if self._scene.real_faye is None:
            self._scene.sandbox.faye.drop()
        else:
            await self._scene.real_faye.restart()

    async def realtime_away(self, *, for_s: float) -> None:
        await self._scene.realtime_goes()
        await asyncio.sleep(for_s)
        await self._scene.realtime_returns()

    async def workspace_away(self, *, for_s: float) -> None:
        self._scene.workspace.is_down = True
        await asyncio.sleep(for_s)
        self._scene.workspace.is_down = False

    async def both_away(self, *, for_s: float, workspace_s: float) -> None:
        """Take both services away; the workspace, which knows what was missed, comes last."""
        self._scene.workspace.is_down = True
        await self.realtime_away(for_s=for_s)
        await asyncio.sleep(workspace_s)
        self._scene.workspace.is_down = False

    async def limit_globally(self, *, for_s: float) -> None:
        """Refuse everything for so long; what comes next may come meanwhile."""
        self._scene.chat.limit_globally(for_s)
        self._scene.troubles.last(for_s)
        await asyncio.sleep(for_s / 2)

    async def fill_disk(self, *, for_s: float) -> None:
        """Let the disk be full; at its start the bot is not asked to put up with that."""
        await self._scene.until_ready()
        async with self._crew.full_disk():
            await asyncio.sleep(for_s)

    async def _restart(self, for_s: float, *, by_kill: bool, is_awaited: bool) -> None:
        await self._crew.leave(by_kill=by_kill)
        await asyncio.sleep(for_s)
        await self._crew.come(is_awaited=is_awaited)


def _soon(deed: Callable[..., None]) -> Callable[..., Awaitable[None]]:
    async def run(**given: Any) -> None:
        deed(**given)

    return run
