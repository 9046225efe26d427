"""Messages: nonces, limits, permissions, mentions, with the real discord.py."""

from __future__ import annotations

import re
from typing import Any

import discord
import pytest
from discord.http import Route

from sandbox.chat import Channel, ChannelType, Chat, Guild
from tests.fakes.discord_client import Client
from tests.fakes.discord_rest_client import Rest


async def code_of(sending: Any) -> int:
    with pytest.raises(discord.HTTPException) as caught:
        await sending
    return caught.value.code


@pytest.fixture
def target(client: Client, room: Channel) -> discord.PartialMessageable:
    return client.get_partial_messageable(room.id)


async def test_a_message_is_sent_edited_found_and_deleted(
    chat: Chat, room: Channel, client: Client, target: discord.PartialMessageable
) -> None:
    sent = await target.send("one", embed=discord.Embed(title="A title", url="https://a.example/"))
    await sent.edit(content="two")

    history = [message async for message in target.history(limit=10)]
    assert [message.content for message in history] == ["two"]
    assert history[0].embeds[0].title == "A title"
    (shown,) = chat.messages(room.id)
    assert (shown.content, shown.is_edited, shown.author) == ("two", True, "Sandbox bot")
    await client.wait_for_count("raw_message_edit", 1)

    await sent.delete()
    assert chat.messages(room.id) == []
    with pytest.raises(discord.NotFound):
        await target.fetch_message(sent.id)


async def test_the_history_is_read_in_pages_from_either_end(
    chat: Chat, room: Channel, target: discord.PartialMessageable
) -> None:
    ids = [chat.rooms.write(room.id, chat.owner, str(number)).id for number in range(7)]

    def contents(messages: list[discord.Message]) -> str:
        return "".join(message.content for message in messages)

    newest = [one async for one in target.history(limit=3)]
    before = [one async for one in target.history(limit=2, before=discord.Object(ids[3]))]
    after = [one async for one in target.history(limit=2, after=discord.Object(ids[3]))]
    around = [one async for one in target.history(limit=3, around=discord.Object(ids[3]))]

    assert [contents(one) for one in (newest, before, after, around)] == ["654", "21", "45", "432"]


async def test_a_nonce_that_was_used_returns_the_earlier_message(
    chat: Chat, room: Channel, target: discord.PartialMessageable
) -> None:
    first = await target.send("one", nonce="n-1")
    again = await target.send("one", nonce="n-1")
    other = await target.send("one", nonce="n-2")

    assert first.id == again.id != other.id
    assert len(chat.messages(room.id)) == 2


