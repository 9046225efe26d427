"""Every kind of channel and thread, before Discord's own description and the real discord.py."""

from __future__ import annotations

import aiohttp
import discord
import pytest

from sandbox.chat import ChannelType, Chat, Guild
from tests.fakes.discord_client import Client
from tests.fakes.discord_contract import contract
from tests.fakes.discord_rest_client import Listener, Rest
from tests.sandbox.chat.conftest import Start

# A hub's directory is nothing that the library knows; it must not break on it.
CLASSES: dict[ChannelType, type | None] = {
    ChannelType.TEXT: discord.TextChannel,
    ChannelType.VOICE: discord.VoiceChannel,
    ChannelType.CATEGORY: discord.CategoryChannel,
    ChannelType.ANNOUNCEMENT: discord.TextChannel,
    ChannelType.STAGE: discord.StageChannel,
    ChannelType.DIRECTORY: None,
    ChannelType.FORUM: discord.ForumChannel,
    ChannelType.MEDIA: discord.ForumChannel,
}
THREADS = [
    (ChannelType.TEXT, ChannelType.PUBLIC_THREAD),
    (ChannelType.TEXT, ChannelType.PRIVATE_THREAD),
    (ChannelType.ANNOUNCEMENT, ChannelType.ANNOUNCEMENT_THREAD),
    (ChannelType.FORUM, ChannelType.PUBLIC_THREAD),
    (ChannelType.MEDIA, ChannelType.PUBLIC_THREAD),
]
_GROUP_DM = 3

_ANY = {"id", "type", "flags", "guild_id", "name", "parent_id", "position", "permission_overwrites"}
_WRITTEN_IN = {"last_message_id", "rate_limit_per_user", "nsfw"}
_HEARD_IN = _WRITTEN_IN | {"bitrate", "user_limit", "rtc_region"}
_POSTED_IN = _WRITTEN_IN | {
    "topic",
    "available_tags",
    "default_reaction_emoji",
    "default_sort_order",
}
FIELDS: dict[ChannelType, set[str]] = {
    ChannelType.TEXT: _WRITTEN_IN | {"topic"},
    ChannelType.VOICE: _HEARD_IN,
    ChannelType.CATEGORY: set(),
    ChannelType.ANNOUNCEMENT: _WRITTEN_IN | {"topic"},
    ChannelType.STAGE: _HEARD_IN | {"topic"},
    ChannelType.DIRECTORY: set(),
    ChannelType.FORUM: _POSTED_IN | {"default_forum_layout"},
    ChannelType.MEDIA: _POSTED_IN,
}

kinds = pytest.mark.parametrize("kind", CLASSES)
threads = pytest.mark.parametrize(("parent_kind", "kind"), THREADS)


def test_no_kind_is_left_out() -> None:
    tested = {ChannelType.DM, *CLASSES, *(kind for _, kind in THREADS)}

    assert tested == set(ChannelType)
    assert tested | {_GROUP_DM} == set(contract().constants("ChannelTypes"))


@kinds
async def test_the_library_reads_a_channel_of_each_kind(
    chat: Chat, guild: Guild, start: Start, kind: ChannelType
) -> None:
    category = chat.rooms.add_channel(guild.id, "above", ChannelType.CATEGORY)
    made = [chat.rooms.add_channel(guild.id, "early", kind)]
    client = await start(Client())
    made.append(chat.rooms.add_channel(guild.id, "late", kind))
    made.append(chat.rooms.add_channel(guild.id, "below", kind, parent_id=category.id))
    for one in made:
        chat.rooms.set_overwrites(one.id, guild.everyone, deny=["add_reactions"])
    last = chat.rooms.add_channel(guild.id, "last")
    expected = CLASSES[kind]
    await client.wait_for_count("guild_channel_create", 1 if expected is None else 3)

    assert client.get_channel(last.id) is not None
    for one in made:
        found = client.get_channel(one.id)
        assert type(found) is (expected or type(None))
        if isinstance(found, discord.abc.GuildChannel):
            assert (found.name, found.category_id) == (one.name, one.parent_id)
            assert found.overwrites_for(found.guild.default_role).add_reactions is False
            assert type(await client.fetch_channel(one.id)) is expected
    chat.rooms.delete_channel(made[0].id)
    chat.rooms.delete_channel(last.id)
    await client.wait_for_count("guild_channel_delete", 1 if expected is None else 2)
    assert client.get_channel(made[0].id) is None


