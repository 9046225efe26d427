"""What rooms and servers have set, as the commands call it."""

from __future__ import annotations

from ..domain.model import GuildId, RoomId
from ..domain.room_settings import RoomSettingsAsked
from ..storage import RoomsSet
from .ports import Ports


class SettingRooms:
    """Sets how rooms look and what they leave out.

    Args:
        ports: the store and the clock.
    """

    def __init__(self, ports: Ports) -> None:
        self._store = ports.store
        self._now = ports.clock.now

    async def of_server(self, guild_id: GuildId) -> RoomsSet:
        """Return what a server and its rooms have set."""
        return await self._store.rooms.of_server(guild_id)

    async def set_room(self, guild_id: GuildId, room_id: RoomId, asked: RoomSettingsAsked) -> None:
        """Have a room set this, and nothing else; what waits there follows."""
        await self._store.rooms.set_room(guild_id, room_id, asked, self._now())

    async def set_defaults(self, guild_id: GuildId, asked: RoomSettingsAsked) -> None:
        """Have a server set this for its rooms, and nothing else."""
        await self._store.rooms.set_defaults(guild_id, asked, self._now())
