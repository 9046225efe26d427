"""What the real Discord does at times: other refusals, other pages, other kinds of servers."""

from __future__ import annotations

import asyncio
import re
from email.utils import parsedate_to_datetime
from typing import Any

import discord
import pytest

from sandbox.chat import Channel, ChannelType, Chat, Guild
from tests.fakes.discord_client import Client
from tests.fakes.discord_rest_client import Rest
from tests.sandbox.chat.conftest import Start

_POST = r"/channels/\d+/messages"


async def test_a_global_limit_refuses_every_request_until_it_is_over(
    chat: Chat, room: Channel, rest: Rest
) -> None:
    chat.limit_globally(600)

    answers = [
        await rest("POST", f"/channels/{room.id}/messages", {"content": "one"}),
        await rest("GET", f"/channels/{room.id}"),
    ]
    chat.limit_globally(0)

    for answer in answers:
        assert (answer.status, answer.body["global"], answer.body["code"]) == (429, True, 0)
        assert 599 < answer.body["retry_after"] <= 600
        assert answer.headers["X-RateLimit-Global"] == "true"
        assert answer.headers["X-RateLimit-Scope"] == "global"
        assert answer.headers["Via"]
    assert (await rest("GET", f"/channels/{room.id}")).status == 200
    assert chat.messages(room.id) == []


async def test_one_request_can_be_told_of_a_global_limit_and_the_library_waits_with_all(
    chat: Chat, room: Channel, client: Client
) -> None:
    place = client.get_partial_messageable(room.id)
    fault = chat.fault("POST", _POST, retry_after_s=0.05, is_global=True)
    first = asyncio.create_task(place.send("one"))
    await fault.reached.wait()
    await asyncio.gather(first, place.send("two"))

    assert sorted(one.content for one in chat.messages(room.id)) == ["one", "two"]
    statuses = [post.status for post in chat.posts if post.method == "POST"]
    assert sorted(statuses, key=str) == [200, 200, 429]


@pytest.mark.parametrize("code", [20028, 30046])
async def test_an_edit_is_put_off_for_longer_than_the_headers_say(
    chat: Chat, room: Channel, start: Start, code: int
) -> None:
    client = await start(Client(max_ratelimit_timeout=120))
    message = await client.get_partial_messageable(room.id).send("one")
    headers = {"Retry-After": "1", "X-RateLimit-Reset-After": "1"}
    chat.fault("PATCH", code=code, retry_after_s=1163, headers=headers)

    with pytest.raises(discord.RateLimited) as caught:
        await message.edit(content="two")

    assert caught.value.retry_after == 1163
    assert (chat.posts[-1].status, chat.posts[-1].response["code"]) == (429, code)
    assert chat.posts[-1].response["global"] is False


@pytest.mark.parametrize("status", [400, 403, 405, 413, 503])
async def test_a_page_is_answered_under_any_status(
    chat: Chat, room: Channel, client: Client, status: int
) -> None:
    chat.fault("POST", _POST, status=status, is_html=True)

    with pytest.raises(discord.HTTPException, match="<html>") as caught:
        await client.get_partial_messageable(room.id).send("one")

    assert (caught.value.status, caught.value.code) == (status, 0)


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        *(({"code": code}, 400) for code in (20022, 30033, 40004, 40006, 50006, 50024, 50035)),
        *(({"code": code}, 400) for code in (50109, 160006, 160007, 200000, 200001, 240000)),
        ({"code": 40333}, 403),
        ({"code": 130000}, 503),
        ({"code": 40333, "status": 400}, 400),
        ({"code": 130000, "status": 400}, 400),
    ],
)
async def test_a_code_is_answered_under_its_usual_status_or_another(
    chat: Chat, rest: Rest, room: Channel, fault: dict[str, int], status: int
) -> None:
    chat.fault("POST", _POST, **fault)

    answer = await rest("POST", f"/channels/{room.id}/messages", {"content": "one"})

    assert (answer.status, answer.code) == (status, fault["code"])
    assert answer.body["message"]
    assert chat.messages(room.id) == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", "/channels/1/messages/2"),
        ("DELETE", "/channels/1/messages/2"),
        ("POST", "/channels/1/threads"),
        ("POST", "/users/@me/channels"),
    ],
)
async def test_a_code_is_answered_wherever_it_is_asked_for(
    chat: Chat, rest: Rest, method: str, path: str
) -> None:
    chat.fault(method, path, code=40333)

    assert (await rest(method, path)).code == 40333


