"""Finding a room among those that the client knows."""

from __future__ import annotations

from typing import TypeAlias

import discord

from ..domain.model import RoomId

_OfServer: TypeAlias = discord.abc.GuildChannel | discord.Thread


class KnownRooms:
    """Finds rooms without going through all servers each time.

    discord.py does, and takes milliseconds for thousands of them. A room stays in its server.
    """

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        self._servers: dict[RoomId, int] = {}

    def find(self, room_id: RoomId) -> _OfServer | None:
        """Return a room; ``None`` where the client does not know it now."""
        guild = self._client.get_guild(self._servers.get(room_id, 0))
        if guild is not None:
            return guild.get_channel_or_thread(room_id)
        found = self._client.get_channel(room_id)
        if not isinstance(found, _OfServer):
            return None
        self._servers[room_id] = found.guild.id
        return found
