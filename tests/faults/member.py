"""One of several processes of the bot, with networks of its own to all that it talks to."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urlsplit

from tests.fakes.bot_process import BotProcess
from tests.fakes.postgres_network import networked
from tests.fakes.tcp_proxy import TcpProxy

from .scene import Scene

_LEADS = re.compile(r"leading on the database .+, term (\d+)")
_CONNECTED = "has connected to Gateway"
# As short as may be set.
LEASE_S = 3.0


class Member:
    """One process. ``networks`` are all that it has, those to PostgreSQL and to Discord first."""

    def __init__(self, number: int, bot: BotProcess, networks: tuple[TcpProxy, ...]) -> None:
        self.number = number
        self.bot = bot
        self.networks = networks
        self.database, self.discord, *self.workspace = networks
        self.is_frozen = False
        # Not started, or ended on purpose.
        self.is_away = True
        self.are_lost: set[TcpProxy] = set()
        self.term = 0
        self._read = self._led_at = 0

    async def start(self) -> None:
        """Start the process, or start it again."""
        self.term = self._read = 0
        await self.bot.start()
        self.is_away = False

    def listen(self) -> None:
        """Learn from what it has logged in which term it has last begun to lead."""
        for found in _LEADS.finditer(self.bot.log, self._read):
            self.term, self._led_at = int(found[1]), found.end()
        self._read = len(self.bot.log)

    @property
    def is_awake(self) -> bool:
        """Whether it runs and is not frozen."""
        return self.bot.is_running and not self.is_frozen

    @property
    def is_connected(self) -> bool:
        """Whether it has had a session of Discord's since it leads."""
        return self.term > 0 and _CONNECTED in self.bot.log[self._led_at :]

    @asynccontextmanager
    async def frozen(self) -> AsyncGenerator[None]:
        """Freeze a process until the block is left."""
        self.bot.freeze()
        self.is_frozen = True
        try:
            yield
        finally:
            self.bot.thaw()
            self.is_frozen = False

    @asynccontextmanager
    async def without(self, *lost: TcpProxy, how: str) -> AsyncGenerator[None]:
        """Take networks from a process until the block is left.

        ``how``: what is sent meanwhile is ``late``, or ``swallowed`` for good; or all is ``reset``
        and refused.
        """
        self.are_lost |= set(lost)
        for network in lost:
            if how == "reset":
                network.is_refusing = True
                network.cut()
            else:
                network.stall()
        try:
            yield
        finally:
            for network in lost:
                network.is_refusing = False
                if how == "swallowed":
                    network.cut()
                network.flow()
            self.are_lost -= set(lost)


async def a_member(number: int, scene: Scene, address: str, stack: AsyncExitStack) -> Member:
    """Return a process that is to be started; its networks last as long as the ``stack``."""
    enter = stack.enter_async_context
    database, through = await enter(networked(address))
    discord = await enter(TcpProxy(_port(scene.chat.api_url)))
    workspace = await enter(TcpProxy(_port(scene.workspace.url)))
    told = urlsplit(scene.workspace.realtime_url)
    realtime = await enter(TcpProxy(_port(scene.workspace.realtime_url)))
    proxied, there = f"http://127.0.0.1:{workspace.port}", f"127.0.0.1:{discord.port}"
    direct = f"127.0.0.1:{realtime.port}"
    bot = scene.a_bot(
        TWENTYTHREE_DATABASE_URL=through,
        TWENTYTHREE_LEASE_SECONDS=f"{LEASE_S:g}",
        DISCORD_API_URL=f"http://{there}/api/v10",
        DISCORD_GATEWAY_URL=f"ws://{there}/gateway",
        # All of them know the workspace by one address: it is in what they post.
        http_proxy=proxied,
        HTTP_PROXY=proxied,
        TWENTYTHREE_REALTIME_URL=f"http://{direct}{told.path}",
        no_proxy=direct,
        NO_PROXY=direct,
    )
    return Member(number, bot, (database, discord, workspace, realtime))


def _port(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port