@kinds
async def test_what_is_told_of_a_channel_is_what_discord_tells_of_its_kind(
    chat: Chat, guild: Guild, rest: Rest, kind: ChannelType
) -> None:
    early = chat.rooms.add_channel(guild.id, "early", kind)
    async with aiohttp.ClientSession() as session, Listener(chat, session) as listener:
        (introduced,) = (await listener.next("GUILD_CREATE"))["channels"]
        late = chat.rooms.add_channel(guild.id, "late", kind)
        created = await listener.next("CHANNEL_CREATE")
        chat.rooms.set_overwrites(late.id, guild.everyone, deny=["add_reactions"])
        updated = await listener.next("CHANNEL_UPDATE")
        chat.rooms.delete_channel(late.id)
        deleted = await listener.next("CHANNEL_DELETE")
    read = await rest("GET", f"/channels/{early.id}")
    listed = await rest("GET", f"/guilds/{guild.id}/channels")

    assert read.body == introduced
    assert listed.body == [introduced]
    for told in (introduced, created, updated, deleted):
        assert told.keys() == _ANY | FIELDS[kind]
        assert contract().problems_of_part("GuildChannelResponse", told) == []


@kinds
async def test_only_where_people_write_messages_are_taken(
    chat: Chat, guild: Guild, rest: Rest, kind: ChannelType
) -> None:
    made = chat.rooms.add_channel(guild.id, "room", kind)

    answer = await rest("POST", f"/channels/{made.id}/messages", {"content": "one"})

    if "last_message_id" in FIELDS[kind] and "available_tags" not in FIELDS[kind]:
        assert [one.content for one in chat.messages(made.id)] == ["one"]
    else:
        assert (answer.status, answer.code) == (400, 50008)


@threads
async def test_the_library_reads_a_thread_of_each_kind(
    chat: Chat, guild: Guild, start: Start, parent_kind: ChannelType, kind: ChannelType
) -> None:
    parent = chat.rooms.add_channel(guild.id, "parent", parent_kind)
    early = chat.rooms.add_thread(parent.id, "early", kind, with_bot=True)
    client = await start(Client())
    late = chat.rooms.add_thread(parent.id, "late", kind, with_bot=True)
    await client.wait_for_count("thread_create", 1)
    for one in (early, late):
        thread = client.get_channel(one.id)
        assert isinstance(thread, discord.Thread)
        assert (thread.type.value, thread.name, thread.parent_id) == (kind, one.name, parent.id)
        await thread.send("one")
    chat.rooms.archive(early.id, is_locked=True)
    await client.wait_for_count("thread_update", 1)
    chat.rooms.delete_channel(late.id)
    await client.wait_for_count("thread_delete", 1)

    fetched = await client.fetch_channel(early.id)
    assert isinstance(fetched, discord.Thread)
    assert (fetched.type.value, fetched.archived, fetched.locked) == (kind, True, True)
    assert client.get_channel(late.id) is None
    assert [one.content for one in chat.messages(early.id)] == ["one"]


@threads
async def test_what_is_told_of_a_thread_keeps_discords_description(
    chat: Chat, guild: Guild, rest: Rest, parent_kind: ChannelType, kind: ChannelType
) -> None:
    parent = chat.rooms.add_channel(guild.id, "parent", parent_kind)
    early = chat.rooms.add_thread(parent.id, "early", kind, with_bot=True)
    async with aiohttp.ClientSession() as session, Listener(chat, session) as listener:
        (introduced,) = (await listener.next("GUILD_CREATE"))["threads"]
        late = chat.rooms.add_thread(parent.id, "late", kind, with_bot=True)
        created = await listener.next("THREAD_CREATE")
        chat.rooms.archive(late.id)
        updated = await listener.next("THREAD_UPDATE")
    read = await rest("GET", f"/channels/{early.id}")

    assert read.status == 200
    for told in (introduced, created, updated):
        assert contract().problems_of_part("ThreadResponse", told) == []


@kinds
async def test_a_thread_stands_only_where_discord_has_its_kind(
    chat: Chat, guild: Guild, kind: ChannelType
) -> None:
    parent = chat.rooms.add_channel(guild.id, "parent", kind)
    for thread_kind in ChannelType:
        if (kind, thread_kind) in THREADS:
            assert chat.rooms.add_thread(parent.id, "t", thread_kind).type is thread_kind
        else:
            with pytest.raises(ValueError, match="no thread"):
                chat.rooms.add_thread(parent.id, "t", thread_kind)
    usual = next((one for where, one in THREADS if where is kind), None)
    if usual is not None:
        assert chat.rooms.add_thread(parent.id, "t").type is usual


async def test_what_is_no_channel_of_a_server_is_not_added_as_one(chat: Chat, guild: Guild) -> None:
    for kind in set(ChannelType) - set(CLASSES):
        with pytest.raises(ValueError, match="no channel"):
            chat.rooms.add_channel(guild.id, "x", kind)


async def test_the_channels_of_a_category_outlive_it(
    chat: Chat, guild: Guild, client: Client
) -> None:
    category = chat.rooms.add_channel(guild.id, "above", ChannelType.CATEGORY)
    below = chat.rooms.add_channel(guild.id, "below", parent_id=category.id)
    await client.wait_for_count("guild_channel_create", 2)
    chat.rooms.delete_channel(category.id)
    await client.wait_for_count("guild_channel_update", 1)

    assert client.get_channel(category.id) is None
    found = client.get_channel(below.id)
    assert isinstance(found, discord.TextChannel)
    assert found.category_id is None
