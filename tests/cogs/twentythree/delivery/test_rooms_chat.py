"""The whole way out with everything but Discord itself: gateway, REST, discord.py, the store."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import discord
import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from cogs.twentythree.delivery import RoomOptions, RoomSupervisor, posting
from cogs.twentythree.delivery.outcomes import Delivered
from cogs.twentythree.delivery.posting import messages_left
from cogs.twentythree.domain.model import CommentId, GuildId, RoomId
from cogs.twentythree.domain.room_settings import Layout, RoomSettingsAsked
from sandbox.chat import Channel, ChannelType, Chat, ChatOptions, Guild, Limit
from tests.fakes.notices import VIDEO, WEBINAR
from tests.fakes.rooms import World, comments, idle
from tests.fakes.said import said, small_print

POSTS = "POST /channels/{channel_id}/messages"


class Bridge(discord.Client):
    """Hands the gateway's news to the rooms, as the cog does."""

    rooms: RoomSupervisor | None = None

    async def on_guild_channel_update(self, _: object, after: discord.abc.GuildChannel) -> None:
        if self.rooms is not None:
            self.rooms.recheck(after.guild.id)


@dataclass
class Place:
    chat: Chat
    world: World
    guild: Guild
    client: Bridge

    def add_room(self, kind: ChannelType = ChannelType.TEXT) -> RoomId:
        return RoomId(self.chat.rooms.add_channel(self.guild.id, "room", kind).id)

    def texts(self, room_id: RoomId) -> list[str]:
        return [said(e) for one in self.chat.messages(room_id) for e in one.embeds]

    async def say_and_wait(self, *numbers: int) -> None:
        async with self.world.running() as rooms:
            rooms.wake(await self.world.say(*numbers))
            await idle(rooms)

    def forbid(self, room_id: RoomId, *, is_forbidden: bool = True) -> None:
        (role, *_) = self.chat.guilds.bot_roles(self.guild.id)
        self.chat.rooms.set_overwrites(
            room_id, role, deny=["send_messages"] if is_forbidden else []
        )


@pytest.fixture
async def place(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Place]:
    monkeypatch.setattr(discord.VoiceClient, "warn_nacl", False)
    monkeypatch.setattr(discord.VoiceClient, "warn_dave", False)
    world.now = datetime.now(UTC)
    fast = {POSTS: Limit(requests=1000, window_s=5)}

    def clock() -> float:
        return world.now.timestamp()

    chat = await Chat.start(ChatOptions(now=clock, limits=fast))
    monkeypatch.setattr(Route, "BASE", chat.api_url)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(chat.gateway_url))
    guild = chat.guilds.add_guild()
    world.guild_id, world.attached_by = GuildId(guild.id), chat.owner.id
    client = Bridge(intents=discord.Intents(guilds=True), guild_ready_timeout=0.01)
    running = asyncio.create_task(client.start(chat.token))
    await chat.wait_until_ready()
    world.client = client
    yield Place(chat, world, guild, client)
    await client.close()
    await asyncio.wait([running])
    await chat.close()


async def test_a_lone_comment_is_shown_with_all_that_it_says(place: Place) -> None:
    await place.world.attach(room := place.add_room())
    await place.say_and_wait(1)

    (message,) = place.chat.messages(room)
    (embed,) = message.embeds
    assert embed["footer"]["text"] == "Ada"
    assert embed["url"] == f"{VIDEO.url}#comment-1"
    assert said(embed) == "Comment 1"
    assert small_print(embed) == f"Comment · promoted · {VIDEO.title}"
    assert embed["timestamp"]


async def set_room(place: Place, room: RoomId, **asked: Any) -> None:
    settings = RoomSettingsAsked(**asked)
    await place.world.store.rooms.set_room(place.world.guild_id, room, settings, datetime.now(UTC))


async def test_a_compact_room_has_lines_without_a_box_that_notify_nobody(place: Place) -> None:
    await place.world.attach(room := place.add_room())
    await set_room(place, room, layout=Layout.COMPACT, is_silent=True)
    await place.say_and_wait(1)
    await place.say_and_wait(2)

    first, second = place.chat.messages(room)
    line = "⭐ **Ada**: Comment {0}\u00a0[»](<https://video.example.com/bridge#comment-{0}>)"
    assert first.content.split("\n") == [f"-# [{VIDEO.title}](<{VIDEO.url}>)", line.format(1)]
    assert second.content == line.format(2)
    assert (first.embeds, second.embeds) == ([], [])
    assert (first.flags, second.flags) == (1 << 12, 1 << 12)

    # It is edited in the form it has, whatever the room has by then.
    await set_room(place, room, layout=Layout.LINES)
    async with place.world.running() as rooms:
        rooms.wake(await place.world.revise(2, text="Edited"))
        await idle(rooms)
    _, second = place.chat.messages(room)
    assert second.is_edited
    assert "**Ada**: Edited\u00a0[»]" in second.content
    assert second.embeds == []
    (edit,) = (one.request for one in place.chat.posts if one.method == "PATCH")
    assert "flags" not in edit


