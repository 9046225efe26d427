"""The sandbox as one: a workspace, its realtime service and a Discord, started together."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Self

import aiohttp

from .chat import Chat, ChatOptions
from .faye import FayeOptions, FayeServer, http_publisher
from .workspace import Level, Workspace, WorkspaceOptions


class Sandbox:
    """Everything a bot talks to, on loopback. An async context manager.

    Args:
        port: of the Discord; the workspace and its realtime service take the next two. 0: any.
        seed: of the workspace's tokens and channel names.
        faye_url: a Bayeux service that is running already, instead of the sandbox's own.
        chat: options of the Discord; its port is ``port``.
        locale: of all guilds and persons; ``chat`` has its own.
        now: seconds since 1970, for the workspace, and for the Discord without options of its own.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        seed: int = 23,
        faye_url: str | None = None,
        chat: ChatOptions | None = None,
        locale: str = "en-US",
        now: Callable[[], float] = time.time,
    ) -> None:
        ports = (port, port + 1, port + 2) if port else (0, 0, 0)
        self._chat_options = chat or ChatOptions(port=ports[0], locale=locale, now=now)
        self._faye_url = faye_url
        self._stack = AsyncExitStack()
        self.workspace = Workspace(WorkspaceOptions(port=ports[1], seed=seed, now=now))
        self.faye = FayeServer(FayeOptions(port=ports[2]))
        self.chat: Chat

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            self.chat = await Chat.start(self._chat_options)
            stack.push_async_callback(self.chat.close)
            await self.workspace.start()
            stack.push_async_callback(self.workspace.close)
            await self._publish(stack)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def environment(self, level: Level | None = Level.READ) -> dict[str, str]:
        """Return the variables that a bot needs; ``level`` ``None`` is without credentials.

        The servers that there are now may use the workspace.
        """
        variables = {
            "DISCORD_TOKEN": self.chat.token,
            "DISCORD_API_URL": self.chat.api_url,
            "DISCORD_GATEWAY_URL": self.chat.gateway_url,
            "TWENTYTHREE_SITE_URL": self.workspace.url,
        }
        if level is not None:
            variables["TWENTYTHREE_BEARER_TOKEN"] = self.workspace.account(level).bearer
            variables["TWENTYTHREE_SERVERS"] = ",".join(map(str, self.chat.guild_ids()))
        return variables

    async def _publish(self, stack: AsyncExitStack) -> None:
        if self._faye_url is None:
            await self.faye.start()
            stack.push_async_callback(self.faye.close)
            self.workspace.publish_by(self.faye.publish, self.faye.url)
        else:
            http = await stack.enter_async_context(aiohttp.ClientSession())
            self.workspace.publish_by(http_publisher(self._faye_url, http), self._faye_url)
