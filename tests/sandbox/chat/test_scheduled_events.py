"""Scheduled events, with the real discord.py and Discord's document as judge."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import discord
import pytest

from sandbox.chat import Chat, Guild, ScheduledStatus
from sandbox.chat.calendar import shown
from tests.fakes.discord_client import online
from tests.fakes.discord_contract import contract, judge
from tests.fakes.discord_rest_client import QUICK
from tests.sandbox.chat.test_messages import code_of

NOW = datetime(2030, 1, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
_PNG = b"\x89PNG\r\n\x1a\n"


class Clock:
    now = NOW

    def time(self) -> float:
        return self.now.timestamp()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def chat(clock: Clock) -> AsyncIterator[Chat]:
    started = await Chat.start(replace(QUICK, now=clock.time))
    yield started
    await started.close()
    judge(started.posts)


@pytest.fixture
async def town(chat: Chat, guild: Guild) -> AsyncIterator[discord.Guild]:
    async with online(chat) as client:
        found = client.get_guild(guild.id)
        assert found is not None
        yield found


async def made(town: discord.Guild, **values: Any) -> discord.ScheduledEvent:
    given: dict[str, Any] = {
        "name": "Show",
        "start_time": NOW + HOUR,
        "end_time": NOW + 2 * HOUR,
        "entity_type": discord.EntityType.external,
        "privacy_level": discord.PrivacyLevel.guild_only,
        "location": "https://video.example.com",
    }
    return await town.create_scheduled_event(**(given | values))


async def test_one_is_made_changed_and_deleted(chat: Chat, town: discord.Guild) -> None:
    one = await made(town, description="Come", image=_PNG)
    assert one.creator_id == chat.bot.id
    assert one.cover_image is not None

    await one.edit(name="New", start_time=NOW + 3 * HOUR, end_time=NOW + 4 * HOUR)
    (listed,) = await town.fetch_scheduled_events()
    assert (listed.name, listed.description, listed.location) == ("New", "Come", one.location)
    assert listed.start_time == NOW + 3 * HOUR
    await one.delete()
    assert await code_of(town.fetch_scheduled_event(one.id)) == 10070
    assert chat.calendar.all(town.id) == []


async def test_it_goes_its_way_and_no_other(town: discord.Guild) -> None:
    one, other = await made(town), await made(town)
    assert await code_of(one.edit(status=discord.EventStatus.completed)) == 50035
    await one.edit(status=discord.EventStatus.active)
    assert await code_of(one.edit(status=discord.EventStatus.cancelled)) == 50035
    assert await code_of(one.edit(start_time=NOW + 3 * HOUR, end_time=NOW + 4 * HOUR)) == 50035
    await one.edit(status=discord.EventStatus.completed)
    await other.edit(status=discord.EventStatus.cancelled)

    assert await code_of(one.edit(name="Late")) == 180000
    assert await town.fetch_scheduled_events() == []


async def test_it_begins_and_ends_by_itself(clock: Clock, chat: Chat, town: discord.Guild) -> None:
    await made(town)
    statuses = []
    for _ in range(3):
        statuses += [one.status for one in await town.fetch_scheduled_events()]
        clock.now += HOUR

    assert statuses == [discord.EventStatus.scheduled, discord.EventStatus.active]
    assert [one.status for one in chat.calendar.all(town.id)] == [ScheduledStatus.COMPLETED]


@pytest.mark.parametrize(
    "values",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"description": "x" * 1001},
        {"location": "x" * 101},
        {"start_time": NOW - HOUR},
        {"end_time": NOW + HOUR},
    ],
    ids=["no name", "long name", "long description", "long location", "past", "no length"],
)
async def test_a_form_that_is_not_as_it_should_be_is_refused(
    town: discord.Guild, values: dict[str, Any]
) -> None:
    assert await code_of(made(town, **values)) == 50035


async def test_a_server_holds_a_hundred(chat: Chat, town: discord.Guild) -> None:
    start = (NOW + HOUR).timestamp()
    for number in range(99):
        chat.calendar.add(town.id, f"Theirs {number}", start=start, end=start + 60)
    one = await made(town)
    assert await code_of(made(town)) == 30038

    await one.edit(status=discord.EventStatus.cancelled)
    await made(town)


async def test_who_may_do_what(chat: Chat, town: discord.Guild) -> None:
    (role,) = chat.guilds.bot_roles(town.id)
    start = (NOW + HOUR).timestamp()
    theirs = chat.calendar.add(town.id, "Theirs", start=start, end=start + 60)
    own = await made(town)
    there = await town.fetch_scheduled_event(theirs.id)
    assert await code_of(there.edit(name="Ours")) == 50013

    chat.guilds.set_role(town.id, role.id, granted=["manage_events"])
    await there.edit(name="Ours")
    await own.edit(name="New")
    assert await code_of(made(town)) == 50013
    chat.guilds.set_role(town.id, role.id, granted=[])
    assert await code_of(own.delete()) == 50013
    assert len(await town.fetch_scheduled_events()) == 2


async def test_who_asks_for_it_is_told_of_each_change(chat: Chat, guild: Guild) -> None:
    intents = discord.Intents(guilds=True, guild_scheduled_events=True)
    async with online(chat, intents=intents) as client:
        found = client.get_guild(guild.id)
        assert found is not None
        one = await made(found)
        await client.wait_for_count("scheduled_event_create", 1)
        await one.edit(name="New")
        await client.wait_for_count("scheduled_event_update", 1)
        assert [each.name for each in found.scheduled_events] == ["New"]
        await one.delete()
        await client.wait_for_count("scheduled_event_delete", 1)


async def test_who_does_not_ask_is_told_nothing(chat: Chat, guild: Guild) -> None:
    async with online(chat) as client:
        found = client.get_guild(guild.id)
        assert found is not None
        await made(found)
        chat.rooms.add_channel(guild.id, "next")
        await client.wait_for_count("guild_channel_create", 1)

        assert "scheduled_event_create" not in client.happened


def test_what_is_told_is_as_the_document_has_it(chat: Chat, guild: Guild) -> None:
    start = (NOW + HOUR).timestamp()
    one = chat.calendar.add(guild.id, "Show", start=start, end=start + 60)

    assert contract().problems_of_part("ExternalScheduledEventResponse", shown(one)) == []
