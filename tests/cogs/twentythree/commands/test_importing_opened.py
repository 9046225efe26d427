"""Rooms that everybody comes to see while an import is at work."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cogs.twentythree.commands import importing
from tests.cogs.twentythree.commands.test_importing import a_file, an_entry, given
from tests.fakes.server import LIVE, Server


@pytest.mark.parametrize("what", ["attachments", "follows", "boards"])
async def test_a_room_that_opens_while_an_import_is_at_work_is_not_agreed_to(
    server: Server, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    staff = server.chat.rooms.add_channel(server.guild.id, "staff")
    hide(server, staff.id)
    entry: dict[str, Any] = an_entry(server, 2, staff, comments="all")
    if what == "follows":
        entry = {"what": "live", "room": str(staff.id), "options": {"comments": "all"}}
    elif what == "boards":
        await server.hold(LIVE, at=staff)
        entry = {"object": "2", "room": str(staff.id), "view": "board"}
    settings = {"rooms": [{"room": str(server.room.id), "options": {"silent": "on"}}]}
    said = await given(server, a_file(server, **(settings | {what: [entry]})))
    assert "Everybody" not in said.content
    settle = importing._set

    async def opened(*step: Any) -> None:
        await settle(*step)
        told = server.host.wait_for("guild_channel_update", timeout=60)
        seen = asyncio.create_task(told)
        await asyncio.sleep(0)
        everyone = server.guild.roles[server.guild.id]
        server.chat.rooms.set_overwrites(staff.id, everyone, allow=["view_channel"])
        await seen

    monkeypatch.setattr(importing, "_set", opened)
    done = await server.press(said, "Import")

    assert "It is not as it was when you were asked" in done.content
    assert not any(one.is_exposure_agreed for one in await server.held())
    assert await server.followed() == []


def hide(server: Server, room_id: int) -> None:
    """Let only the bot and the manager see a room."""
    everyone = server.guild.roles[server.guild.id]
    server.chat.rooms.set_overwrites(room_id, everyone, deny=["view_channel"])
    for who in (server.manager, server.chat.bot):
        server.chat.rooms.set_overwrites(room_id, who, allow=["view_channel"])
