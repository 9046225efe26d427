"""A stand-in for each test, the real discord.py against it, and Discord's document as judge."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import aiohttp
import pytest

from sandbox.chat import Channel, Chat, Guild
from tests.fakes.discord_client import Client, pointed_at
from tests.fakes.discord_contract import judge
from tests.fakes.discord_rest_client import QUICK, Rest

Start = Callable[[Client], Awaitable[Client]]


@pytest.fixture
async def chat() -> AsyncIterator[Chat]:
    started = await Chat.start(QUICK)
    yield started
    await started.close()
    judge(started.posts)


@pytest.fixture
def guild(chat: Chat) -> Guild:
    return chat.guilds.add_guild("Videos")


@pytest.fixture
def room(chat: Chat, guild: Guild) -> Channel:
    return chat.rooms.add_channel(guild.id, "general")


@pytest.fixture
async def rest(chat: Chat) -> AsyncIterator[Rest]:
    async with aiohttp.ClientSession() as session:
        yield Rest(chat, session)


@pytest.fixture
def pointed(chat: Chat) -> Iterator[None]:
    with pointed_at(chat):
        yield


@pytest.fixture
async def start(chat: Chat, pointed: None) -> AsyncIterator[Start]:
    """Start clients and wait until they are ready, or raise what ends them; stop them after."""
    async with contextlib.AsyncExitStack() as stack:

        async def begin(client: Client) -> Client:
            await stack.enter_async_context(client)
            running = asyncio.create_task(client.start(chat.token))
            stack.push_async_callback(_ended, running)
            stack.push_async_callback(client.close)
            ready = asyncio.create_task(client.wait_for_count("ready", 1))
            await asyncio.wait({running, ready}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                ready.cancel()
                await running
            await ready
            return client

        yield begin


async def _ended(running: asyncio.Task[None]) -> None:
    await asyncio.wait({running})
    if not running.cancelled():
        running.exception()


@pytest.fixture
async def client(start: Start, room: Channel) -> Client:
    return await start(Client())