async def test_a_compact_message_is_found_by_its_links(place: Place) -> None:
    await place.world.attach(room := place.add_room())
    await set_room(place, room, layout=Layout.COMPACT)
    await place.world.say(1)
    work = await place.world.store.outbox.work(room)
    batches = place.world.batches(room)
    batch = await batches.start(work.pending, work.manner)
    assert batch is not None
    await batches.deliver(batch)
    found = await place.world.edge().poster.find(room, batch.body, batch.created_at)

    (message,) = place.chat.messages(room)
    assert found == Delivered(message_id=message.id)


async def test_a_burst_arrives_in_order_as_embeds_and_then_one_by_one(place: Place) -> None:
    await place.world.attach(room := place.add_room())
    await place.say_and_wait(*range(1, 31))

    assert place.texts(room) == comments(range(1, 31))
    # From the first message on, Discord's headers tell that there is room for each.
    assert [len(one.embeds) for one in place.chat.messages(room)] == [10] + [1] * 20
    assert not any(one.collapsed for one in place.chat.messages(room))


async def test_a_burst_past_the_rate_limit_goes_as_lines(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    await place.world.attach(room := place.add_room())
    # Not by its name: tests that unload the plugin make discord.py forget its modules.
    monkeypatch.setattr(posting, "messages_left", lambda *_: 2)
    await place.say_and_wait(*range(1, 31))

    (message,) = place.chat.messages(room)
    assert re.findall(r"#comment-(\d+)\)", str(message.embeds)) == list(map(str, range(1, 31)))
    poster = place.world.edge().poster
    found = await poster.find(room, json.dumps({"embeds": message.embeds}), place.world.now)
    assert found == Delivered(message_id=message.id)


async def test_what_headers_told_of_a_room_is_known_until_the_window_ends(place: Place) -> None:
    await place.world.attach(room := place.add_room())
    assert messages_left(place.client, room) is None

    await place.say_and_wait(1)

    assert messages_left(place.client, room) == 999
    for key, bucket in place.client.http._buckets.items():
        if str(room) in key:
            bucket.expires = 0.0
    assert messages_left(place.client, room) == 1000


async def test_texts_of_the_greatest_length_are_taken(place: Place) -> None:
    await place.world.attach(room := place.add_room())
    for number in range(1, 5):
        await place.world.say(number, text="😀*" * 4000, author="😀" * 400)
    await place.say_and_wait(5)

    assert len(place.texts(room)) == 5


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"drops": True, "when": "after"}, id="reply lost"),
        pytest.param({"drops": True}, id="request lost"),
        pytest.param({"status": 503, "when": "after"}, id="503 after"),
        pytest.param({"status": 503}, id="503 before"),
        pytest.param({"status": 429}, id="429"),
    ],
)
async def test_a_failing_request_loses_and_repeats_nothing(
    place: Place, fault: dict[str, Any]
) -> None:
    await place.world.attach(room := place.add_room())
    place.chat.fault("POST", f"/channels/{room}/messages", **fault)
    await place.say_and_wait(1, 2, 3)

    assert place.texts(room) == comments([1, 2, 3])


async def test_a_permission_that_goes_and_comes_pauses_and_resumes_the_room(place: Place) -> None:
    await place.world.attach(room := place.add_room())
    await place.world.attach(other := place.add_room())
    place.forbid(room)
    async with place.world.running(RoomOptions()) as rooms:
        place.client.rooms = rooms
        rooms.wake(await place.world.say(1))
        told = await place.chat.wait_for(lambda: place.chat.dms(place.chat.owner.id))
        assert f"<#{room}>" in told[0].content
        await place.chat.wait_for_message(other)

        place.forbid(room, is_forbidden=False)
        await place.chat.wait_for_message(room)
        await idle(rooms)

    assert place.texts(room) == place.texts(other) == comments([1])
    assert (await place.world.store.upkeep.counts()).paused_rooms == 0


