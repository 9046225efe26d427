"""Rooms that only Discord knows of."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import discord

from cogs.twentythree.commands.room_finder import RoomFinder


class Guild:
    """A server whose rooms are not in the cache, and which answers when it is let."""

    id = 1

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.answered: list[int] = []

    def get_channel_or_thread(self, _room_id: int) -> None:
        return None

    async def fetch_channel(self, room_id: int) -> Any:
        self.asked.set()
        await self.may_answer.wait()
        self.answered.append(room_id)
        return cast("discord.TextChannel", object())


async def test_closing_waits_for_a_question_that_nobody_waits_for_any_more() -> None:
    guild, finder = Guild(), RoomFinder(clock=float)
    looking = asyncio.create_task(finder.look(cast("discord.Guild", guild), 7))
    await guild.asked.wait()
    looking.cancel()
    await asyncio.wait({looking})
    asyncio.get_running_loop().call_soon(guild.may_answer.set)

    await finder.close()

    assert guild.answered == [7]
