"""Files and deletions through the real discord.py, on the sandbox's Discord."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

import pytest

from cogs.twentythree.domain.model import AtEnd, GuildId, RoomId
from cogs.twentythree.domain.series import Sample
from sandbox.chat import Channel, Chat
from tests.fakes.discord_client import online
from tests.fakes.discord_contract import judge
from tests.fakes.discord_rest_client import QUICK
from tests.fakes.notices import WEBINAR
from tests.fakes.questions import ask
from tests.fakes.rooms import World, idle


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
    world.guild_id = GuildId(guild.id)
    async with online(chat) as world.client:
        yield made


def attachments(chat: Chat, room: Channel) -> list[Any]:
    return [one for shown in chat.messages(room.id) for one in shown.attachments]


async def broadcast(world: World, room: Channel, **rules: Any) -> None:
    await world.attach(RoomId(room.id), WEBINAR, **rules)
    async with world.running() as rooms:
        for viewers in (1, 3, 5):
            await world.see(rooms, is_broadcasting=True, viewers_now=viewers)
            sample = Sample(at=world.now, viewers=viewers, comments=viewers)
            await world.store.broadcasts.add_sample(WEBINAR.object_id, sample)
        for _ in range(3):
            await world.see(rooms, is_broadcasting=False)
            await idle(rooms)
            world.now += timedelta(minutes=3)


async def test_the_card_of_what_has_ended_has_its_chart(
    world: World, chat: Chat, room: Channel
) -> None:
    await broadcast(world, room)

    (shown,) = chat.messages(room.id)
    (file,) = attachments(chat, room)
    assert file["filename"].startswith("chart-")
    assert file["size"] > 1000
    assert shown.embeds[0]["image"]["url"].endswith(file["filename"])


async def test_a_report_has_its_chart_and_its_questions_as_files(
    world: World, chat: Chat, room: Channel
) -> None:
    await world.attach(RoomId(room.id), WEBINAR, has_actions=True)
    await ask(world.store, WEBINAR.object_id, 1, world.now, text="=1+1\nWhy?")
    await broadcast(world, room, has_actions=True)

    *_, report = chat.messages(room.id)
    chart, table = report.attachments
    assert report.embeds[0]["image"]["url"].endswith(chart["filename"])
    assert (table["filename"], table["content_type"]) == ("questions.csv", "text/csv")
    rows = list(csv.reader(io.StringIO(chat.file(table).decode("utf-8-sig"), newline="")))
    assert rows[1][1:] == ["Ada", "'=1+1\nWhy?", "open", ""]


async def test_without_attach_files_the_chart_is_text_and_the_room_goes_on(
    world: World, chat: Chat, room: Channel
) -> None:
    chat.rooms.set_overwrites(room.id, chat.bot, deny=["attach_files"])

    await broadcast(world, room)

    (shown,) = chat.messages(room.id)
    assert "Viewers `" in shown.embeds[0]["description"]
    assert attachments(chat, room) == []
    assert (await world.store.upkeep.counts()).paused_rooms == 0


async def test_the_messages_of_what_has_ended_are_deleted_where_asked(
    world: World, chat: Chat, room: Channel
) -> None:
    await broadcast(world, room, at_end=AtEnd.DELETE)

    assert chat.messages(room.id) == []
    assert await world.store.outbox.rooms_with_work() == frozenset()
