"""Telling a server, once, that nothing comes or goes any more, and once that it is over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from ..api import WorkspaceClient
from ..domain.model import GuildId
from ..domain.troubles import Faults, Outage, Trouble, outages, troubles
from ..errors import StorageError, WorkspaceError, log_failure
from ..languages import noted, speaking, tr
from ..storage import Store
from .supervisor import RoomSupervisor

_log = logging.getLogger("twentythree.delivery")

_EVERY_S = 2.0
# A workspace that is away, or refuses, is asked no more often whether it still does.
_ASK_EVERY = timedelta(seconds=30)
# Servers come and go, and there may be many: they are listed no more often.
_LIST_EVERY = timedelta(minutes=1)
# Whoever cannot be reached is tried again, and an outage that comes and goes is told no more often.
_TRY_AGAIN = timedelta(minutes=10)
_TELL_AGAIN = timedelta(hours=1)

_TOLD = noted("You are told once it is over.")
_OVER = {
    Outage.DATABASE: noted(
        "The bot's database can be used again; what was missed is read and posted now."
    ),
    Outage.CREDENTIALS: noted(
        "The workspace accepts the bot's credentials again; what was missed is read and posted now."
    ),
    Outage.WORKSPACE: noted("The workspace answers again; what was missed is read and posted now."),
}

_Told: TypeAlias = tuple[GuildId, Outage]


class OutageTeller:
    """Looks now and then whether there is an outage.

    Args:
        store: survives a restart, unless it is what is broken.
        api: the workspace, which is asked something to see whether it answers.
        rooms: reaches people, or a server.
        faults: returns what is wrong for all servers.
        people: returns for each server who has set something up there, the last first.
        now: the time, aware.
    """

    def __init__(
        self,
        store: Store,
        api: WorkspaceClient,
        rooms: RoomSupervisor,
        *,
        faults: Callable[[], Awaitable[Faults]],
        people: Callable[[], Awaitable[Mapping[GuildId, Sequence[int]]]],
        now: Callable[[], datetime],
    ) -> None:
        self._kept = store.outages
        self._api = api
        self._rooms = rooms
        self._faults = faults
        self._people = people
        self._now = now
        self._told: set[_Told] = set()
        self._stored: set[_Told] | None = None
        self._tried_at: dict[_Told, datetime] = {}
        self._told_at: dict[_Told, datetime] = {}
        self._begun_at: dict[Outage, datetime] = {}
        self._asked_at: datetime | None = None

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 - supervision: telling goes on
                log_failure(_log, "looking for outages failed", error)
            await asyncio.sleep(_EVERY_S)

    async def look(self) -> None:
        """Look once, and tell what is new."""
        await self._recall()
        there = await self._found()
        if there.keys() - {Outage.DATABASE} and self._may_ask():
            await self._is_answered()
            there = await self._found()
        for outage, trouble in there.items():
            if trouble is not None:
                await self._begun(outage, trouble)
        self._begun_at = {one: at for one, at in self._begun_at.items() if one in there}
        over = {pair for pair in self._told if pair[1] not in there}
        # After a restart nothing is known of the workspace before it is asked.
        if over and (all(one is Outage.DATABASE for _, one in over) or await self._is_answered()):
            await self._ended(over)
        await self._keep()

    async def _found(self) -> dict[Outage, Trouble | None]:
        return outages(troubles(await self._faults()), self._now())

    def _may_ask(self) -> bool:
        now = self._now()
        if self._asked_at is not None and now - self._asked_at < _ASK_EVERY:
            return False
        self._asked_at = now
        return True

    async def _is_answered(self) -> bool:
        try:
            await self._api.site()
        except WorkspaceError:
            return False
        return True

    async def _begun(self, outage: Outage, trouble: Trouble) -> None:
        now = self._now()
        if outage in self._begun_at and now - self._begun_at[outage] < _LIST_EVERY:
            return
        self._begun_at[outage] = now
        for guild_id, people in (await self._people()).items():
            pair = guild_id, outage
            if pair in self._told or not self._is_due(pair, now):
                continue
            self._tried_at[pair] = now
            with speaking(await self._rooms.language(guild_id)):
                text = f"{trouble.sentence(_moment)} {tr(_TOLD)}"
            if await self._rooms.tell_one(guild_id, people, text):
                self._told.add(pair)
                self._told_at[pair] = now
            else:
                _log.warning("nobody in server %d could be told of an outage: %s", guild_id, outage)

    def _is_due(self, pair: _Told, now: datetime) -> bool:
        waits = (self._tried_at, _TRY_AGAIN), (self._told_at, _TELL_AGAIN)
        return all(pair not in at or now - at[pair] >= wait for at, wait in waits)

    async def _ended(self, over: set[_Told]) -> None:
        people = await self._people()
        for pair in sorted(over):
            guild_id, outage = pair
            self._told.discard(pair)
            with speaking(await self._rooms.language(guild_id)):
                text = tr(_OVER[outage])
            # Where nothing is attached any more, nobody waits for it.
            if guild_id in people and not await self._rooms.tell_one(
                guild_id, people[guild_id], text
            ):
                _log.warning("nobody in server %d could be told what is over", guild_id)

    async def _recall(self) -> None:
        if self._stored is None:
            try:
                self._stored = await self._kept.told()
            except StorageError as error:
                _log.debug("what was told of outages could not be read: %s", error)
                return
            self._told |= self._stored

    async def _keep(self) -> None:
        if self._stored is None or self._stored == self._told:
            return
        told = set(self._told)
        try:
            await self._kept.set_told(told - self._stored, self._stored - told)
        except StorageError as error:
            _log.debug("what was told of outages could not be kept: %s", error)
            return
        self._stored = told


def _moment(at: datetime) -> str:
    return f"<t:{int(at.timestamp())}:R>"
