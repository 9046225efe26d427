"""The option `place`: where threads can be, and what the bot needs for them."""

from __future__ import annotations

import pytest

from cogs.twentythree.domain.model import AttachmentRules
from cogs.twentythree.domain.places import PostingPlace
from sandbox.chat import ChannelType
from tests.fakes.server import Server


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (ChannelType.FORUM, "In a forum each object has a post of its own in any case"),
        (ChannelType.VOICE, "In the chat of a voice or stage channel no thread can be opened"),
    ],
)
async def test_where_no_thread_can_be_it_is_said(
    server: Server, kind: ChannelType, said: str
) -> None:
    room = server.chat.rooms.add_channel(server.guild.id, "place", kind)

    assert said in await server.slash("attach", id_="2", room=room.id, place="thread")
    assert said in await server.slash("follow", room=room.id, place="thread")


async def test_in_a_thread_no_other_is_opened(server: Server) -> None:
    thread = server.chat.rooms.add_thread(server.room.id, "talk", with_bot=True)

    said = await server.slash("attach", id_="2", room=thread.id, place="thread")
    assert said == "In a thread no other can be opened; leave `place` out."


async def test_the_permissions_for_threads_are_asked_for_with_the_option_only(
    server: Server,
) -> None:
    server.chat.rooms.set_overwrites(
        server.room.id, server.chat.bot, deny=["create_public_threads"]
    )
    refused = await server.slash("attach", id_="2", place="thread")

    assert "it lacks Create Public Threads there" in refused
    assert (await server.slash("attach", id_="2")).startswith("Attached")


async def test_a_reply_says_where_all_else_goes(server: Server) -> None:
    said = await server.slash("attach", id_="2", place="thread")

    assert "- Place: the card in the room, all else in a thread on it" in said
    (held,) = await server.store.attachments.find()
    assert held.rules == AttachmentRules(place=PostingPlace.THREAD)
    back = await server.slash("attach", id_="2", place="room")
    assert "- Place: all in the room (before: the card in the room" in back
