"""The real discord.py for tests against a stand-in for Discord."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from sandbox.chat import Chat


class Client(discord.Client):
    """The real library, which does not wait where Discord would not see it."""

    def __init__(self, **options: Any) -> None:
        own = {"intents": discord.Intents(guilds=True, guild_messages=True)}
        super().__init__(**{"guild_ready_timeout": 0.01, **own, **options})
        self.tree = app_commands.CommandTree(self)
        self.happened: list[str] = []
        self._happened = asyncio.Event()
        self._ended = asyncio.Event()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        pass

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        super().dispatch(event, *args, **kwargs)
        self.happened.append(event)
        self._happened.set()

    async def wait_for_count(self, event: str, count: int) -> None:
        async with asyncio.timeout(60):
            while self.happened.count(event) < count:
                self._happened.clear()
                await self._happened.wait()

    async def close(self) -> None:
        await super().close()
        self._ended.set()

    async def wait_for_closed(self) -> None:
        async with asyncio.timeout(60):
            await self._ended.wait()


@contextmanager
def pointed_at(chat: Chat) -> Generator[None]:
    """Point the library at the stand-in, and back again."""
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = chat.api_url, yarl.URL(chat.gateway_url)
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before


@asynccontextmanager
async def online(chat: Chat, **options: Any) -> AsyncGenerator[Client]:
    """Give a client that knows all servers of the stand-in."""
    with pointed_at(chat):
        async with Client(**options) as client:
            running = asyncio.create_task(client.start(chat.token))
            try:
                await client.wait_for_count("ready", 1)
                yield client
            finally:
                await client.close()
                await running