async def test_a_nonce_is_remembered_while_discord_is_away(
    chat: Chat, room: Channel, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await client.get_partial_messageable(room.id).send("one", nonce="n-1")
    await client.close()
    await chat.close()
    await chat.listen()
    monkeypatch.setattr(Route, "BASE", chat.api_url)
    async with Client() as again:
        await again.login(chat.token)
        sent = await again.get_partial_messageable(room.id).send("one", nonce="n-1")

    assert sent.id == first.id
    assert len(chat.messages(room.id)) == 1


async def test_a_nonce_whose_message_was_deleted_is_an_unknown_message(
    chat: Chat, target: discord.PartialMessageable
) -> None:
    first = await target.send("one", nonce="n-1")
    chat.rooms.delete_message(first.id)

    assert await code_of(target.send("one", nonce="n-1")) == 10008


async def test_a_nonce_that_is_not_enforced_posts_again(
    chat: Chat, room: Channel, rest: Rest
) -> None:
    for _ in range(2):
        await rest("POST", f"/channels/{room.id}/messages", {"content": "x", "nonce": "n"})

    assert len(chat.messages(room.id)) == 2


@pytest.mark.parametrize(
    "body",
    [
        {"content": "x" * 2001},
        {"content": "x", "nonce": "n" * 26},
        {"embeds": [{"title": "x"}] * 11},
        {"embeds": [{"description": "x" * 3001}] * 2},
        {"embeds": [{"title": "x" * 257}]},
        {"embeds": [{"description": "x" * 4097}]},
        {"embeds": [{"author": {"name": "x" * 257}}]},
        {"embeds": [{"author": {"url": "https://a.example/"}}]},
        {"embeds": [{"footer": {"text": "x" * 2049}}]},
        {"embeds": [{"title": "x", "url": "ftp://a.example/"}]},
        {"embeds": [{"title": "x", "url": "https://"}]},
        {"embeds": [{"title": "x", "timestamp": "yesterday"}]},
        {"embeds": [{"title": "x", "color": 1 << 24}]},
        {"embeds": [{"fields": [{"name": "x", "value": ""}]}]},
        {"embeds": [{"fields": [{"name": "x", "value": "y"}] * 26}]},
        {"embeds": "x"},
        {"content": "x", "allowed_mentions": {"users": ["1"], "parse": ["users"]}},
        {"content": "x", "flags": 1 << 15, "components": [{"type": 10, "content": "x"}]},
    ],
)
async def test_a_body_over_discords_limits_is_refused(
    chat: Chat, room: Channel, rest: Rest, body: object
) -> None:
    answer = await rest("POST", f"/channels/{room.id}/messages", body)

    assert (answer.status, answer.code) == (400, 50035)
    assert answer.body["errors"]
    assert chat.messages(room.id) == []


async def test_a_body_at_discords_limits_is_taken(chat: Chat, room: Channel, rest: Rest) -> None:
    full = {
        "title": "t" * 256,
        "description": "d" * 4096,
        "footer": {"text": "f" * 392},
        "author": {"name": "a" * 256, "url": "https://a.example/"},
        "image": {"url": "https://a.example/i.png"},
        "fields": [{"name": "n", "value": " v" + "v" * 998}],
        "url": "https://a.example/",
        "timestamp": "2026-11-24T10:00:00+01:00",
        "color": 0,
    }
    body = {"content": " " + "x" * 2000 + " ", "embeds": [full]}

    answer = await rest("POST", f"/channels/{room.id}/messages", body)

    assert answer.status == 200
    (shown,) = chat.messages(room.id)
    assert shown.content == "x" * 2000
    assert shown.embeds[0]["timestamp"] == "2026-11-24T09:00:00.000000+00:00"


@pytest.mark.parametrize(
    "body", [{}, {"content": " "}, {"embeds": [{}]}, {"embeds": [{"color": 1}]}]
)
async def test_an_empty_message_is_refused(room: Channel, rest: Rest, body: object) -> None:
    answer = await rest("POST", f"/channels/{room.id}/messages", body)

    assert (answer.status, answer.code) == (400, 50006)


async def test_embeds_with_one_url_are_noted_since_discord_shows_one_of_them(
    chat: Chat, room: Channel, target: discord.PartialMessageable
) -> None:
    one = discord.Embed(title="one", url="https://a.example/1")
    two = discord.Embed(title="two", url="https://a.example/1")
    await target.send(embeds=[one, two, discord.Embed(title="three")])

    assert chat.messages(room.id)[0].collapsed == ["https://a.example/1"]


async def test_a_file_is_taken_with_its_message(
    chat: Chat, room: Channel, client: Client, tmp_path: Any
) -> None:
    chat.rooms.set_overwrites(room.id, chat.bot, allow=["attach_files"])
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"png")
    channel = client.get_partial_messageable(room.id)

    sent = await channel.send("look", file=discord.File(picture))

    assert (sent.attachments[0].filename, sent.attachments[0].size) == ("picture.png", 3)


@pytest.mark.parametrize(
    ("denied", "code"),
    [("view_channel", 50001), ("send_messages", 50013), ("embed_links", 50013)],
)
async def test_a_missing_permission_is_refused_until_it_is_granted(
    chat: Chat,
    client: Client,
    target: discord.PartialMessageable,
    denied: str,
    code: int,
) -> None:
    room = chat.channel(target.id)
    embed = discord.Embed(title="x")
    chat.rooms.set_overwrites(room.id, chat.bot, deny=[denied])
    await client.wait_for_count("guild_channel_update", 1)

    assert await code_of(target.send(embed=embed)) == code

    chat.rooms.set_overwrites(room.id, chat.bot)
    await client.wait_for_count("guild_channel_update", 2)
    await target.send(embed=embed)