async def test_a_room_that_is_deleted_keeps_its_attachment_with_the_reason(place: Place) -> None:
    await place.world.attach(room := place.add_room())
    place.chat.rooms.delete_channel(room)
    async with place.world.running(RoomOptions()) as rooms:
        rooms.wake(await place.world.say(1))
        await place.chat.wait_for(lambda: place.chat.dms(place.chat.owner.id))
        await rooms.drain(5)

    (attachment,) = await place.world.store.attachments.find(room_id=room)
    assert attachment.pause is not None
    assert "deleted" in attachment.pause.reason


async def test_automod_takes_its_word_and_no_more(place: Place) -> None:
    await place.world.attach(room := place.add_room())
    place.chat.rules.automod = re.compile("Comment 2")
    await place.say_and_wait(1, 2, 3)

    assert place.texts(room) == comments([1, 3])


@pytest.mark.parametrize(
    ("away", "searches"), [(timedelta(seconds=60), 0), (timedelta(hours=3), 1)]
)
async def test_a_crash_between_post_and_record_repeats_nothing(
    place: Place, away: timedelta, searches: int
) -> None:
    await place.world.attach(room := place.add_room())
    path = f"/channels/{room}/messages"
    hanging = place.chat.fault("POST", path, hangs=True, when="after")
    async with place.world.running(RoomOptions()) as rooms:
        rooms.wake(await place.world.say(1, 2))
        await hanging.reached.wait()
    hanging.release()
    place.world.now += away
    await place.say_and_wait(3)

    assert place.texts(room) == comments([1, 2, 3])
    assert sum(one.method == "GET" and one.path == path for one in place.chat.posts) == searches


async def test_a_card_is_one_message_and_its_start_calls_the_role_once(place: Place) -> None:
    role = place.chat.guilds.add_role(place.guild.id, "viewers", is_mentionable=True)
    await place.world.attach(room := place.add_room(), WEBINAR, mention_role_id=role.id)
    async with place.world.running() as rooms:
        await place.world.see(rooms, is_broadcasting=True)
        await idle(rooms)
        (card,) = place.chat.messages(room)
        assert card.pinged_roles == [role.id]
        await place.world.see(rooms, is_broadcasting=False)
        await idle(rooms)

    (card,) = place.chat.messages(room)
    assert card.is_edited
    assert "**Ended**" in card.embeds[0]["description"]
    assert "image" not in card.embeds[0]


async def test_a_text_that_calls_everyone_calls_nobody(place: Place) -> None:
    role = place.chat.guilds.add_role(place.guild.id, "all", is_mentionable=True)
    await place.world.attach(room := place.add_room())
    text = f"@everyone @here <@&{role.id}> <@{place.chat.owner.id}>"
    ingested = await place.world.say(1, text=text, author="@everyone")
    async with place.world.running() as rooms:
        rooms.wake(ingested)
        await idle(rooms)

    (message,) = place.chat.messages(room)
    assert not message.pings_everyone
    assert message.pinged_roles == []


@pytest.mark.parametrize("reopens", [True, False])
async def test_an_archived_thread_is_posted_to(place: Place, reopens: bool) -> None:  # noqa: FBT001
    parent = place.add_room()
    thread: Channel = place.chat.rooms.add_thread(parent, "thread", with_bot=True)
    place.chat.rules.reopens_threads = reopens
    place.chat.rooms.lapse(thread.id)
    await place.world.attach(room := RoomId(thread.id))
    await place.say_and_wait(1)

    assert place.texts(room) == comments([1])


@pytest.mark.parametrize("is_known", [True, False], ids=["told by Discord", "found by us"])
async def test_a_thread_that_people_have_closed_stays_closed_and_is_edited(
    place: Place,
    is_known: bool,  # noqa: FBT001
) -> None:
    parent, own = place.add_room(), place.chat.bot
    thread = place.chat.rooms.add_thread(parent, "thread", owner=own, with_bot=True)
    place.chat.rules.reopens_threads = is_known
    await place.world.attach(room := RoomId(thread.id))
    await place.say_and_wait(1)
    told = asyncio.create_task(place.client.wait_for("raw_thread_update"))
    await asyncio.sleep(0)
    place.chat.rooms.archive(thread.id)
    await told
    async with place.world.running(RoomOptions()) as rooms:
        rooms.wake(await place.world.say(2))
        await place.chat.wait_for(lambda: place.chat.dms(place.chat.owner.id))
        rooms.wake(await place.world.revise(1, text="Comment 1 in other words"))
        await place.chat.wait_for(lambda: "words" in place.texts(room)[0])
        state = place.chat.channel(room).thread
        assert state is not None
        await place.chat.wait_for(lambda: state.is_archived)
        assert len(place.texts(room)) == 1
        joined = asyncio.create_task(place.client.wait_for("thread_join"))
        place.chat.rooms.reopen(thread.id)
        await joined
        rooms.recheck(place.guild.id)
        await place.chat.wait_for(lambda: len(place.texts(room)) == 2)

    (said_once,) = place.chat.dms(place.chat.owner.id)
    assert "People have closed the thread; open it" in said_once.content


