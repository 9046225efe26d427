"""What a list of scheduled events lacks once, and is there all the same."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

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