async def test_a_word_is_refused_in_posts_in_edits_and_in_names_of_threads(
    chat: Chat, guild: Guild, room: Channel, rest: Rest
) -> None:
    forum = chat.rooms.add_channel(guild.id, "forum", ChannelType.FORUM)
    messages = f"/channels/{room.id}/messages"
    said = await rest("POST", messages, {"content": "good"})
    chat.rules.automod = re.compile("b[ae]d")
    embeds = {"embeds": [{"description": "a bed"}]}

    refused = [
        await rest("POST", messages, {"content": "bad"}),
        await rest("PATCH", f"{messages}/{said.body['id']}", embeds),
        await rest(
            "POST", f"/channels/{forum.id}/threads", {"name": "bad", "message": {"content": "x"}}
        ),
    ]

    assert [one.code for one in refused] == [200000, 200000, 200001]
    assert [one.content for one in chat.messages(room.id)] == ["good"]


async def test_the_date_of_answers_is_as_far_off_as_is_chosen(
    chat: Chat, room: Channel, rest: Rest
) -> None:
    chat.rules.date_offset_s = 7200

    told = (await rest("GET", f"/channels/{room.id}")).headers["Date"]

    ahead_s = parsedate_to_datetime(told).timestamp() - chat.options.now()
    assert 7190 < ahead_s <= 7200


async def test_a_server_with_nothing_but_the_commands_gives_interactions_without_the_bot(
    chat: Chat, client: Client
) -> None:
    guild = chat.guilds.add_guild("Strangers", with_bot=False)
    room = chat.rooms.add_channel(guild.id, "general")
    seen: list[discord.Guild | None] = []

    @client.tree.command()
    async def hello(interaction: discord.Interaction[Any]) -> None:
        """Greet."""
        seen.append(interaction.guild)
        await interaction.response.send_message("Hello", ephemeral=True)

    await client.tree.sync()
    reply = await chat.people.slash(room.id, guild.owner_id, "hello")

    assert reply.content == "Hello"
    (partial,) = seen
    assert partial is not None
    assert (partial.id, partial.name, len(partial.channels)) == (guild.id, "", 0)
    assert client.get_guild(guild.id) is None


@pytest.mark.parametrize("kind", [ChannelType.VOICE, ChannelType.STAGE])
async def test_a_voice_or_stage_channel_is_a_room_for_messages_too(
    chat: Chat, guild: Guild, client: Client, kind: ChannelType
) -> None:
    made = chat.rooms.add_channel(guild.id, "talk", kind)
    await client.wait_for_count("guild_channel_create", 1)

    room = client.get_channel(made.id)
    assert isinstance(room, discord.VoiceChannel | discord.StageChannel)
    await room.send("one")

    assert room.bitrate == 64_000
    assert [one.content for one in chat.messages(room.id)] == ["one"]


async def test_a_media_channel_takes_posts_and_no_messages(
    chat: Chat, guild: Guild, client: Client
) -> None:
    made = chat.rooms.add_channel(guild.id, "media", ChannelType.MEDIA)
    await client.wait_for_count("guild_channel_create", 1)
    media = client.get_channel(made.id)
    assert isinstance(media, discord.ForumChannel)
    assert media.is_media()

    created = await media.create_thread(name="Film", content="one")
    with pytest.raises(discord.HTTPException, match="50008"):
        await client.get_partial_messageable(made.id).send("two")

    assert [one.content for one in chat.messages(created.thread.id)] == ["one"]


async def test_an_archived_thread_below_a_hidden_channel_is_not_told_of(
    chat: Chat, guild: Guild, room: Channel, start: Start
) -> None:
    chat.rooms.set_overwrites(room.id, guild.everyone, deny=["view_channel"])
    chat.rooms.set_overwrites(room.id, chat.guilds.bot_roles(guild.id)[0], deny=["view_channel"])
    thread = chat.rooms.add_thread(room.id, "secret")
    chat.rooms.archive(thread.id)
    client = await start(Client())

    chat.rooms.reopen(thread.id)
    chat.rooms.archive(thread.id)
    chat.rooms.add_channel(guild.id, "afterwards")
    await client.wait_for_count("guild_channel_create", 1)

    assert client.get_channel(thread.id) is None
    assert client.get_channel(room.id) is not None
    with pytest.raises(discord.Forbidden, match="50001"):
        await client.fetch_channel(thread.id)


async def test_a_server_that_removed_the_bot_can_take_it_back(
    chat: Chat, guild: Guild, room: Channel, client: Client
) -> None:
    chat.guilds.remove_bot(guild.id)
    await client.wait_for_count("guild_remove", 1)
    assert client.get_guild(guild.id) is None

    chat.guilds.add_bot(guild.id)
    await client.wait_for_count("guild_join", 1)
    await client.get_partial_messageable(room.id).send("one")

    assert client.get_channel(room.id) is not None
    assert [one.content for one in chat.messages(room.id)] == ["one"]
