"""Threads that people have closed, through the real discord.py: they stay so."""

import asyncio
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from cogs.twentythree.delivery import RoomSupervisor
from cogs.twentythree.domain.model import GuildId, RoomId
from sandbox.chat import Chat
from sandbox.chat.model import ThreadState
from tests.fakes.discord_client import Client, online
from tests.fakes.discord_contract import judge
from tests.fakes.discord_rest_client import QUICK
from tests.fakes.rooms import World, comments
from tests.fakes.said import said

_DAY_S = 24 * 60 * 60


@dataclass
class Clock:
    """Discord's."""

    ahead_s: float = 0.0

    def now(self) -> float:
        return time.time() + self.ahead_s


@dataclass
class Place:
    """A server with a thread of the bot's own, in which a comment stands."""

    chat: Chat
    world: World
    client: Client
    thread: RoomId
    rooms: RoomSupervisor
    clock: Clock

    @property
    def state(self) -> ThreadState:
        state = self.chat.channel(self.thread).thread
        assert state is not None
        return state

    def texts(self) -> list[str]:
        return [said(e) for one in self.chat.messages(self.thread) for e in one.embeds]

    def told(self) -> list[str]:
        return [one.content for one in self.chat.dms(self.chat.owner.id)]

    async def close(self) -> None:
        told = asyncio.create_task(self.client.wait_for("raw_thread_update"))
        await asyncio.sleep(0)
        self.chat.rooms.archive(self.thread)
        await told

    async def say(self, number: int) -> None:
        self.rooms.wake(await self.world.say(number))

    async def reword(self, text: str) -> None:
        """Have the comment edited, and wait until it is and the thread is closed again."""
        self.rooms.wake(await self.world.revise(1, text=text))
        await self.chat.wait_for(lambda: self.texts() == [text] and self.state.is_archived)


@pytest.fixture
async def place(world: World) -> AsyncGenerator[Place]:
    clock = Clock()
    chat = await Chat.start(replace(QUICK, now=clock.now))
    guild = chat.guilds.add_guild("Town")
    parent = chat.rooms.add_channel(guild.id, "room")
    thread = chat.rooms.add_thread(parent.id, "thread", owner=chat.bot, with_bot=True)
    world.now, world.guild_id = datetime.now(UTC), GuildId(guild.id)
    world.attached_by = chat.owner.id
    async with online(chat) as client:
        world.client = client
        await world.attach(RoomId(thread.id))
        async with world.running() as rooms:
            found = Place(chat, world, client, RoomId(thread.id), rooms, clock)
            await found.say(1)
            await chat.wait_for(lambda: found.texts() == comments([1]))
            await found.close()
            yield found
    await chat.close()
    judge(chat.posts)


async def test_a_look_that_fails_opens_no_thread(place: Place) -> None:
    fault = place.chat.fault("GET", rf"/channels/{place.thread}", status=503)
    await place.say(2)
    await place.chat.wait_for(place.told)

    assert fault.hits == 1
    assert (place.texts(), place.state.is_archived) == (comments([1]), True)


async def test_a_thread_that_was_closed_again_after_an_edit_days_later_stays_closed(
    place: Place,
) -> None:
    place.clock.ahead_s = 30 * _DAY_S
    await place.reword("In other words")
    await place.say(2)
    await place.chat.wait_for(place.told)

    assert (place.texts(), place.state.is_archived) == (["In other words"], True)


async def test_what_people_have_opened_since_and_lapsed_takes_messages(place: Place) -> None:
    await place.reword("In other words")
    place.clock.ahead_s = 30 * _DAY_S
    joined = asyncio.create_task(place.client.wait_for("thread_join"))
    await asyncio.sleep(0)
    place.chat.rooms.reopen(place.thread)
    await joined
    told = asyncio.create_task(place.client.wait_for("raw_thread_update"))
    await asyncio.sleep(0)
    place.chat.rooms.lapse(place.thread)
    await told
    await place.say(2)

    await place.chat.wait_for(lambda: place.texts() == ["In other words", "Comment 2"])
