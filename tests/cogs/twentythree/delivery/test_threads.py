from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import discord
import pytest

from cogs.twentythree.delivery import RoomSupervisor
from cogs.twentythree.delivery.threads import open_post
from cogs.twentythree.domain.model import ObjectInfo, RoomId
from cogs.twentythree.languages import Language
from tests.fakes.discord_rest import DiscordRest, channel, guild, logged_in
from tests.fakes.notices import VIDEO
from tests.fakes.rooms import World

_REQUIRES_TAG = 1 << 4
_TAGS = [
    {"id": "1", "name": "staff", "moderated": True, "emoji_id": None, "emoji_name": None},
    {"id": "2", "name": "video", "moderated": False, "emoji_id": None, "emoji_name": None},
]


async def opened(
    about: ObjectInfo, language: Language = Language.ENGLISH, **values: Any
) -> tuple[discord.Thread, dict[str, Any]]:
    server = DiscordRest()
    async with logged_in(server) as client:
        forum = guild(client, channel(1, 15, **values)).get_channel(1)
        assert isinstance(forum, discord.ForumChannel)
        return await open_post(forum, about, language), server.requests[-1][2]


async def test_a_post_is_opened_in_the_language_of_its_forum() -> None:
    _, sent = await opened(replace(VIDEO, title=""), Language.SWEDISH)

    assert sent["name"] == "Utan titel"
    assert "Om det här inlägget" in str(sent)


async def test_a_post_is_named_after_the_object_and_mentions_nobody() -> None:
    post, sent = await opened(replace(VIDEO, title="How\nto @everyone" + "x" * 200))

    assert post.parent_id == 1
    assert sent["name"].startswith("How to @everyonexxx")
    assert len(sent["name"]) == 100
    assert sent["message"]["allowed_mentions"]["parse"] == []
    assert sent["message"]["embeds"][0]["url"] == VIDEO.url
    assert sent["message"]["embeds"][0]["image"] == {"url": VIDEO.picture_url}


async def test_an_object_without_a_title_or_addresses_gets_a_post_too() -> None:
    _, sent = await opened(replace(VIDEO, title=" ", url="nonsense", picture_url=None))

    assert sent["name"] == "Untitled"
    assert "image" not in sent["message"]["embeds"][0]


@pytest.mark.parametrize(("flags", "tags"), [(0, []), (_REQUIRES_TAG, ["2"])])
async def test_a_tag_is_set_only_where_the_forum_asks_for_one(flags: int, tags: list[str]) -> None:
    _, sent = await opened(VIDEO, flags=flags, available_tags=_TAGS)

    assert [str(tag) for tag in sent.get("applied_tags", [])] == tags


@asynccontextmanager
async def rooms_of(world: World, server: DiscordRest) -> AsyncGenerator[RoomSupervisor]:
    async with logged_in(server) as world.client:
        guild(world.client, channel(1, 15), channel(2))
        yield world.rooms()


async def test_a_post_that_a_follow_asks_for_is_opened(world: World) -> None:
    server = DiscordRest()
    async with rooms_of(world, server) as rooms:
        opened = await rooms.open_post(RoomId(1), VIDEO)

    assert isinstance(opened, int)
    assert server.in_room(opened)


@pytest.mark.parametrize("room_id", [2, 404])
async def test_what_is_no_forum_gets_no_post(world: World, room_id: int) -> None:
    server = DiscordRest()
    async with rooms_of(world, server) as rooms:
        said = await rooms.open_post(RoomId(room_id), VIDEO)

    assert isinstance(said, str)
    assert "grant it View Channel" in said


async def test_a_post_that_discord_refuses_is_told_in_its_words(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    server = DiscordRest()
    server.refusals["POST", 1] = (403, 50013)
    async with rooms_of(world, server) as rooms:
        said = await rooms.open_post(RoomId(1), VIDEO)

    assert said == "Discord opens no post in the forum: refused"
    assert "no post could be opened in 1: Forbidden" in caplog.text


async def test_a_post_that_was_opened_for_nothing_is_taken_back(world: World) -> None:
    server = DiscordRest()
    async with rooms_of(world, server) as rooms:
        opened = await rooms.open_post(RoomId(1), VIDEO)
        assert not isinstance(opened, str)
        await rooms.close_post(opened)

    assert ("DELETE", f"channels/{opened}", None) in server.requests
