"""``/video attach`` in a forum: one post for an object, whatever becomes of Discord's answers."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from sandbox.chat import ChannelType
from tests.fakes.discord_rest import Impatient
from tests.fakes.server import Server


@pytest.mark.parametrize("lost", [{"status": 500}, {"drops": True}])
async def test_a_post_whose_answer_was_lost_is_opened_once(
    server: Server, monkeypatch: pytest.MonkeyPatch, lost: dict[str, Any]
) -> None:
    monkeypatch.setattr(discord.http, "asyncio", Impatient())
    forum = server.chat.rooms.add_channel(server.guild.id, "events", ChannelType.FORUM)
    server.chat.fault("POST", r".*/threads", when="after", **lost)
    # aiohttp asks twice.
    server.chat.fault("GET", r".*/threads/active", drops=True, times=2)

    text = await server.slash("attach", id_="2", room=forum.id)
    again = await server.slash("attach", id_="2", room=forum.id)

    assert text == rf"<#{forum.id}>: Discord opens no post in the forum\: no answer"
    assert again.startswith("Attached")
    (held,) = await server.held()
    assert [c.id for c in server.guild.channels.values() if c.parent_id == forum.id] == [
        held.room_id
    ]