async def test_without_read_message_history_the_history_is_empty(
    chat: Chat, room: Channel, target: discord.PartialMessageable
) -> None:
    sent = await target.send("one")
    chat.rooms.set_overwrites(room.id, chat.bot, deny=["read_message_history"])

    assert [one async for one in target.history()] == []
    assert await code_of(target.fetch_message(sent.id)) == 50013


async def test_a_deleted_room_is_unknown(
    chat: Chat, room: Channel, client: Client, target: discord.PartialMessageable
) -> None:
    chat.rooms.delete_channel(room.id)
    await client.wait_for_count("guild_channel_delete", 1)

    assert await code_of(target.send("one")) == 10003


async def test_a_guild_that_the_bot_left_is_closed_to_it(
    chat: Chat, guild: Guild, room: Channel, target: discord.PartialMessageable, rest: Rest
) -> None:
    chat.guilds.remove_bot(guild.id)

    assert await code_of(target.send("one")) == 50001
    assert (await rest("GET", f"/guilds/{guild.id}")).code == 10004


async def test_only_own_messages_can_be_edited(
    chat: Chat, room: Channel, target: discord.PartialMessageable
) -> None:
    theirs = chat.rooms.write(room.id, chat.owner, "theirs")
    message = target.get_partial_message(theirs.id)

    assert await code_of(message.edit(content="mine")) == 50005
    assert await code_of(message.delete()) == 50013


async def test_automod_blocks_texts_and_embeds(
    chat: Chat, target: discord.PartialMessageable
) -> None:
    chat.rules.automod = re.compile("bad")

    assert await code_of(target.send("a bad word")) == 200000
    assert await code_of(target.send(embed=discord.Embed(title="bad"))) == 200000
    await target.send("a good word")


async def test_messages_are_published_once_and_only_in_announcement_channels(
    chat: Chat, guild: Guild, client: Client, target: discord.PartialMessageable
) -> None:
    news = chat.rooms.add_channel(guild.id, "news", ChannelType.ANNOUNCEMENT)
    sent = await client.get_partial_messageable(news.id).send("news")
    await sent.publish()

    assert chat.messages(news.id)[0].flags & 1
    assert await code_of(sent.publish()) == 40033
    assert await code_of((await target.send("no news")).publish()) == 50024


async def test_only_those_are_mentioned_whom_the_message_may_mention(
    chat: Chat, guild: Guild, room: Channel, target: discord.PartialMessageable
) -> None:
    open_, closed = (
        chat.guilds.add_role(guild.id, name, is_mentionable=name == "open")
        for name in ("open", "closed")
    )
    text = f"@everyone <@&{open_.id}> <@&{closed.id}>"

    await target.send(text)
    await target.send(text, allowed_mentions=discord.AllowedMentions.none())
    chat.rooms.set_overwrites(room.id, chat.bot, allow=["mention_everyone"])
    await target.send(text)
    listed = discord.AllowedMentions(everyone=False, roles=[discord.Object(closed.id)])
    await target.send(text, allowed_mentions=listed)

    pinged = [(one.pinged_roles, one.pings_everyone) for one in chat.messages(room.id)]
    assert pinged == [
        ([open_.id], False),
        ([], False),
        ([open_.id, closed.id], True),
        ([closed.id], False),
    ]


async def test_a_private_message_reaches_those_who_take_them(chat: Chat, client: Client) -> None:
    ann, ben = chat.guilds.add_user("ann"), chat.guilds.add_user("ben", takes_dms=False)

    await (await client.fetch_user(ann.id)).send("Hello")

    assert [one.content for one in chat.dms(ann.id)] == ["Hello"]
    assert chat.dms(ben.id) == []
    assert await code_of((await client.fetch_user(ben.id)).send("Hello")) == 50007
    assert await code_of(client.fetch_user(1)) == 10013


async def test_a_reply_and_typing_are_taken(
    chat: Chat, room: Channel, client: Client, target: discord.PartialMessageable
) -> None:
    question = chat.rooms.write(room.id, chat.owner, "Why?")

    async with target.typing():
        answer = await target.get_partial_message(question.id).reply("Because")

    assert answer.reference is not None
    assert answer.reference.message_id == question.id
