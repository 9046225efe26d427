"""All calendars: a task for each server that has something to do, and none for the others."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from ..domain.model import GuildId
from ..errors import StorageError
from .server_calendar import CalendarTools, ServerCalendar

_log = logging.getLogger("twentythree.delivery")


class CalendarKeeper:
    """Looks at what calendars are to hold, when it is told to and now and then.

    A server whose calendar waits, for a limit say, holds up no other.
    """

    def __init__(self, tools: CalendarTools) -> None:
        self._tools = tools
        self._servers: dict[GuildId, ServerCalendar] = {}
        self._busy: set[GuildId] = set()
        self._is_called = asyncio.Event()
        self._is_stopped = False

    def wake(self) -> None:
        """Tell that calendars may have to hold something else now; quick."""
        self._is_called.set()

    def recheck(self, guild_id: GuildId) -> None:
        """Tell that something changed in a server; what was refused may be taken."""
        if (server := self._servers.get(guild_id)) is not None:
            server.recheck()
            self.wake()

    def stop(self) -> None:
        """Begin nothing more."""
        self._is_stopped = True

    async def run(self) -> None:
        """Keep all calendars until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._is_called.clear()
                await self._look(group)
                await self._until_next_look()

    async def _look(self, group: asyncio.TaskGroup) -> None:
        try:
            found = await self._tools.store.calendars.work()
        except StorageError as error:
            _log.warning("what calendars are to hold could not be read: %s", error)
            return
        for guild_id, work in found.items():
            if guild_id in self._busy or self._is_stopped:
                continue
            server = self._servers.get(guild_id)
            if server is None:
                server = self._servers[guild_id] = ServerCalendar(guild_id, self._tools)
            if server.is_due(work):
                self._busy.add(guild_id)
                group.create_task(self._serve(guild_id, server), name=f"calendar {guild_id}")
        # What a server without any calendar waited for is of no matter.
        for guild_id in self._servers.keys() - found.keys() - self._busy:
            del self._servers[guild_id]

    async def _serve(self, guild_id: GuildId, server: ServerCalendar) -> None:
        try:
            await server.serve()
        except StorageError as error:
            _log.warning("the calendar of server %d could not be kept: %s", guild_id, error)
            server.put_off()
        finally:
            self._busy.discard(guild_id)
            self.wake()

    async def _until_next_look(self) -> None:
        options, clock = self._tools.options, self._tools.clock
        due = [at for server in self._servers.values() if (at := server.due_at()) is not None]
        wait_s = min(options.sweep_s, *(at - clock() for at in due), options.sweep_s)
        await asyncio.sleep(options.calendar_look_s)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, wait_s - options.calendar_look_s)):
                await self._is_called.wait()
