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


@pytest.mark.parametrize(
    "fault", [{"status": 503}, {"drops": True}, {"status": 200, "is_html": True}]
)
@pytest.mark.parametrize("is_private", [False, True])
async def test_where_discord_does_not_tell_of_a_room_that_is_said_in_one_sentence(
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    *,
    is_private: bool,
    fault: dict[str, Any],
) -> None:
    monkeypatch.setattr(discord.http, "asyncio", Impatient())
    if is_private:
        thread = server.chat.rooms.add_thread(
            server.room.id, "plans", ChannelType.PRIVATE_THREAD, owner=server.manager, with_bot=True
        )
        asked = f"/channels/{thread.id}/thread-members/{server.manager.id}"
    else:
        thread = server.chat.rooms.add_thread(server.room.id, "old talk", with_bot=True)
        server.chat.rooms.archive(thread.id)
        asked = f"/channels/{thread.id}"
    server.chat.fault("GET", asked, times=None, **fault)

    text = await server.slash("attach", id_="1", room=thread.id)

    said = f"Discord does not tell the bot about <#{thread.id}> now; try again in a minute."
    assert text == said
    assert [one.message for one in caplog.records if one.exc_info] == []
