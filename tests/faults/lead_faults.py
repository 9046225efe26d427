"""Faults of machines and networks: of the leader, of who stands by, and of PostgreSQL itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from cogs.twentythree.storage.engine import to_its_end
from sandbox.workspace import WorkspaceFault

from .scene import Scene
from .several import Several
from .staff_faults import StaffFaults
from .wishes import METHODS


class LeadFaults:
    """What a plan's steps name."""

    def __init__(self, scene: Scene, crew: Several) -> None:
        self._scene = scene
        self._crew = crew

    def table(self) -> Mapping[str, Callable[..., Awaitable[object]]]:
        """Return the faults by name."""
        return {
            "freeze": self.freeze,
            "freeze_while_posting": self.freeze_while_posting,
            "freeze_at_write": self.freeze_at_write,
            "freeze_stand_by": self.freeze_stand_by,
            "kill_stand_by": self.kill_stand_by,
            "kill_two": self.kill_two,
            "kill_next": self.kill_next,
            "lose_database": self.lose_database,
            "lose_database_while_posting": self.lose_database_while_posting,
            "lose_discord": self.lose_discord,
            "lose_workspace": self.lose_workspace,
            "lose_all": self.lose_all,
            "end_connections": self.end_connections,
            "restart_database": self.restart_database,
            "restart_database_while_posting": self.restart_database_while_posting,
        }

    # Processes.

    async def freeze(self, *, for_s: float, is_awaited: bool) -> None:
        """Let the leader do nothing for a while, and wake up."""
        leader = await self._crew.leader()
        async with leader.frozen():
            await asyncio.sleep(for_s)
        await self._await(is_awaited=is_awaited)

    async def freeze_while_posting(
        self, *, when: str, for_s: float, is_held: bool, is_awaited: bool
    ) -> None:
        """Freeze the leader at a post, which goes on at once, or is ``held`` for as long."""
        leader = await self._crew.leader()
        async with self._scene.posting(when) as fault, leader.frozen():
            if not is_held:
                fault.release()
            await asyncio.sleep(for_s)
        await self._await(is_awaited=is_awaited)

    async def freeze_at_write(
        self, *, is_late: bool, for_s: float, is_awaited: bool, **wanted: Any
    ) -> None:
        """Freeze the leader when the workspace has what it asked for, or just before."""
        fault = WorkspaceFault(method=METHODS[wanted["action"]], hangs=True, is_late=is_late)
        async with StaffFaults(self._scene, self._crew).meeting(fault, wanted):
            leader = await self._crew.leader()
            async with leader.frozen():
                fault.release()
                await asyncio.sleep(for_s)
        await self._await(is_awaited=is_awaited)

    async def freeze_stand_by(self, *, for_s: float) -> None:
        for one in self._crew.stand_bys()[:1]:
            async with one.frozen():
                await asyncio.sleep(for_s)

    async def kill_stand_by(self, *, for_s: float) -> None:
        for one in self._crew.stand_bys()[:1]:
            await self._crew.end_one(one, by_kill=True)
        await asyncio.sleep(for_s)
        await self._crew.come(is_awaited=False)

    async def kill_two(self, *, for_s: float, is_awaited: bool) -> None:
        """Kill the leader, and one that stands by, at once."""
        both = [await self._crew.leader(), *self._crew.stand_bys()[:1]]
        await asyncio.gather(*(self._crew.end_one(one, by_kill=True) for one in both))
        await asyncio.sleep(for_s)
        await self._crew.come(is_awaited=is_awaited)

    async def kill_next(self, *, for_s: float, is_awaited: bool) -> None:
        """Kill the leader, and the next so soon after it has begun to lead."""
        await self._crew.leave(by_kill=True)
        await self._crew.leader()
        await asyncio.sleep(for_s)
        await self._crew.leave(by_kill=True)
        await self._crew.come(is_awaited=is_awaited)

    # Networks.

    async def lose_database(self, *, how: str, for_s: float, is_awaited: bool) -> None:
        leader = await self._crew.leader()
        async with leader.without(leader.database, how=how):
            await asyncio.sleep(for_s)
        await self._await(is_awaited=is_awaited)

    async def lose_database_while_posting(
        self, *, when: str, how: str, for_s: float, is_awaited: bool
    ) -> None:
        """Take the database from the leader while a post is on its way."""
        leader = await self._crew.leader()
        lost = leader.without(leader.database, how=how)
        async with self._scene.posting(when) as fault, lost:
            fault.release()
            await asyncio.sleep(for_s)
        await self._await(is_awaited=is_awaited)

    async def lose_discord(self, *, how: str, for_s: float) -> None:
        leader = await self._crew.leader()
        async with leader.without(leader.discord, how=how):
            await asyncio.sleep(for_s)

    async def lose_workspace(self, *, how: str, for_s: float) -> None:
        """Take the workspace and its realtime service from the leader alone."""
        leader = await self._crew.leader()
        self._scene.note_gap()
        async with leader.without(*leader.workspace, how=how):
            await asyncio.sleep(for_s)
        self._scene.note_gap()

    async def lose_all(self, *, how: str, for_s: float, is_awaited: bool) -> None:
        """Take all networks from the leader."""
        leader = await self._crew.leader()
        async with leader.without(*leader.networks, how=how):
            await asyncio.sleep(for_s)
        await self._await(is_awaited=is_awaited)

    # PostgreSQL.

    async def end_connections(self, *, of_all: bool) -> None:
        """End the connections of the leader, or of all processes."""
        pattern = "twentythree-%"
        if not of_all:
            ((holder,),) = self._crew.holdings.rows("SELECT holder FROM twentythree_lead")
            pattern = f"twentythree-{holder}"
        await self._crew.holdings.end_connections(pattern)

    async def restart_database(self, *, mode: str, for_s: float, is_awaited: bool) -> None:
        """Stop the server, ``fast`` or as if its machine died, and start it after a while."""
        await self._restart(mode, for_s)
        await self._await(is_awaited=is_awaited)

    async def restart_database_while_posting(
        self, *, when: str, mode: str, for_s: float, is_awaited: bool
    ) -> None:
        async with self._scene.posting(when) as fault:
            restarting = asyncio.create_task(self._restart(mode, for_s))
            await asyncio.sleep(for_s / 2)
            fault.release()
            await restarting
        await self._await(is_awaited=is_awaited)

    async def _restart(self, mode: str, for_s: float) -> None:
        try:
            await to_its_end(asyncio.to_thread(self._crew.server.stop, mode))
            await asyncio.sleep(for_s)
        finally:
            await to_its_end(asyncio.to_thread(self._crew.server.start))

    async def _await(self, *, is_awaited: bool) -> None:
        if is_awaited:
            await self._crew.until_led()
