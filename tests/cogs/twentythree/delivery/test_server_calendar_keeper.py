"""All calendars together: who is looked at when, and that none holds up another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from cogs.twentythree.delivery import RoomSupervisor
from cogs.twentythree.delivery.server_calendar import CalendarKeeper, ServerCalendar
from cogs.twentythree.errors import StorageError
from cogs.twentythree.metrics import Metrics
from sandbox.chat import Guild
from tests.fakes.calendar_scene import OTHER_ROOM, CalendarScene, a_calendar
from tests.fakes.calendars import HOUR, START


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncGenerator[CalendarScene]:
    async with a_calendar(tmp_path, is_watched=False) as built:
        yield built


@pytest.fixture
async def rooms(scene: CalendarScene) -> AsyncGenerator[RoomSupervisor]:
    """All that delivers, at work."""
    scene.edge.options = replace(scene.options, sweep_s=3_600.0)
    supervisor = RoomSupervisor(
        scene.edge,
        scene.store,
        Metrics(CollectorRegistry()),
        scene.covers,
        now=lambda: scene.now,
        clock=scene.clock.monotonic,
    )
    running = asyncio.create_task(supervisor.run())
    yield supervisor
    running.cancel()
    await asyncio.wait([running])


async def until_planned(scene: CalendarScene, count: int, guild: Guild | None = None) -> None:
    guild_id = (guild or scene.guild).id
    await scene.chat.wait_for(lambda: len(scene.chat.calendar.of(guild_id)) == count, timeout_s=15)


async def test_what_is_stored_is_done_at_the_start_and_when_somebody_says_so(
    scene: CalendarScene, rooms: RoomSupervisor
) -> None:
    follow = await scene.follow()
    await scene.find(follow)
    rooms.wake([])
    await until_planned(scene, 1)

    await scene.find(follow, 1, start=START + HOUR)
    rooms.wake([])
    await until_planned(scene, 2)


async def test_a_server_that_waits_holds_up_no_other(
    scene: CalendarScene, rooms: RoomSupervisor
) -> None:
    other = scene.chat.guilds.add_guild("Village")
    await scene.client.wait_for_count("guild_join", 1)
    hanging = scene.chat.fault("POST", f"/guilds/{scene.guild.id}/.*", hangs=True)
    await scene.find(await scene.follow())
    rooms.wake([])
    await hanging.reached.wait()
    first, scene.guild = scene.guild, other
    await scene.find(await scene.follow(OTHER_ROOM))
    rooms.wake([])
    await until_planned(scene, 1, other)

    hanging.release()
    await until_planned(scene, 1, first)


async def test_what_discord_refused_is_tried_again_once_something_changed_in_the_server(
    scene: CalendarScene, rooms: RoomSupervisor
) -> None:
    scene.chat.fault("POST", ".*/scheduled-events", code=50013)
    await scene.find(await scene.follow())
    rooms.wake([])
    await scene.chat.wait_for(scene.told)
    rooms.recheck(scene.guild.id)

    await until_planned(scene, 1)


async def test_a_database_that_is_away_is_waited_for(
    scene: CalendarScene, rooms: RoomSupervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    calendars, failed = scene.store.calendars, asyncio.Event()
    keep: Any = calendars.keep

    async def fails(*_: object) -> None:
        monkeypatch.setattr(calendars, "keep", keep)
        failed.set()
        raise StorageError("away")

    monkeypatch.setattr(calendars, "keep", fails)
    await scene.find(await scene.follow())
    rooms.wake([])
    await failed.wait()
    scene.pass_time(timedelta(minutes=2))
    rooms.wake([])

    await until_planned(scene, 1)


async def test_nothing_is_begun_once_it_is_to_stop(scene: CalendarScene) -> None:
    keeper = CalendarKeeper(scene.tools)
    keeper.stop()
    await scene.find(await scene.follow())
    running = asyncio.create_task(keeper.run())
    for _ in range(3):
        keeper.wake()
        await scene.store.upkeep.counts()
    running.cancel()
    await asyncio.wait([running])

    assert scene.requests("GET") == []


async def test_an_event_that_cannot_be_seen_to_holds_up_no_other(
    scene: CalendarScene,
    rooms: RoomSupervisor,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    cover: Any = scene.covers.cover

    async def fails(url: str | None) -> str | None:
        if url == "https://video.example.com/odd.jpg":
            raise ZeroDivisionError
        picture: str | None = await cover(url)
        return picture

    monkeypatch.setattr(scene.covers, "cover", fails)
    follow = await scene.follow()
    await scene.find(follow, picture_url="https://video.example.com/odd.jpg")
    await scene.find(follow, 1, start=START + HOUR)
    rooms.wake([])
    await until_planned(scene, 1)

    assert [one.name for one in scene.shown()] == ["Show 1"]
    assert len([one for one in caplog.records if one.exc_info is not None]) == 1
    monkeypatch.undo()
    scene.pass_time(timedelta(seconds=scene.options.calendar_again_s + 1))
    rooms.wake([])
    await until_planned(scene, 2)


@pytest.mark.parametrize("broken", ["serve", "is_due"])
async def test_a_server_that_cannot_be_seen_to_holds_up_no_other(
    scene: CalendarScene, rooms: RoomSupervisor, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    other = scene.chat.guilds.add_guild("Village")
    await scene.client.wait_for_count("guild_join", 1)
    first, whole = scene.guild, getattr(ServerCalendar, broken)

    def fails(server: ServerCalendar, *args: Any) -> Any:
        if server._guild_id == first.id:
            raise ZeroDivisionError
        return whole(server, *args)

    monkeypatch.setattr(ServerCalendar, broken, fails)
    await scene.find(await scene.follow())
    scene.guild = other
    await scene.find(await scene.follow(OTHER_ROOM))
    rooms.wake([])
    await until_planned(scene, 1, other)

    monkeypatch.undo()
    scene.pass_time(timedelta(minutes=2))
    rooms.wake([])
    await until_planned(scene, 1, first)


async def test_calendars_that_cannot_be_read_are_read_again(
    scene: CalendarScene, rooms: RoomSupervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = asyncio.Event()

    async def fails(*_: object) -> None:
        failed.set()
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(scene.store.calendars, "work", fails)
        rooms.wake([])
        await failed.wait()
    await scene.find(await scene.follow())
    rooms.wake([])

    await until_planned(scene, 1)
