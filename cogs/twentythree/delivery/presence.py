"""Which servers the bot is in, and whether Discord tells of them now."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime

import discord
from discord.ext import commands

from ..domain.barring import Membership, shard_of
from ..domain.model import GuildId


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Presence:
    """What Discord's gateway has told of servers, shard by shard.

    A client without shards has one. It need not have all: others may be another process's.
    """

    def __init__(self, client: discord.Client, *, now: Callable[[], datetime] = _utc_now) -> None:
        self._client = client
        self._now = now
        self._told: set[int] = set()
        self._away: dict[int, datetime] = {}
        self._before: dict[int, dict[int, discord.Guild]] = {}
        self._gone: set[int] = set()

    @property
    def connected(self) -> int:
        """How many shards are connected."""
        return len(self._told - self._away.keys())

    def listed(self, shard: int) -> None:
        """Note that a shard has a new session, and has listed its servers.

        A client with shards keeps those that removed the bot while their shard was away: they are
        the ones that it has not made anew.
        """
        self._told.add(shard)
        self._away.pop(shard, None)
        before = self._before.pop(shard, None)
        if before is None:
            return
        for id_, guild in self._guilds_of(shard).items():
            if before.get(id_) is guild:
                self._gone.add(id_)
            else:
                self._gone.discard(id_)

    def lost(self, shard: int) -> None:
        """Note that a shard is not connected any more.

        It may be lost again before it was noted what it had listed: what it had before counts.
        """
        self._away.setdefault(shard, self._now())
        self._before.setdefault(shard, self._guilds_of(shard))

    def resumed(self, shard: int) -> None:
        """Note that a shard goes on where it was, and has missed nothing."""
        self._away.pop(shard, None)
        self._before.pop(shard, None)

    @contextmanager
    def listening(self, bot: commands.Bot | commands.AutoShardedBot) -> Generator[None]:
        """Note which shards are lost, and which go on."""

        async def lost(shard: int = self._first()) -> None:
            self.lost(shard)

        async def resumed(shard: int = self._first()) -> None:
            self.resumed(shard)

        # A client with shards has the plain words, too: they do not say which.
        of = "on_shard_" if isinstance(bot, discord.AutoShardedClient) else "on_"
        listeners = {f"{of}disconnect": lost, f"{of}resumed": resumed}
        for name, told in listeners.items():
            bot.add_listener(told, name)
        try:
            yield
        finally:
            for name, told in listeners.items():
                bot.remove_listener(told, name)

    def all_listed(self) -> None:
        """Take over a client that is ready; shards may have been lost since.

        It says nothing of what is gone: discord.py says that it is ready some time after it was
        told of its servers, and a client without shards keeps none that are gone.
        """
        self._told.update(self._own())
        if not isinstance(self._client, discord.AutoShardedClient):
            self.resumed(self._first())
            return
        for shard, info in self._client.shards.items():
            if info.is_closed():
                self.lost(shard)

    def came(self, guild: discord.Guild) -> None:
        """Note that the bot is in a server (again)."""
        self._gone.discard(guild.id)

    def guilds_of(self, shard: int) -> list[discord.Guild]:
        """Return the servers that a shard tells of."""
        return list(self._guilds_of(shard).values())

    def membership(self) -> Membership:
        """Return which servers the bot is in, as far as it was told."""
        present = {GuildId(one.id) for one in self._client.guilds} - self._gone
        return Membership(
            present=frozenset(present),
            told=frozenset(self._told),
            shards=self._count(),
            joined={one.id: at for one in self._client.guilds if (at := _joined_at(one))},
        )

    def away_since(self, guild_id: GuildId) -> datetime | None:
        """Return since when nothing is told of a server; ``None``: it is."""
        return self._away.get(shard_of(guild_id, self._count()))

    def _count(self) -> int:
        return self._client.shard_count or 1

    def _first(self) -> int:
        return self._client.shard_id or 0

    def _own(self) -> list[int]:
        if not isinstance(self._client, discord.AutoShardedClient):
            return [self._first()]
        return list(self._client.shard_ids or range(self._count()))

    def _guilds_of(self, shard: int) -> dict[int, discord.Guild]:
        count = self._count()
        return {
            one.id: one for one in self._client.guilds if shard_of(GuildId(one.id), count) == shard
        }


def _joined_at(guild: discord.Guild) -> datetime | None:
    """Return since when the bot is in a server, once Discord has told of it."""
    # Of a server that is only listed yet, the bot is not known as its member.
    me: discord.Member | None = None if guild.unavailable else guild.me
    return None if me is None else me.joined_at