async def test_a_role_that_was_deleted_is_not_mentioned(place: Place) -> None:
    role = place.chat.guilds.add_role(place.guild.id, "fans", is_mentionable=True)
    await place.world.attach(room := place.add_room(), WEBINAR, mention_role_id=role.id)
    place.chat.guilds.delete_role(place.guild.id, role.id)
    async with place.world.running() as rooms:
        await place.world.see(rooms, is_broadcasting=True, viewers_now=1)
        await idle(rooms)
        await place.world.see(rooms, is_broadcasting=True, viewers_now=9)
        await idle(rooms)

    (card,) = place.chat.messages(room)
    assert (card.is_edited, card.content) == (True, f"{WEBINAR.title} is live")


async def test_a_room_behind_a_long_limit_costs_the_others_nothing_and_is_not_asked_again(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    await place.world.attach(room := place.add_room())
    await place.world.attach(other := place.add_room())
    limit = place.chat.fault(
        "POST",
        f"/channels/{room}/messages",
        times=None,
        status=429,
        body={"message": "-", "code": 0, "retry_after": 600.0, "global": False},
        headers={"Retry-After": "600"},
    )
    # Longer than a busy machine stands still: or the limit is not heard of in time.
    options = RoomOptions(request_timeout_s=1.0, retry_first_s=0.001, retry_longest_s=0.001)
    async with place.world.running(options) as rooms:
        for number in range(1, 31):
            rooms.wake(await place.world.say(number))
            await place.chat.wait_for(lambda: len(place.texts(other)) == number or None)  # noqa: B023
            # It tells nobody.
            while f"room {room} is tried again: rate limited" not in caplog.text:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    assert limit.hits == 1


async def test_the_tail_of_a_used_up_limit_bounds_no_stop_and_blocks_no_room(place: Place) -> None:
    await place.world.attach(room := place.add_room())
    await place.world.attach(other := place.add_room())
    place.chat.fault(
        "POST",
        f"/channels/{room}/messages",
        when="after",
        status=200,
        body={"id": "1"},
        headers={
            "X-RateLimit-Limit": "1",
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": "0",
            "X-RateLimit-Reset-After": "3600",
            "X-RateLimit-Bucket": "tail",
        },
    )
    async with place.world.running() as rooms:
        for number in (1, 2, 3):
            rooms.wake(await place.world.say(number))
            await place.chat.wait_for(lambda: len(place.texts(other)) == number or None)  # noqa: B023
        async with asyncio.timeout(60):
            await rooms.drain(0.01)

    assert place.texts(room) == comments([1])
    work = await place.world.store.outbox.work(room)
    assert [[one.event_key for one in batch.notices] for batch in work.unsettled] == [["comment:1"]]


@pytest.mark.parametrize("code", [20028, 30046])
async def test_an_edit_behind_a_long_limit_holds_up_no_comment_and_no_removal(
    place: Place, code: int
) -> None:
    """The header says a second, the body twenty minutes."""
    await place.world.attach(room := place.add_room())
    async with place.world.running() as rooms:
        rooms.wake(await place.world.say(1, 2))
        await place.chat.wait_for(lambda: place.texts(room) == comments([1, 2]))
        limit = place.chat.fault(
            "PATCH",
            rf"/channels/{room}/messages/\d+",
            times=None,
            status=429,
            body={"message": "-", "code": code, "retry_after": 1163.0, "global": False},
            headers={"Retry-After": "1"},
        )
        rooms.wake(await place.world.revise(1, text="Edited"))
        await limit.reached.wait()
        rooms.wake(await place.world.say(3))
        await place.chat.wait_for(lambda: place.texts(room) == comments([1, 2, 3]))
        assert limit.hits == 1

        rooms.wake(
            (await place.world.store.memory.take_away(VIDEO.object_id, [CommentId(2)])).rooms
        )
        await place.chat.wait_for(lambda: place.texts(room) == ["Comment 3", "Edited"])
        await idle(rooms)

    assert limit.hits == 2
