"""``/video moderators`` and ``/video log``."""

from __future__ import annotations

import pytest

from cogs.twentythree.domain.acting import Deed
from sandbox.chat import ChannelType
from tests.fakes.server import Server

USUAL = "whoever may manage messages in the room may act on comments"
WHAT = "Each action on a comment, and each change of what is set, is told"


def trail(server: Server) -> list[tuple[Deed | str, str, str]]:
    return [(one.deed, one.actor.name, one.detail) for one in server.acting.entries]


async def test_without_a_role_it_is_said_who_may_act(server: Server) -> None:
    said = await server.slash("moderators")

    assert said == (f"In rooms with `actions: on`, {USUAL}. The option `role` names a role for it.")
    assert trail(server) == []


async def test_a_role_is_set_shown_and_taken_away(server: Server) -> None:
    role = server.chat.guilds.add_role(server.guild.id, "stage")
    named = f"whoever has the role <@&{role.id}> may act on comments"

    assert await server.slash("moderators", role=role.id) == f"From now on, {named}."
    assert await server.slash("moderators") == f"In rooms with `actions: on`, {named}."
    assert await server.slash("moderators", no_role=True) == f"From now on, {USUAL}."
    assert (await server.slash("moderators")).startswith(f"In rooms with `actions: on`, {USUAL}")
    assert trail(server) == [
        (Deed.MODERATORS, "manager", f"<@&{role.id}>"),
        (Deed.MODERATORS, "manager", "who may manage messages"),
    ]


async def test_a_role_that_was_deleted_is_said_to_be(server: Server) -> None:
    role = server.chat.guilds.add_role(server.guild.id, "stage")
    await server.slash("moderators", role=role.id)
    server.chat.guilds.delete_role(server.guild.id, role.id)

    assert await server.slash("moderators") == (
        f"The role that was set is deleted, so {USUAL}; name another with the option `role`."
    )


async def test_everyone_is_no_role_for_it(server: Server) -> None:
    everyone = server.guild.id

    said = await server.slash("moderators", role=everyone)

    assert said == "Everybody could act on comments then; choose another role."
    assert server.acting.roles == {}


async def test_a_role_cannot_be_set_and_taken_away_at_once(server: Server) -> None:
    role = server.chat.guilds.add_role(server.guild.id, "stage")

    said = await server.slash("moderators", role=role.id, no_role=True)

    assert said == "`role` and `no_role` cannot both be; leave one of them out."


# The log.


async def test_the_log_has_no_room_at_first(server: Server) -> None:
    said = await server.slash("log")

    assert said == f"{WHAT} nowhere; name a room with the option `room`."


async def test_a_room_for_the_log_is_set_shown_and_taken_away(server: Server) -> None:
    room = server.chat.rooms.add_channel(server.guild.id, "staff")
    hide(server, room.id)

    assert await server.slash("log", room=room.id) == f"{WHAT} in <#{room.id}> from now on."
    assert await server.slash("log") == f"{WHAT} in <#{room.id}>."
    assert await server.slash("log", no_room=True) == f"{WHAT} nowhere from now on."
    assert trail(server) == [
        (Deed.LOG, "manager", f"<#{room.id}>"),
        (Deed.LOG, "manager", "nowhere"),
    ]


def hide(server: Server, room_id: int) -> None:
    """Let only the bot and the manager see a room."""
    everyone = server.guild.roles[server.guild.id]
    server.chat.rooms.set_overwrites(room_id, everyone, deny=["view_channel"])
    for who in (server.manager, server.chat.bot):
        server.chat.rooms.set_overwrites(room_id, who, allow=["view_channel"])


async def test_a_room_that_everybody_sees_is_asked_about(server: Server) -> None:
    question = await server.reply("log", room=server.room.id)

    assert question.content == (
        f"Everybody in this server sees <#{server.room.id}>, and the log will show there who did "
        "what."
    )
    assert server.acting.log_rooms == {}

    done = await server.press(question, "Log there anyway")

    assert done.content == f"{WHAT} in <#{server.room.id}> from now on."
    assert server.acting.log_rooms == {server.guild.id: server.room.id}


async def test_a_deleted_room_of_the_log_is_said_to_be(server: Server) -> None:
    room = server.chat.rooms.add_channel(server.guild.id, "staff")
    hide(server, room.id)
    await server.slash("log", room=room.id)
    server.chat.rooms.delete_channel(room.id)

    assert await server.slash("log") == (
        "The room of the log is deleted; name another with the option `room`."
    )


async def test_the_log_goes_to_no_forum(server: Server) -> None:
    forum = server.chat.rooms.add_channel(server.guild.id, "events", ChannelType.FORUM)

    assert await server.slash("log", room=forum.id) == (
        "The log cannot go to a forum; choose a channel, or a post in the forum."
    )


@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        ("bot", "The bot cannot post in <#{}>: it lacks Send Messages there."),
        ("manager", "You may not write in <#{}>, so the bot will not do it for you"),
    ],
)
async def test_the_log_needs_a_room_where_both_may_write(
    server: Server, who: str, sentence: str
) -> None:
    room = server.chat.rooms.add_channel(server.guild.id, "staff")
    person = server.chat.bot if who == "bot" else server.manager
    server.chat.rooms.set_overwrites(room.id, person, deny=["send_messages"])

    assert (await server.slash("log", room=room.id)).startswith(sentence.format(room.id))
    assert server.acting.log_rooms == {}


async def test_a_room_for_the_log_cannot_be_set_and_taken_away_at_once(server: Server) -> None:
    said = await server.slash("log", room=server.room.id, no_room=True)

    assert said == "`room` and `no_room` cannot both be; leave one of them out."
