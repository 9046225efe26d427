"""Rooms that are not in the cache: archived threads, and rooms that are gone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import Enum
from typing import TypeAlias

import aiohttp
import discord

from ..delivery import REQUEST_ERRORS

# What a request to Discord may end in, beside its answer.
FAILURES = (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError)

# https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
UNKNOWN_CHANNEL = 10003
_FRESH_S = 60.0
_AT_ONCE = 4
_CLOSING_S = 1.0


class Unseen(Enum):
    """Why a room is not there to be looked at."""

    GONE = "Discord says that it does not exist"
    HIDDEN = "Discord does not show it, or did not answer"


Found: TypeAlias = discord.abc.GuildChannel | discord.Thread | Unseen
# A server, and a room that is asked for in it.
_Asked: TypeAlias = tuple[int, int]


class RoomFinder:
    """Asks Discord about rooms that the cache does not hold, each at most once a minute.

    What one server has asked for is no answer to another, whoever may know the room's ID there.
    A question is never cut off: discord.py does not bear that everywhere. Whoever stops waiting
    finds its answer the next time.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, *, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._found: dict[_Asked, tuple[float, Found]] = {}
        self._asking: dict[_Asked, asyncio.Task[Found]] = {}
        self._turns = asyncio.Semaphore(_AT_ONCE)

    def known(self, guild: discord.Guild, room_id: int) -> Found:
        """Return a room as far as it is known now."""
        room = guild.get_channel_or_thread(room_id)
        if room is not None:
            return room
        asked_at, found = self._found.get((guild.id, room_id), (float("-inf"), Unseen.HIDDEN))
        return found if self._clock() - asked_at < _FRESH_S else Unseen.HIDDEN

    async def look(self, guild: discord.Guild, room_id: int) -> Found:
        """Return a room; where the cache does not hold it, Discord is asked."""
        room = guild.get_channel_or_thread(room_id)
        if room is not None:
            return room
        self._forget_old()
        asked = guild.id, room_id
        if asked in self._found:
            return self._found[asked][1]
        task = self._asking.get(asked)
        if task is None:
            task = asyncio.create_task(self._ask(guild, room_id), name="looking for a room")
            self._asking[asked] = task
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Wait for the questions under way, unless Discord takes its time."""
        if self._asking:
            await asyncio.wait(set(self._asking.values()), timeout=_CLOSING_S)

    async def _ask(self, guild: discord.Guild, room_id: int) -> Found:
        try:
            async with self._turns:
                found = await _fetched(guild, room_id)
            self._found[guild.id, room_id] = self._clock(), found
            return found
        finally:
            del self._asking[guild.id, room_id]

    def _forget_old(self) -> None:
        now = self._clock()
        self._found = {
            asked: answer for asked, answer in self._found.items() if now - answer[0] < _FRESH_S
        }


async def _fetched(guild: discord.Guild, room_id: int) -> Found:
    try:
        return await guild.fetch_channel(room_id)
    except discord.NotFound as error:
        return Unseen.GONE if error.code == UNKNOWN_CHANNEL else Unseen.HIDDEN
    except (RuntimeError, *REQUEST_ERRORS):
        return Unseen.HIDDEN
