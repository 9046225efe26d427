"""Discord's gateway in as many connections as Discord asks for: shards, all in this process.

With few servers that is one, and all is as without. Of discord.py's own way with shards two things
are otherwise here: it tries a first connection again for ever, whatever the reason, and it leaves
tasks behind when it is closed.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import aiohttp
import discord
import yarl
from discord.ext import commands
from discord.gateway import DiscordWebSocket, ReconnectWebSocket
from discord.shard import Shard

from .identifies import IdentifyBudget, OutOfIdentifies

_log = logging.getLogger("bot.shards")

_CONNECT_S = 60.0
_AGAIN_S = 5.0
_FAILURES = (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError)


class ShardedBot(commands.AutoShardedBot):
    """A bot that counts its identifies, and knows which of its shards are connected."""

    def __init__(self, *, identifies: IdentifyBudget, **options: Any) -> None:
        super().__init__(**options)
        self._identifies = identifies
        self._connected: set[int] = set()

    @property
    def is_connected(self) -> bool:
        """Whether Discord tells of any servers what happens; ``is_ready`` stays true without."""
        return bool(self._connected)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Count the identify; also those that discord.py makes again by itself.

        Raises:
            OutOfIdentifies: there were too many; it ends this client.
            TimeoutError: likewise, while other shards are connected; this one is tried again.
        """
        try:
            self._identifies.take()
        except OutOfIdentifies as out:
            if self._connected - {shard_id}:
                raise TimeoutError("there are no identifies left for this shard") from out
            raise
        await super().before_identify_hook(shard_id, initial=initial)

    async def launch_shards(self) -> None:
        """Ask Discord how many shards there are to be, and connect them one after the other.

        Raises:
            OutOfIdentifies: there are too few left for all of them.
        """
        if self.is_closed():
            return
        count, _, limits = await self.http.get_bot_gateway()
        # With a number, discord.py goes to the configured address, as without shards.
        self.shard_count = count
        self._identifies.fit(count, total=limits["total"], remaining=limits["remaining"])
        await super().launch_shards()

    async def launch_shard(
        self, gateway: yarl.URL, shard_id: int, *, initial: bool = False
    ) -> None:
        """Connect a shard. The first that cannot ends this client, which has nothing to lose yet.

        Others are tried again, while those that are there work.
        """
        while not self.is_closed():
            try:
                await self._launched(gateway, shard_id, initial=initial)
            except _FAILURES as error:
                if initial:
                    raise
                why = type(error).__name__
                _log.warning("shard %d is not connected (%s); tried again", shard_id, why)
                await asyncio.sleep(_AGAIN_S)
            else:
                return

    async def _launched(self, gateway: yarl.URL, shard_id: int, *, initial: bool) -> None:
        made = DiscordWebSocket.from_client(
            self, initial=initial, gateway=gateway, shard_id=shard_id
        )
        try:
            socket = await asyncio.wait_for(made, timeout=_CONNECT_S)
        except ReconnectWebSocket as error:
            raise ConnectionResetError("Discord closed the connection at once") from error
        # discord.py keeps them to itself; a test holds this to the version that is pinned.
        kept: Any = vars(self)
        shard = Shard(socket, self, kept["_AutoShardedClient__queue"].put_nowait)
        kept["_AutoShardedClient__shards"][shard_id] = shard
        shard.launch()

    async def close(self) -> None:
        """Stop and release everything, discord.py's waits for the last servers included.

        They go on by themselves after a close, and then say "ready" to a client that is gone.
        """
        state = self._connection
        waits = [state._ready_task, *state._ready_tasks.values()]  # noqa: SLF001 - no public way
        await super().close()
        for wait in waits:
            if wait is not None:
                wait.cancel()

    async def on_shard_connect(self, shard_id: int) -> None:
        """Note that Discord tells of a shard's servers."""
        self._connected.add(shard_id)

    async def on_shard_resumed(self, shard_id: int) -> None:
        """Note that it does again."""
        self._connected.add(shard_id)

    async def on_shard_disconnect(self, shard_id: int) -> None:
        """Note that it does not."""
        self._connected.discard(shard_id)
