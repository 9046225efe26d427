"""The tags of forums and of posts, with the real discord.py."""

import discord
import pytest

from sandbox.chat import ChannelType, Chat, Guild
from tests.fakes.discord_client import Client
from tests.sandbox.chat.test_messages import code_of


@pytest.fixture
async def forum(chat: Chat, guild: Guild, client: Client) -> discord.ForumChannel:
    made = chat.rooms.add_channel(
        guild.id, "talks", ChannelType.FORUM, tags=["open"], moderated_tags=["staff"]
    )
    chat.rooms.set_overwrites(made.id, chat.bot, allow=["manage_channels"])
    await client.wait_for_count("guild_channel_create", 1)
    found = client.get_channel(made.id)
    assert isinstance(found, discord.ForumChannel)
    return found


async def post_in(forum: discord.ForumChannel) -> discord.Thread:
    return (await forum.create_thread(name="A talk", content="Welcome")).thread


async def test_tags_are_made_and_the_others_stay(forum: discord.ForumChannel) -> None:
    before = {tag.name: tag.id for tag in forum.available_tags}
    edited = await forum.edit(available_tags=[*forum.available_tags, discord.ForumTag(name="Live")])

    assert edited is not None
    after = {tag.name: tag.id for tag in edited.available_tags}
    assert list(after) == ["staff", "open", "Live"]
    assert before.items() <= after.items()


async def test_a_tag_that_is_taken_away_is_on_no_post_any_more(
    chat: Chat, forum: discord.ForumChannel
) -> None:
    post = await post_in(forum)
    await post.edit(applied_tags=forum.available_tags[1:])
    await forum.edit(available_tags=forum.available_tags[:1])

    state = chat.channel(post.id).thread
    assert state is not None
    assert state.tag_ids == []


async def test_too_many_tags_and_too_long_ones_are_refused(forum: discord.ForumChannel) -> None:
    many = [discord.ForumTag(name=str(number)) for number in range(21)]

    assert await code_of(forum.edit(available_tags=many)) == 50035
    assert await code_of(forum.edit(available_tags=[discord.ForumTag(name="x" * 51)])) == 50035


async def test_making_tags_needs_manage_channels(chat: Chat, forum: discord.ForumChannel) -> None:
    chat.rooms.set_overwrites(forum.id, chat.bot)

    assert await code_of(forum.edit(available_tags=[discord.ForumTag(name="Live")])) == 50013


async def test_a_post_takes_the_tags_of_its_forum_only(
    client: Client, forum: discord.ForumChannel
) -> None:
    post = await post_in(forum)
    staff, tag = forum.available_tags

    assert (await post.edit(applied_tags=[tag])).applied_tags == [tag]
    http = client.http
    assert await code_of(http.edit_channel(post.id, applied_tags=["1"])) == 10087
    assert await code_of(http.edit_channel(post.id, applied_tags=["1"] * 6)) == 50035
    assert await code_of(post.edit(applied_tags=[tag, staff])) == 50013


async def test_a_post_keeps_a_tag_where_its_forum_asks_for_one(
    chat: Chat, forum: discord.ForumChannel
) -> None:
    post = await post_in(forum)
    chat.channel(forum.id).requires_tag = True

    assert await code_of(post.edit(applied_tags=[])) == 40067


async def test_a_thread_that_lapses_was_quiet_for_as_long_as_it_lasts(
    chat: Chat, forum: discord.ForumChannel
) -> None:
    post = await post_in(forum)
    state = chat.channel(post.id).thread
    chat.rooms.lapse(post.id)

    assert state is not None
    assert state.is_archived
    assert state.archive_changed_at >= state.created_at + state.auto_archive_min * 60
    with pytest.raises(ValueError, match="only threads"):
        chat.rooms.lapse(forum.id)
