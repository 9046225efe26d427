"""Threads on cards, and tags in forums, through the real discord.py."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from discord import Locale

from cogs.twentythree.delivery import RoomOptions
from cogs.twentythree.domain.model import AttachmentRules, GuildId, LiveObservation, RoomId
from cogs.twentythree.domain.places import PostingPlace
from cogs.twentythree.storage import Baseline, NewAttachment
from sandbox.chat import Channel, ChannelType, Chat, Role
from tests.fakes.discord_client import Client, online
from tests.fakes.discord_contract import judge
from tests.fakes.discord_rest_client import QUICK
from tests.fakes.notices import WEBINAR
from tests.fakes.rooms import World, comments, idle
from tests.fakes.said import said

THREAD = PostingPlace.THREAD
OPENING = r"/channels/\d+/messages/\d+/threads"


@dataclass
class Place:
    chat: Chat
    world: World
    guild_id: int
    role: Role
    client: Client
    room: RoomId

    def texts(self, room_id: int) -> list[str]:
        return [said(e) for one in self.chat.messages(room_id) for e in one.embeds]

    def threads(self) -> list[Channel]:
        of_guild = self.chat.guild(self.guild_id).channels.values()
        return [one for one in of_guild if one.parent_id == self.room]

    async def say_and_wait(self, *numbers: int) -> None:
        async with self.world.running() as rooms:
            rooms.wake(await self.world.say(*numbers))
            await idle(rooms)

    def told(self) -> list[str]:
        return [one.content for one in self.chat.dms(self.chat.owner.id)]


@pytest.fixture
async def place(world: World) -> AsyncGenerator[Place]:
    chat = await Chat.start(QUICK)
    guild = chat.guilds.add_guild("Town")
    (role,) = chat.guilds.bot_roles(guild.id)
    room = chat.rooms.add_channel(guild.id, "room")
    world.now, world.guild_id = datetime.now(UTC), GuildId(guild.id)
    world.attached_by = chat.owner.id
    async with online(chat) as client:
        world.client = client
        yield Place(chat, world, guild.id, role, client, RoomId(room.id))
    await chat.close()
    judge(chat.posts)


async def test_the_card_stands_in_the_room_and_all_else_in_the_thread_on_it(place: Place) -> None:
    await place.world.attach(place.room, place=THREAD)
    await place.say_and_wait(1)
    (card,) = place.chat.messages(place.room)
    (thread,) = place.threads()

    assert thread.id == card.id
    assert thread.name == card.embeds[0]["title"]
    assert place.texts(thread.id) == comments([1])
    await place.say_and_wait(2, 3)
    assert place.texts(thread.id) == comments([1, 2, 3])
    assert len(place.chat.messages(place.room)) == 1
    assert await place.world.store.outbox.rooms_with_work() == frozenset()


async def test_a_thread_that_was_opened_and_not_stored_is_used(place: Place) -> None:
    await place.world.attach(place.room, place=THREAD)
    cut = place.chat.fault("POST", OPENING, drops=True, when="after", times=1)
    await place.say_and_wait(1)
    (thread,) = place.threads()

    assert cut.hits == 1
    assert place.texts(thread.id) == comments([1])
    assert len(place.chat.messages(place.room)) == 1


@pytest.mark.parametrize("lacking", ["create_public_threads", "send_messages_in_threads"])
async def test_a_permission_that_is_missing_is_told_once_and_waited_for(
    place: Place, lacking: str
) -> None:
    await place.world.attach(place.room, place=THREAD)
    place.chat.rooms.set_overwrites(place.room, place.role, deny=[lacking])
    await place.client.wait_for_count("guild_channel_update", 1)
    async with place.world.running(RoomOptions()) as rooms:
        rooms.wake(await place.world.say(1))
        await place.chat.wait_for(place.told)
        rooms.recheck(place.guild_id)
        rooms.wake(await place.world.say(2))
        (held,) = await place.world.store.attachments.find()
        assert held.pause is not None
        place.chat.rooms.set_overwrites(place.room, place.role)
        await place.client.wait_for_count("guild_channel_update", 2)
        rooms.recheck(place.guild_id)
        await place.chat.wait_for(
            lambda: [len(place.texts(one.id)) for one in place.threads()] == [2]
        )
        await idle(rooms)

    (told,) = place.told()
    assert "Send Messages in Threads" in told
    assert f"<#{place.room}>" in told or f"<#{place.threads()[0].id}>" in told
    assert (await place.world.store.upkeep.counts()).paused_rooms == 0


async def test_a_server_with_too_many_open_threads_is_told_and_tried_again(place: Place) -> None:
    await place.world.attach(place.room, place=THREAD)
    place.chat.fault("POST", OPENING, code=160006, status=400, times=3)
    await place.say_and_wait(1)
    (thread,) = place.threads()

    assert place.texts(thread.id) == comments([1])
    (told,) = place.told()
    assert "as many open threads as Discord allows" in told


async def test_a_title_that_the_server_blocks_is_no_name(place: Place) -> None:
    await place.world.attach(place.room, place=THREAD)
    place.chat.fault("POST", OPENING, code=200001, status=400, times=1)
    await place.say_and_wait(1)

    assert [one.name for one in place.threads()] == ["Comments"]


async def test_a_card_that_people_deleted_is_replaced_for_the_thread(place: Place) -> None:
    await place.world.attach(place.room, WEBINAR, place=THREAD)
    async with place.world.running() as rooms:
        await place.world.see(rooms, is_broadcasting=True)
        await idle(rooms)
        (card,) = place.chat.messages(place.room)
        place.chat.rooms.delete_message(card.id)
        heard = await place.world.hear_of(WEBINAR, 1)
        rooms.wake(heard)
        await idle(rooms)
    (thread,) = place.threads()

    assert [one.id for one in place.chat.messages(place.room)] == [thread.id]
    assert place.texts(thread.id) == comments([1])


async def test_a_thread_that_people_deleted_pauses_what_goes_there(place: Place) -> None:
    await place.world.attach(place.room, place=THREAD)
    await place.say_and_wait(1)
    (thread,) = place.threads()
    place.chat.rooms.delete_channel(thread.id)
    async with place.world.running(RoomOptions()) as rooms:
        rooms.wake(await place.world.say(2))
        await place.chat.wait_for(place.told)

    assert "The room was deleted" in place.told()[0]
    assert len(place.chat.messages(place.room)) == 1


async def test_a_thread_rests_a_day_after_the_end_and_a_late_comment_wakes_it(
    place: Place,
) -> None:
    await place.world.attach(place.room, WEBINAR, place=THREAD)
    async with place.world.running() as rooms:
        await place.world.see(rooms, is_broadcasting=True)
        rooms.wake(await place.world.hear_of(WEBINAR, 1))
        await idle(rooms)
        (thread,) = place.threads()
        state = thread.thread
        assert state is not None
        assert state.auto_archive_min == 10_080
        place.world.now += timedelta(hours=1)
        await place.world.see(rooms, is_broadcasting=False)
        await place.world.see(rooms, is_broadcasting=False)
        await idle(rooms)
        assert state.auto_archive_min == 1_440
        place.chat.rooms.lapse(thread.id)
        rooms.wake(await place.world.hear_of(WEBINAR, 2))
        await idle(rooms)

    assert not state.is_archived
    assert place.texts(thread.id)[-1] == "Comment 2"


# Forums.


async def attached_post(place: Place, forum: Channel) -> Channel:
    """Attach a planned event to a post of its own."""
    async with place.world.running() as rooms:
        opened = await rooms.open_post(RoomId(forum.id), WEBINAR)
        assert not isinstance(opened, str), opened
        new = NewAttachment(
            guild_id=place.world.guild_id,
            room_id=opened,
            forum_id=RoomId(forum.id),
            object=WEBINAR,
            rules=AttachmentRules(),
            attached_by=place.world.attached_by,
        )
        seen = LiveObservation(
            object_id=WEBINAR.object_id,
            is_broadcasting=False,
            scheduled_at=place.world.now + timedelta(hours=3),
        )
        await place.world.store.attachments.attach(new, Baseline(live=seen), now=place.world.now)
        rooms.wake([opened])
        await idle(rooms)
    return place.chat.channel(opened)


def tags_of(place: Place, post: Channel) -> list[str]:
    assert post.thread is not None
    names = {tag.id: tag.name for tag in place.chat.channel(post.parent_id or 0).tags}
    return [names[one] for one in post.thread.tag_ids]


async def until_known(place: Place, forum: Channel) -> None:
    async with asyncio.timeout(60):
        while place.client.get_channel(forum.id) is None:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0)


async def through_its_life(place: Place, post: Channel) -> list[list[str]]:
    """Return the tags of a post as its event begins and as it ends."""
    found = [tags_of(place, post)]
    async with place.world.running() as rooms:
        for is_on in (True, False):
            place.world.now += timedelta(hours=1)
            await place.world.see(rooms, is_broadcasting=is_on)
            await idle(rooms)
            found.append(tags_of(place, post))
    return found


async def test_tags_are_made_and_kept_true(place: Place) -> None:
    place.chat.rooms.set_overwrites(place.room, place.role)
    forum = place.chat.rooms.add_channel(place.guild_id, "talks", ChannelType.FORUM, tags=["Talks"])
    place.chat.rooms.set_overwrites(forum.id, place.role, allow=["manage_channels"])
    await until_known(place, forum)
    post = await attached_post(place, forum)

    assert await through_its_life(place, post) == [["Planned"], ["Live"], ["Ended"]]
    assert [one.name for one in forum.tags] == ["Talks", "Planned", "Live", "Ended"]
    assert place.told() == []


async def test_tags_are_made_in_the_servers_language_and_not_twice(place: Place) -> None:
    forum = place.chat.rooms.add_channel(place.guild_id, "talks", ChannelType.FORUM)
    place.chat.rooms.set_overwrites(forum.id, place.role, allow=["manage_channels"])
    await until_known(place, forum)
    guild = place.client.get_guild(place.guild_id)
    assert guild is not None
    guild.preferred_locale = Locale.danish
    post = await attached_post(place, forum)
    assert tags_of(place, post) == ["Planlagt"]

    guild.preferred_locale = Locale.german
    assert await through_its_life(place, post) == [["Planlagt"], ["Live"], ["Slut"]]
    assert [one.name for one in forum.tags] == ["Planlagt", "Live", "Slut"]


async def test_a_title_that_discord_refuses_gives_way_to_a_plain_word(place: Place) -> None:
    guild = place.client.get_guild(place.guild_id)
    assert guild is not None
    guild.preferred_locale = Locale.danish
    await place.world.attach(place.room, place=THREAD)
    place.chat.fault("POST", OPENING, code=200000, status=400, times=1)
    await place.say_and_wait(1)

    (thread,) = place.threads()
    assert thread.name == "Kommentarer"


async def test_tags_that_people_made_are_used_without_a_permission(place: Place) -> None:
    forum = place.chat.rooms.add_channel(
        place.guild_id,
        "talks",
        ChannelType.FORUM,
        tags=["Other", "planned", "LIVE", "Ended"],
        requires_tag=True,
    )
    await until_known(place, forum)
    post = await attached_post(place, forum)

    assert await through_its_life(place, post) == [
        ["planned", "Other"],
        ["LIVE", "Other"],
        ["Ended", "Other"],
    ]


async def test_without_the_permission_it_is_told_once_and_posting_goes_on(place: Place) -> None:
    forum = place.chat.rooms.add_channel(place.guild_id, "talks", ChannelType.FORUM)
    await until_known(place, forum)
    post = await attached_post(place, forum)

    assert await through_its_life(place, post) == [[], [], []]
    (told,) = place.told()
    assert "grant the bot Manage Channels" in told
    assert len(place.texts(post.id)) == 2
    assert await place.world.store.outbox.rooms_with_work() == frozenset()


async def test_a_card_that_may_not_be_edited_for_long_holds_up_no_tag(place: Place) -> None:
    forum = place.chat.rooms.add_channel(
        place.guild_id, "talks", ChannelType.FORUM, tags=["Planned", "Live", "Ended"]
    )
    await until_known(place, forum)
    post = await attached_post(place, forum)
    async with place.world.running() as rooms:
        await place.world.see(rooms, is_broadcasting=True)
        await idle(rooms)
        limit = place.chat.fault(
            "PATCH",
            rf"/channels/{post.id}/messages/\d+",
            code=30046,
            retry_after_s=1200,
            times=None,
        )
        await place.world.see(rooms, is_broadcasting=False)
        await place.chat.wait_for(lambda: tags_of(place, post) == ["Ended"])
    assert limit.hits == 1


async def test_a_tag_that_may_not_be_set_for_long_holds_up_no_edit(place: Place) -> None:
    forum = place.chat.rooms.add_channel(
        place.guild_id, "talks", ChannelType.FORUM, tags=["Planned", "Live", "Ended"]
    )
    await until_known(place, forum)
    post = await attached_post(place, forum)
    limit = place.chat.fault("PATCH", rf"/channels/{post.id}", retry_after_s=1200, times=None)
    async with place.world.running() as rooms:
        await place.world.see(rooms, is_broadcasting=True)
        await limit.reached.wait()
        await place.world.see(rooms, is_broadcasting=False)
        await place.chat.wait_for(
            lambda: "ended" in str(place.chat.messages(post.id)[-1].embeds).lower()
        )
    assert limit.hits == 1
