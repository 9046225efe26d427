"""Rooms are found without going through all servers each time."""

from __future__ import annotations

import discord
import pytest

from cogs.twentythree.delivery.posting import KnownRooms
from cogs.twentythree.domain.model import RoomId
from sandbox.chat import Chat
from tests.fakes.discord_client import online


async def test_a_room_is_looked_for_in_all_servers_only_until_its_server_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chat = await Chat.start()
    guild = chat.guilds.add_guild("Team")
    room = chat.rooms.add_channel(guild.id, "room")
    unknown = RoomId(7)
    async with online(chat) as client:
        rooms = KnownRooms(client)
        found = rooms.find(RoomId(room.id))
        assert isinstance(found, discord.TextChannel)
        assert rooms.find(unknown) is None

        monkeypatch.setattr(client, "get_channel", lambda _: None)
        assert rooms.find(RoomId(room.id)) is found
        client.guilds[0]._channels.clear()
        assert rooms.find(RoomId(room.id)) is None
    await chat.close()
