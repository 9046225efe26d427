"""A stand-in for each test, the real discord.py against it, and Discord's document as judge."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.sandbox.chat import Chat, ChatOptions, Guild, Limit
from tests.fakes.discord_client import Client
from tests.fakes.discord_contract import judge

QUICK = ChatOptions(
    limits={"POST /channels/{channel_id}/messages": Limit(requests=1000, window_s=5.0)},
    default_limit=Limit(requests=1000, window_s=1.0),
    global_limit=Limit(requests=1000, window_s=1.0),
)


Login = Callable[[Client], Awaitable[Client]]


@pytest.fixture
async def chat() -> AsyncIterator[Chat]:
    started = await Chat.start(QUICK)
    yield started
    await started.close()
    judge(started.posts)


@pytest.fixture
def guild(chat: Chat) -> Guild:
    return chat.add_guild("Videos")


@pytest.fixture
def pointed(chat: Chat) -> Iterator[None]:
    """Point the library at the stand-in, and back again."""
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = chat.api_url, yarl.URL(chat.gateway_url)
    yield
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before


@pytest.fixture
async def login(chat: Chat, pointed: None) -> AsyncIterator[Login]:
    """Start clients, and stop them at the end."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(client: Client) -> Client:
            await stack.enter_async_context(client)
            task = asyncio.create_task(client.start(chat.token))
            stack.push_async_callback(_ended, task)
            stack.push_async_callback(client.close)
            ready = asyncio.create_task(client.wait_for_count("ready", 1))
            await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                ready.cancel()
                await task
            await ready
            return client

        yield start


async def _ended(task: asyncio.Task[None]) -> None:
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()


@pytest.fixture
async def client(login: Login) -> Client:
    return await login(Client())
