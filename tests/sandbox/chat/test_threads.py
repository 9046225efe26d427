"""Threads and forums, with the real discord.py."""

from __future__ import annotations

import discord
import pytest

from sandbox.chat import Channel, ChannelType, Chat, Guild
from tests.fakes.discord_client import Client
from tests.fakes.discord_rest_client import Rest
from tests.sandbox.chat.test_messages import code_of


@pytest.fixture
async def forum(chat: Chat, guild: Guild, client: Client) -> discord.ForumChannel:
    made = chat.rooms.add_channel(
        guild.id,
        "talks",
        ChannelType.FORUM,
        tags=["open"],
        moderated_tags=["staff"],
        requires_tag=True,
    )
    await client.wait_for_count("guild_channel_create", 1)
    found = client.get_channel(made.id)
    assert isinstance(found, discord.ForumChannel)
    return found


async def test_a_post_is_opened_in_a_forum_with_its_first_message(
    chat: Chat, client: Client, forum: discord.ForumChannel
) -> None:
    assert [(tag.name, tag.moderated) for tag in forum.available_tags] == [
        ("staff", True),
        ("open", False),
    ]

    thread, message = await forum.create_thread(
        name="A talk", content="Welcome", applied_tags=forum.available_tags[1:]
    )
    await thread.send("Hello")

    assert thread.id == message.id
    assert [one.content for one in chat.messages(thread.id)] == ["Welcome", "Hello"]
    assert [tag.name for tag in thread.applied_tags] == ["open"]
    await client.wait_for_count("thread_create", 1)


async def test_a_thread_counts_neither_its_beginning_nor_what_was_deleted(
    client: Client, forum: discord.ForumChannel
) -> None:
    thread, _ = await forum.create_thread(
        name="A talk", content="Welcome", applied_tags=forum.available_tags[1:]
    )
    said = [await thread.send("Hello"), await thread.send("Bye")]
    await said[0].delete()

    found = await client.http.get_channel(thread.id)
    assert (found.get("message_count"), found.get("total_message_sent")) == (1, 2)


async def test_a_forum_can_ask_for_a_tag_and_takes_no_plain_messages(
    client: Client, forum: discord.ForumChannel
) -> None:
    assert forum.flags.require_tag
    assert await code_of(forum.create_thread(name="A talk", content="Welcome")) == 40067
    assert await code_of(client.get_partial_messageable(forum.id).send("Hello")) == 50008


async def test_a_forum_post_needs_the_permission_to_send(
    chat: Chat, forum: discord.ForumChannel
) -> None:
    chat.rooms.set_overwrites(forum.id, chat.bot, deny=["send_messages"])

    opening = forum.create_thread(name="x", content="y", applied_tags=forum.available_tags[1:])
    assert await code_of(opening) == 50013


async def test_threads_are_started_in_a_channel_and_from_a_message(
    chat: Chat, room: Channel, client: Client
) -> None:
    channel = client.get_channel(room.id)
    assert isinstance(channel, discord.TextChannel)
    kind = discord.ChannelType.public_thread

    plain = await channel.create_thread(name="plain", type=kind)
    first = await channel.send("first")
    below = await first.create_thread(name="below")

    assert (plain.parent_id, below.id) == (room.id, first.id)
    assert plain.me is not None
    assert await code_of(first.create_thread(name="again")) == 160004
    assert {one.id for one in await channel.guild.active_threads()} == {plain.id, below.id}
    assert await code_of(channel.create_thread(name="x" * 101, type=kind)) == 50035


async def test_a_message_reopens_an_archived_thread_unless_that_is_switched_off(
    chat: Chat, room: Channel, client: Client
) -> None:
    thread = chat.rooms.add_thread(room.id, "talk", with_bot=True)
    await client.wait_for_count("thread_create", 1)
    target = client.get_partial_messageable(thread.id)
    sent = await target.send("one")
    chat.rooms.archive(thread.id)
    await client.wait_for_count("thread_update", 1)

    assert await code_of(sent.edit(content="two")) == 50083
    await target.send("two")
    await client.wait_for_count("thread_join", 1)

    chat.rooms.archive(thread.id)
    chat.rules.reopens_threads = False
    assert await code_of(target.send("three")) == 50083
    await client.http.edit_channel(thread.id, archived=False)
    await target.send("three")
    assert [one.content for one in chat.messages(thread.id)] == ["one", "two", "three"]


async def test_a_locked_thread_opens_only_to_those_who_manage_threads(
    chat: Chat, room: Channel, client: Client
) -> None:
    thread = chat.rooms.add_thread(room.id, "talk")
    target = client.get_partial_messageable(thread.id)
    chat.rooms.archive(thread.id, is_locked=True)

    assert await code_of(target.send("one")) == 50083
    assert await code_of(client.http.edit_channel(thread.id, archived=False)) == 50083

    chat.rooms.set_overwrites(room.id, chat.bot, allow=["manage_threads"])
    await target.send("one")


