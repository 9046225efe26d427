"""The option ``calendar`` of ``/video follow``: who may set it, and what is said of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cogs.twentythree.domain.calendar import CalendarObstacle, KeptScheduled, ScheduledStage
from cogs.twentythree.domain.model import GuildId
from sandbox.chat import User
from tests.fakes.bridge import NOW
from tests.fakes.calendars import KEY, said_of
from tests.fakes.server import Server

_LINE = "- Planned events are in the server's calendar"


@pytest.fixture
def planner(server: Server) -> User:
    return server.member("planner", "manage_guild", "create_events")


async def has_calendar(server: Server) -> bool:
    (follow,) = await server.followed()
    return follow.has_calendar


async def test_it_is_off_until_it_is_asked_for_and_stays_as_it_is(
    server: Server, planner: User
) -> None:
    assert _LINE not in await server.slash("follow", by=planner)
    assert not await has_calendar(server)

    assert _LINE in await server.slash("follow", by=planner, calendar="on")
    assert _LINE in await server.slash("follow", by=server.manager, comments="public", live="on")
    assert "-# Planned events" in await server.slash("list")
    assert await has_calendar(server)
    assert _LINE not in await server.slash("follow", by=server.manager, calendar="off")
    assert not await has_calendar(server)


async def test_who_may_not_make_scheduled_events_may_not_have_the_bot_do_it(
    server: Server,
) -> None:
    text = await server.slash("follow", calendar="on")

    assert "You may not make scheduled events in this server yourself" in text
    assert await server.followed() == []
    manages = server.member("manages", "manage_guild", "manage_events")
    assert _LINE in await server.slash("follow", by=manages, calendar="on")


async def test_a_bot_that_may_not_keep_a_calendar_says_so(server: Server, planner: User) -> None:
    (role,) = server.chat.guilds.bot_roles(server.guild.id)
    granted = ["view_channel", "send_messages", "embed_links", "read_message_history"]
    server.chat.guilds.set_role(server.guild.id, role.id, granted=granted)

    text = await server.slash("follow", by=planner, calendar="on")
    assert "it lacks Create Events" in text
    assert await server.followed() == []


async def test_videos_are_not_planned(server: Server, planner: User) -> None:
    text = await server.slash("follow", by=planner, what="videos", calendar="on")

    assert text == "A video is never planned; leave `calendar` out."


async def test_without_live_state_it_has_nothing_to_do(server: Server, planner: User) -> None:
    text = await server.slash("follow", by=planner, calendar="on", live="off", comments="promoted")

    assert "- `calendar` is about live events, which are off here." in text
    assert _LINE not in text


def test_it_is_an_option_of_follows_alone(server: Server) -> None:
    (video,) = server.chat.commands(server.guild.id)
    found = {
        one["name"]
        for one in video["options"]
        if any(option["name"] == "calendar" for option in one.get("options", ()))
    }

    assert found == {"follow"}


async def test_it_goes_into_a_file_and_comes_back(server: Server, planner: User) -> None:
    await server.slash("follow", by=planner, calendar="on")
    (shown,) = (await server.reply("export")).attachments
    data = server.chat.file(shown)
    await server.bridge.unfollow(1)

    async def imported(by: User, content: bytes = data) -> str:
        file_id = server.chat.people.upload("town.json", content, "application/json")
        reply = await server.reply("import", by=by, file=file_id)
        if not reply.components:
            return reply.content
        return (await server.press(reply, "Import", by=by)).content

    assert "You may not make scheduled events" in await imported(server.manager)
    assert "Imported 1 entry." in await imported(planner)
    assert await has_calendar(server)
    assert "1 entry" in await imported(planner)
    found: dict[str, Any] = json.loads(data)
    found["follows"][0]["options"]["calendar"] = "off"
    assert "`calendar`" in await imported(planner, json.dumps(found).encode())
    assert not await has_calendar(server)


async def test_the_status_tells_how_the_calendar_stands(server: Server) -> None:
    guild_id = GuildId(server.guild.id)
    await server.follow()
    assert "alendar" not in await server.slash("status")

    kept = KeptScheduled(key=KEY, stage=ScheduledStage.MADE, said=said_of(), scheduled_id=2**60)
    await server.store.calendars.keep(guild_id, kept)
    await server.store.calendars.meet(guild_id, CalendarObstacle.FORBIDDEN, NOW)
    text = await server.slash("status")

    assert "- Scheduled events in the calendar: 1" in text
    assert "- The calendar waits <t:" in text
    assert "grant it Create Events" in text
    assert "Last error: none" not in text
