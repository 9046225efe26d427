"""Buttons and menus through the real discord.py, on the sandbox's Discord."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cogs.twentythree.delivery import RoomOptions
from cogs.twentythree.domain.deeds import Action
from cogs.twentythree.domain.model import (
    CommentId,
    CommentKind,
    CommentStatus,
    GuildId,
    RoomId,
)
from sandbox.chat import Channel, Chat, Limit
from tests.fakes.acting import set_right
from tests.fakes.discord_client import online
from tests.fakes.discord_contract import judge
from tests.fakes.discord_rest_client import QUICK
from tests.fakes.notices import VIDEO, deed, sent_reply
from tests.fakes.rooms import World, idle
from tests.fakes.said import said

_SLOW = RoomOptions(edit_interval_s=3600, old_edit_interval_s=3600)


@pytest.fixture
async def chat() -> AsyncGenerator[Chat]:
    started = await Chat.start(QUICK)
    yield started
    await started.close()
    judge(started.posts)


@pytest.fixture
async def room(world: World, chat: Chat) -> AsyncGenerator[Channel]:
    guild = chat.guilds.add_guild("Town")
    made = chat.rooms.add_channel(guild.id, "general")
    world.now, world.guild_id = datetime.now(UTC), GuildId(guild.id)
    async with online(chat) as world.client:
        await world.attach(RoomId(made.id), has_actions=True)
        yield made


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "rooms.db"


async def ask(world: World, database: Path, *numbers: int, **values: Any) -> None:
    """Take in questions that can be acted on."""
    fields = {"kind": CommentKind.QUESTION, "is_promoted": False} | values
    await world.say(*numbers, **fields)
    set_right(database, *numbers, has_actions=True)


def labels(chat: Chat, room: Channel) -> list[list[str]]:
    """Return the buttons of each message."""
    return [
        [button.get("label", "") for row in one.components for button in row["components"]]
        for one in chat.messages(room.id)
    ]


def options(chat: Chat, room: Channel) -> list[list[str]]:
    """Return the comments in the menus of each message."""
    return [
        [option["value"] for row in one.components for option in row["components"][0]["options"]]
        for one in chat.messages(room.id)
    ]


async def test_a_question_is_posted_with_its_buttons_and_they_follow_it(
    world: World, chat: Chat, room: Channel, database: Path
) -> None:
    await ask(world, database, 7)
    async with world.running(_SLOW) as rooms:
        await idle(rooms)
        assert labels(chat, room) == [["Promote", "Answered", "Dismiss", "Reply", "⋯"]]

        answered = {"status": CommentStatus.ANSWERED}
        set_right(database, 7, comment=answered, acted=(deed(Action.ANSWER, 12),))
        rooms.wake([RoomId(room.id)])
        await idle(rooms)
        assert labels(chat, room) == [["Promote", "Reopen", "Dismiss", "Reply", "⋯"]]

        # At once: each of these is what somebody in the room has just done.
        set_right(database, 7, replies=(sent_reply(8, "It is"),))
        rooms.wake([RoomId(room.id)])
        await idle(rooms)
        (shown,) = chat.messages(room.id)
        assert said(shown.embeds[0]) == (
            "Comment 7\n> **The team**: It is\n-# ✅ answered by <@12> · 💬 replied by <@11>"
        )

        set_right(database, 7, comment={"is_promoted": True}, has_actions=False)
        rooms.wake([RoomId(room.id)])
        await idle(rooms)

    assert labels(chat, room) == [[]]


async def test_a_burst_shares_menus_and_a_removed_comment_leaves_them(
    world: World, chat: Chat, room: Channel, database: Path
) -> None:
    # Without headers nobody knows that there is room for more than one message of ten.
    chat.rules.is_rate_limited = False
    await ask(world, database, *range(1, 61))
    async with world.running() as rooms:
        await idle(rooms)
        assert [one for found in options(chat, room) for one in found] == [
            str(number) for number in range(1, 61)
        ]
        assert len(chat.messages(room.id)) == 6

        await world.store.memory.take_away(VIDEO.object_id, [CommentId(3)])
        rooms.wake([RoomId(room.id)])
        await idle(rooms)

    assert options(chat, room)[0] == ["1", "2", "4", "5", "6", "7", "8", "9", "10"]


async def test_the_parts_of_a_message_that_is_refused_have_menus_of_their_own(
    world: World, chat: Chat, room: Channel, database: Path
) -> None:
    chat.rules.automod = re.compile("forbidden")
    await ask(world, database, 1, 2, 3)
    await ask(world, database, 4, text="forbidden")
    async with world.running() as rooms:
        await idle(rooms)

    first, last = chat.messages(room.id)
    assert [option["value"] for option in first.components[0]["components"][0]["options"]] == [
        "1",
        "2",
    ]
    assert [one["custom_id"] for one in last.components[0]["components"]][-1] == "tt:more:3"


async def test_what_is_left_of_a_message_that_is_taken_down_keeps_its_buttons(
    world: World, chat: Chat, room: Channel, database: Path
) -> None:
    await ask(world, database, 1, 2)
    async with world.running() as rooms:
        await idle(rooms)
        (before,) = chat.messages(room.id)
        # An edit that must be made, and is refused, is made by taking the message away.
        chat.fault("PATCH", f"/channels/{room.id}/messages/{before.id}", status=400, code=50035)
        await world.store.memory.take_away(VIDEO.object_id, [CommentId(1)])
        rooms.wake([RoomId(room.id)])
        await idle(rooms)

    (after,) = chat.messages(room.id)
    assert after.id != before.id
    assert [one["custom_id"] for one in after.components[0]["components"]][-1] == "tt:more:2"


async def test_where_the_limit_is_known_each_question_is_alone_and_chat_is_not(
    world: World, chat: Chat, room: Channel, database: Path
) -> None:
    # Of seven messages one tells the limit. Were none left in the end, it would be slept out.
    chat.rules.limits["POST /channels/{channel_id}/messages"] = Limit(requests=7, window_s=3600)
    await world.say(90)
    async with world.running() as rooms:
        await idle(rooms)
        await ask(world, database, 1, 2)
        await ask(world, database, *range(10, 30), kind=CommentKind.CHAT)
        await ask(world, database, 50)
        rooms.wake([RoomId(room.id)])
        await idle(rooms)

    counts = [len(one.embeds) for one in chat.messages(room.id)]
    assert counts == [1, 1, 1, 10, 10, 1]
    assert [len(found) for found in labels(chat, room)] == [0, 5, 5, 1, 1, 5]