async def test_in_a_thread_its_own_permission_to_send_counts(
    chat: Chat, room: Channel, client: Client
) -> None:
    thread = chat.rooms.add_thread(room.id, "talk")
    target = client.get_partial_messageable(thread.id)

    chat.rooms.set_overwrites(room.id, chat.bot, deny=["send_messages"])
    await target.send("one", embed=discord.Embed(title="x"))
    chat.rooms.set_overwrites(room.id, chat.bot, deny=["send_messages_in_threads"])

    assert await code_of(target.send("two")) == 50013


async def test_a_private_thread_is_closed_to_those_who_are_not_in_it(
    chat: Chat, room: Channel, client: Client
) -> None:
    inside = chat.rooms.add_thread(room.id, "in", ChannelType.PRIVATE_THREAD, with_bot=True)
    outside = chat.rooms.add_thread(room.id, "out", ChannelType.PRIVATE_THREAD)

    await client.get_partial_messageable(inside.id).send("one")

    assert await code_of(client.get_partial_messageable(outside.id).send("one")) == 50001
    thread = await client.fetch_channel(inside.id)
    assert isinstance(thread, discord.Thread)
    assert (await thread.fetch_member(chat.owner.id)).id == chat.owner.id
    assert await code_of(thread.fetch_member(1)) == 10007


async def test_archived_threads_are_listed_and_deleted_ones_are_gone(
    chat: Chat, room: Channel, client: Client
) -> None:
    channel = client.get_channel(room.id)
    assert isinstance(channel, discord.TextChannel)
    thread = chat.rooms.add_thread(room.id, "talk")
    chat.rooms.archive(thread.id)

    assert [one.id async for one in channel.archived_threads()] == [thread.id]
    chat.rooms.delete_channel(thread.id)
    await client.wait_for_count("raw_thread_delete", 1)
    assert await code_of(client.fetch_channel(thread.id)) == 10003


async def test_the_bot_can_join_leave_change_and_delete_its_threads(
    chat: Chat, room: Channel, client: Client
) -> None:
    channel = client.get_channel(room.id)
    assert isinstance(channel, discord.TextChannel)
    thread = await channel.create_thread(name="talk", type=discord.ChannelType.public_thread)

    await thread.leave()
    await thread.join()
    renamed = await thread.edit(name="renamed", archived=True)

    assert (renamed.name, renamed.archived) == ("renamed", True)
    assert await code_of(thread.join()) == 50083
    assert await code_of(thread.delete()) == 50013
    chat.rooms.set_overwrites(room.id, chat.bot, allow=["manage_threads", "manage_channels"])
    await thread.delete()
    await channel.edit(topic="A topic")
    await channel.delete()
    assert await code_of(client.fetch_channel(room.id)) == 10003


@pytest.mark.parametrize(
    ("kind", "body", "code"),
    [
        (ChannelType.FORUM, {"name": "x"}, 50035),
        (ChannelType.FORUM, {"name": "x", "message": {"content": ""}}, 50006),
        (ChannelType.FORUM, {"message": {"content": "x"}}, 50035),
        (ChannelType.FORUM, {"name": "x", "message": {"content": "x" * 2001}}, 50035),
        (
            ChannelType.FORUM,
            {"name": "x", "message": {"content": "x"}, "applied_tags": list("123456")},
            50035,
        ),
        (ChannelType.FORUM, {"name": "x", "message": {"embeds": [{"title": "x"}]}}, 50013),
        (ChannelType.VOICE, {"name": "x", "type": 11}, 50024),
        (ChannelType.TEXT, {"name": "x", "type": 12}, 50013),
        (ChannelType.TEXT, {"name": "x", "type": 10}, 50024),
        (ChannelType.TEXT, {"name": "x", "type": 11, "auto_archive_duration": 7}, 50035),
    ],
)
async def test_a_thread_that_discord_would_not_start_is_refused(
    chat: Chat, rest: Rest, kind: ChannelType, body: object, code: int
) -> None:
    guild = chat.guilds.add_guild()
    parent = chat.rooms.add_channel(guild.id, "parent", kind)
    chat.rooms.set_overwrites(parent.id, chat.bot, deny=["embed_links", "create_private_threads"])

    answer = await rest("POST", f"/channels/{parent.id}/threads", body)

    assert answer.code == code
    assert [one for one in guild.channels.values() if one.thread] == []


async def test_who_may_change_a_thread_depends_on_what_is_changed(
    chat: Chat, room: Channel, rest: Rest
) -> None:
    thread = chat.rooms.add_thread(room.id, "talk")
    path = f"/channels/{thread.id}"

    assert (await rest("PATCH", path, {"name": "mine"})).code == 50013
    assert (await rest("PATCH", path, {"locked": True})).code == 50013
    chat.rooms.archive(thread.id)
    assert (await rest("PATCH", path, {"name": "mine"})).code == 50083
    chat.rooms.set_overwrites(room.id, chat.bot, deny=["send_messages_in_threads"])
    assert (await rest("PATCH", path, {"archived": False})).code == 50013
    chat.rooms.set_overwrites(room.id, chat.bot, allow=["manage_threads"])
    answer = await rest("PATCH", path, {"archived": False, "locked": True, "applied_tags": []})
    assert (answer.status, answer.body["thread_metadata"]["locked"]) == (200, True)
    assert (await rest("DELETE", path)).status == 200
