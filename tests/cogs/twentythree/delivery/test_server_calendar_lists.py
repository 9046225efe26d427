"""What a list of scheduled events lacks once, and is there all the same."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cogs.twentythree.domain.calendar import ScheduledStage
from tests.fakes.calendar_scene import CalendarScene, a_calendar
from tests.fakes.calendars import HOUR, START

_MINUTE = timedelta(minutes=1)
_LOCATION = "https://video.example.com/bridge#event-8-1"


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncGenerator[CalendarScene]:
    async with a_calendar(tmp_path) as built:
        yield built


@pytest.mark.parametrize("body", [[], {}], ids=["empty", "nothing"])
async def test_a_list_that_wrongly_lacks_it_makes_nothing_of_it(
    scene: CalendarScene, body: object
) -> None:
    info = await scene.planned()
    (shown,) = scene.shown()
    scene.chat.fault("GET", ".*/scheduled-events", status=200, body=body)
    await scene.see(scheduled_at=START + HOUR)
    await scene.keep()
    scene.pass_time(11 * _MINUTE)
    await scene.store.memory.refresh_object(replace(info, title="New"), scene.now)
    await scene.keep()

    assert scene.ever() == [shown]
    assert (shown.name, shown.start) == ("New", (START + HOUR).timestamp())
    assert (await scene.work()).kept[0].stage is ScheduledStage.MADE


async def test_one_that_may_have_been_made_is_not_made_again_for_an_empty_list(
    scene: CalendarScene,
) -> None:
    scene.chat.fault("POST", ".*/scheduled-events", when="after", drops=True)
    await scene.find(await scene.follow())
    await scene.keep()
    scene.pass_time(timedelta(seconds=16))
    scene.chat.fault("GET", ".*/scheduled-events", status=200, body=[])
    for _ in range(5):
        await scene.keep()
        scene.pass_time(_MINUTE)

    assert len(scene.ever()) == len(scene.requests("POST")) == 1


async def test_what_is_there_from_before_is_found_though_a_list_is_empty_once(
    scene: CalendarScene,
) -> None:
    scene.chat.calendar.add(
        scene.guild.id,
        "Show 0",
        start=START.timestamp(),
        end=(START + HOUR).timestamp(),
        location=_LOCATION,
        by=scene.chat.bot,
    )
    scene.chat.fault("GET", ".*/scheduled-events", status=200, body=[])
    await scene.find(await scene.follow())
    await scene.keep()

    assert len(scene.ever()) == 1


# What cannot be read of it.


async def listed(scene: CalendarScene) -> list[Any]:
    """Return the list as Discord has it."""
    rows = await scene.client.http.get_scheduled_events(scene.guild_id, with_user_count=False)
    return list(rows)


@pytest.mark.parametrize(
    "odd", [{"status": 9}, {"scheduled_start_time": None}, {"name": ..., "creator_id": ...}]
)
async def test_one_of_theirs_that_nobody_knows_is_passed_over(
    scene: CalendarScene, odd: dict[str, Any]
) -> None:
    scene.fill(1)
    rows = [
        {key: value for key, value in {**row, **odd}.items() if value is not ...}
        for row in await listed(scene)
    ]
    scene.chat.fault("GET", ".*/scheduled-events", status=200, body=rows, times=None)
    await scene.find(await scene.follow())
    await scene.keep()

    assert [one.name for one in scene.ever()] == ["Theirs 0", "Show 0"]


async def test_one_of_ours_that_nobody_knows_holds_up_itself_alone(scene: CalendarScene) -> None:
    follow = await scene.follow()
    await scene.find(follow)
    await scene.keep()
    await scene.find(follow, 1)
    await scene.keep()
    first, second = await listed(scene)
    odd = {**first, "status": 9}
    scene.chat.fault("GET", ".*/scheduled-events", status=200, body=[odd, second], times=None)
    path = f".*/scheduled-events/{first['id']}"
    scene.chat.fault("GET", path, status=200, body=odd, times=None)
    for number in (0, 1):
        await scene.see(number=number, scheduled_at=START + HOUR)
    scene.pass_time(_MINUTE)
    await scene.keep()
    held = [one.start for one in scene.ever()]
    scene.chat.faults.clear()
    scene.pass_time(10 * _MINUTE)
    await scene.keep()

    later = (START + HOUR).timestamp()
    assert held == [START.timestamp(), later]
    assert [one.start for one in scene.ever()] == [later, later]


async def test_nothing_is_made_beside_what_may_be_ours_and_is_not_known(
    scene: CalendarScene,
) -> None:
    scene.chat.fault("POST", ".*/scheduled-events", when="after", drops=True)
    await scene.find(await scene.follow())
    await scene.keep()
    (row,) = await listed(scene)
    body = [{**row, "status": 9}]
    scene.chat.fault("GET", ".*/scheduled-events", status=200, body=body, times=None)
    scene.pass_time(_MINUTE)
    await scene.keep()

    assert len(scene.ever()) == len(scene.requests("POST")) == 1
