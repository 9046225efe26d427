"""Rooms that are not in the cache, and who may change what is in a room."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.chat import Channel, ChannelType
from tests.fakes.server import Server


def an_archived_thread(
    server: Server, parent: Channel, kind: ChannelType = ChannelType.PUBLIC_THREAD
) -> Channel:
    thread = server.chat.rooms.add_thread(parent.id, "old talk", kind, with_bot=True)
    server.chat.rooms.archive(thread.id)
    return thread


def a_hidden_channel(server: Server) -> Channel:
    hidden = server.chat.rooms.add_channel(server.guild.id, "staff")
    server.chat.rooms.set_overwrites(hidden.id, server.manager, deny=["view_channel"])
    return hidden


async def test_an_archived_thread_of_a_hidden_channel_is_neither_shown_nor_changed(
    server: Server,
) -> None:
    thread = an_archived_thread(server, a_hidden_channel(server))
    held = await server.hold(at=thread)
    follow = await server.follow(thread)

    assert "Nothing is attached" in await server.slash("list")
    assert "not attached in this server" in await server.slash("status", id_="1")
    assert "Attached in this server: 0 objects" in await server.slash("status")
    assert await server.suggestions("detach", "") == []
    assert await server.suggestions("unfollow", "", focused="what") == []
    assert "Nothing is attached" in await server.slash("detach", id_="1", room=server.room.id)
    what = str(follow.follow_id)
    assert "Nothing is followed" in await server.slash("unfollow", what=what)
    assert [one.attachment_id for one in await server.held()] == [held.attachment_id]


async def test_an_archived_thread_of_a_channel_that_they_see_is_theirs_to_detach(
    server: Server,
) -> None:
    thread = an_archived_thread(server, server.room)
    await server.hold(at=thread)

    assert f"<#{thread.id}>" in await server.slash("list")
    ((name, value),) = await server.suggestions("detach", "")
    assert name == "Video: A *talk* · 1 · #old talk"
    assert [one.parent_id for one in await server.held()] == [server.room.id]
    assert (await server.slash("detach", id_=value)).startswith("Detached")


@pytest.mark.parametrize("granted", [[], ["manage_threads"]])
async def test_an_archived_private_thread_is_for_those_who_manage_threads(
    server: Server, granted: list[str]
) -> None:
    thread = an_archived_thread(server, server.room, ChannelType.PRIVATE_THREAD)
    await server.hold(at=thread)
    keeper = server.member("keeper", "manage_guild", *granted)

    assert (f"<#{thread.id}>" in await server.slash("list", by=keeper)) == bool(granted)


@pytest.mark.parametrize(
    "answer",
    [{"status": 403}, {"status": 503}, {"status": 404, "body": {"message": "gone", "code": 0}}],
    ids=lambda one: str(one["status"]),
)
async def test_a_room_that_discord_does_not_tell_of_is_not_taken_for_deleted(
    server: Server, answer: dict[str, Any]
) -> None:
    await server.hold(room_id=404)
    server.chat.fault("GET", r".*/channels/404", **answer)

    assert "Nothing is attached" in await server.slash("list")
    assert await server.suggestions("detach", "") == []


async def test_then_the_channel_of_a_thread_decides_as_it_was_last_seen(server: Server) -> None:
    await server.hold(room_id=404, parent_id=server.room.id)
    server.chat.fault("GET", r".*/channels/404", status=403)
    keeper = server.member("keeper", "manage_guild", "manage_threads")

    assert "Nothing is attached" in await server.slash("list")
    assert "<#404>" in await server.slash("list", by=keeper)
    assert (await server.slash("detach", by=keeper, id_="1@404")).startswith("Detached")


async def test_attaching_to_a_thread_keeps_its_channel(server: Server) -> None:
    thread = server.chat.rooms.add_thread(server.room.id, "talk", with_bot=True)

    await server.slash("attach", id_="1", room=thread.id)

    assert [one.parent_id for one in server.bridge.wanted] == [server.room.id]


async def test_a_room_is_asked_for_once_a_minute_however_often_it_is_suggested(
    server: Server,
) -> None:
    thread = an_archived_thread(server, server.room)
    await server.hold(at=thread)

    for typed in ("", "t", "ta"):
        await server.suggestions("detach", typed)

    asked = [one for one in server.chat.posts if one.path.endswith(f"/channels/{thread.id}")]
    assert len(asked) == 1


# The right to attach is the right to detach.


async def test_who_may_not_write_in_a_room_may_not_take_anything_out_of_it(server: Server) -> None:
    rules = server.chat.rooms.add_channel(server.guild.id, "rules")
    server.chat.rooms.set_overwrites(rules.id, server.manager, deny=["send_messages"])
    held = await server.hold(at=rules)
    follow = await server.follow(rules)

    refused = f"You may not write in <#{rules.id}>"
    assert (await server.slash("detach", id_="1", room=rules.id)).startswith(refused)
    assert (await server.slash("detach", id_="1", at=rules)).startswith(refused)
    what = str(follow.follow_id)
    assert (await server.slash("unfollow", what=what)).startswith(refused)
    assert (await server.slash("test", id_="1", room=rules.id)).startswith(refused)
    assert (await server.slash("diagnose", id_="1", at=rules)).startswith(refused)
    assert ((await server.held()), (await server.followed())) == ([held], [follow])
    assert not server.bridge.is_listening.is_set()

    server.chat.rooms.set_overwrites(rules.id, server.manager, allow=["manage_channels"])
    assert (await server.slash("detach", id_="1", room=rules.id)).startswith("Detached")


async def test_what_is_attached_to_another_room_is_diagnosed_from_any(server: Server) -> None:
    rules = server.chat.rooms.add_channel(server.guild.id, "rules")
    server.chat.rooms.set_overwrites(rules.id, server.manager, deny=["send_messages"])
    await server.hold()

    assert "nothing was published" in await server.slash("diagnose", id_="1", at=rules, seconds=1)


async def test_a_thread_needs_the_right_to_write_in_threads(server: Server) -> None:
    thread = an_archived_thread(server, server.room)
    await server.hold(at=thread)
    server.chat.rooms.set_overwrites(
        server.room.id, server.manager, deny=["send_messages_in_threads"]
    )

    text = await server.slash("detach", id_="1", room=thread.id)

    assert text.startswith(f"You may not write in <#{thread.id}>")
    assert len(await server.held()) == 1


async def test_nobody_is_asked_about_a_room_that_they_may_not_take_anything_out_of(
    server: Server,
) -> None:
    closed = server.chat.rooms.add_channel(server.guild.id, "news")
    server.chat.rooms.set_overwrites(closed.id, server.manager, deny=["send_messages"])
    held = await server.hold(at=closed)

    reply = await server.reply("detach", room=closed.id)

    assert reply.content.startswith("You may not write in")
    assert reply.components == []
    assert await server.held() == [held]


@pytest.mark.parametrize("command", ["detach", "list"])
async def test_a_room_that_they_cannot_see_is_said_to_be_one(server: Server, command: str) -> None:
    hidden = a_hidden_channel(server)
    await server.hold(at=hidden)
    await server.hold()

    told = await server.slash(command, room=hidden.id)

    assert told == "You cannot see that room; choose one that you can."


async def test_an_archived_thread_of_another_server_is_no_room_of_a_file_here(
    server: Server,
) -> None:
    village = server.chat.guilds.add_guild("Village")
    green = server.chat.rooms.add_channel(village.id, "green")
    thread = an_archived_thread(server, green)
    await server.bridge.until_present(server.guild.id, village.id)
    await server.hold(at=thread, guild_id=village.id)
    # Asked for there, so that it is known for a minute.
    there = await server.slash("list", at=green, by=server.chat.owner)
    assert f"<#{thread.id}>" in there
    entry = {"object": "2", "room": str(thread.id), "options": {}}
    file = {"version": 1, "server": str(server.guild.id), "attachments": [entry]}
    file_id = server.chat.people.upload("town.json", json.dumps(file).encode())

    said = await server.slash("import", file=file_id)

    assert "The room is not in this server, or the bot cannot see it." in said
    # Nor is it hidden there by that.
    assert await server.slash("list", at=green, by=server.chat.owner) == there


async def test_a_room_that_another_server_has_asked_for_in_vain_is_seen_where_it_is(
    server: Server,
) -> None:
    thread = an_archived_thread(server, server.room)
    await server.hold(at=thread)
    village = server.chat.guilds.add_guild("Village")
    green = server.chat.rooms.add_channel(village.id, "green")
    await server.bridge.until_present(server.guild.id, village.id)
    entry = {"object": "2", "room": str(thread.id), "options": {}}
    file = {"version": 1, "server": str(village.id), "attachments": [entry]}
    file_id = server.chat.people.upload("village.json", json.dumps(file).encode())
    assert "Cannot be" in await server.slash("import", file=file_id, at=green, by=server.chat.owner)

    assert f"<#{thread.id}>" in await server.slash("list")
