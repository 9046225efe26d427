"""One server's calendar through the real discord.py, on the sandbox's Discord."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cogs.twentythree.domain.calendar import CalendarObstacle, ScheduledStage
from cogs.twentythree.storage import CalendarCounts
from sandbox.chat import ScheduledStatus
from tests.fakes.calendar_scene import OTHER_ROOM, CalendarScene, a_calendar
from tests.fakes.calendars import HOUR, NOW, START
from tests.fakes.notices import WEBINAR

_MINUTE = timedelta(minutes=1)
_LOCATION = "https://video.example.com/bridge#event-8-1"


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncGenerator[CalendarScene]:
    async with a_calendar(tmp_path) as built:
        yield built


async def test_a_planned_event_is_in_the_calendar(scene: CalendarScene) -> None:
    await scene.find(await scene.follow(), description="Come.\nAll of you.")
    await scene.keep()

    (shown,) = scene.shown()
    assert (shown.name, shown.description) == ("Show 0", "Come.\nAll of you.")
    assert shown.location == _LOCATION
    assert (shown.start, shown.end) == (START.timestamp(), (START + HOUR).timestamp())
    assert shown.image is not None
    assert scene.covers.asked == [WEBINAR.picture_url]
    await scene.keep()
    # An empty list is asked for once more.
    assert len(scene.requests("GET")) == 2


async def test_two_follows_make_one(scene: CalendarScene) -> None:
    for room in (None, OTHER_ROOM):
        follow = await scene.follow() if room is None else await scene.follow(room)
        await scene.find(follow)
    await scene.keep()

    assert len(scene.ever()) == 1


async def test_it_is_moved_and_renamed_and_says_what_people_wrote_else(
    scene: CalendarScene,
) -> None:
    info = await scene.planned()
    (shown,) = scene.shown()
    scene.chat.calendar.edit(shown, description="By hand", location="The hall")

    await scene.see(scheduled_at=START + HOUR)
    await scene.keep()
    # Words rest for a while after an edit.
    await scene.store.memory.refresh_object(replace(info, title="New"), scene.now)
    await scene.keep()
    assert shown.name == "Show 0"
    scene.pass_time(2 * _MINUTE)
    await scene.keep()

    assert (shown.name, shown.start) == ("New", (START + HOUR).timestamp())
    assert (shown.description, shown.location) == ("By hand", "The hall")
    moved, renamed = scene.requests("PATCH")
    assert set(moved) == {"scheduled_start_time", "scheduled_end_time"}
    assert renamed == {"name": "New"}


async def test_it_starts_lasts_and_is_completed_with_its_event(scene: CalendarScene) -> None:
    await scene.planned()
    (shown,) = scene.shown()
    scene.pass_time(START - NOW - 5 * _MINUTE)
    await scene.see(on=True, scheduled_at=START)
    await scene.keep()
    assert [one.status for one in scene.ever()] == [ScheduledStatus.ACTIVE]

    scene.pass_time(HOUR)
    await scene.see(on=True, scheduled_at=START)
    await scene.keep()
    assert shown.end == (START + 2 * HOUR).timestamp()
    for _ in range(2):
        await scene.see(is_over=True)
        scene.pass_time(4 * _MINUTE)
        await scene.keep()
    assert [one.status for one in scene.ever()] == [ScheduledStatus.COMPLETED]
    assert (await scene.store.calendars.counts(scene.guild_id)).made == 0


async def test_one_that_discord_began_by_itself_is_not_started_again(scene: CalendarScene) -> None:
    await scene.planned()
    scene.pass_time(START - NOW + _MINUTE)
    await scene.see(on=True, scheduled_at=START)
    await scene.keep()

    (shown,) = scene.shown()
    assert shown.status is ScheduledStatus.ACTIVE
    assert scene.requests("PATCH") == []


async def test_it_is_cancelled_with_its_event_and_made_anew_with_a_new_plan(
    scene: CalendarScene,
) -> None:
    await scene.planned()
    await scene.see_cancelled()
    await scene.keep()
    assert [one.status for one in scene.ever()] == [ScheduledStatus.CANCELED]

    await scene.see(scheduled_at=START + HOUR)
    await scene.keep()
    (shown,) = scene.shown()
    assert shown.start == (START + HOUR).timestamp()


async def test_it_goes_with_the_follow_and_comes_back_with_it(scene: CalendarScene) -> None:
    follow = await scene.follow()
    await scene.find(follow)
    await scene.keep()
    await scene.store.follows.unfollow(follow.follow_id)
    await scene.keep()
    assert [one.status for one in scene.ever()] == [ScheduledStatus.CANCELED]
    assert (await scene.work()).kept == ()

    await scene.find(await scene.follow())
    await scene.keep()
    assert len(scene.shown()) == 1


async def test_what_is_not_public_any_more_is_deleted(scene: CalendarScene) -> None:
    info = await scene.planned()
    await scene.store.memory.refresh_object(replace(info, is_public=False), scene.now)
    await scene.keep()
    assert scene.ever() == []

    await scene.store.memory.refresh_object(info, scene.now)
    await scene.keep()
    assert len(scene.shown()) == 1


@pytest.mark.parametrize("how", ["deleted", "cancelled"])
async def test_what_people_took_out_stays_out(scene: CalendarScene, how: str) -> None:
    info = await scene.planned()
    (shown,) = scene.shown()
    if how == "deleted":
        scene.chat.calendar.delete(shown)
    else:
        scene.chat.calendar.edit(shown, status=ScheduledStatus.CANCELED)

    await scene.see(scheduled_at=START + HOUR)
    await scene.keep()
    scene.restart()
    await scene.store.memory.refresh_object(replace(info, title="New"), scene.now)
    await scene.keep()
    assert scene.shown() == []
    assert (await scene.work()).kept[0].stage is ScheduledStage.CLOSED


async def test_a_full_calendar_is_told_once_and_goes_on_when_there_is_room(
    scene: CalendarScene,
) -> None:
    theirs = scene.fill(99)
    follow = await scene.follow()
    for number, hours in enumerate((2, 1)):
        await scene.find(follow, number, start=START + hours * HOUR)
    for _ in range(2):
        await scene.keep()
        scene.restart()

    assert "Show 1" in [one.name for one in scene.shown()]
    assert len(scene.requests("POST")) == 1
    (told,) = scene.told()
    assert "100 scheduled events" in told
    counts = await scene.store.calendars.counts(scene.guild_id)
    assert counts == CalendarCounts(made=1, obstacle=CalendarObstacle.FULL, since=NOW)
    scene.chat.calendar.delete(theirs[0])
    scene.pass_time(11 * _MINUTE)
    await scene.keep()
    assert len(scene.requests("POST")) == 2
    assert (await scene.store.calendars.counts(scene.guild_id)).obstacle is None


async def test_a_full_calendar_may_say_so_itself(scene: CalendarScene) -> None:
    scene.chat.fault("POST", ".*/scheduled-events", code=30038)
    await scene.find(await scene.follow())
    await scene.keep()

    assert len(scene.told()) == 1
    assert (await scene.work()).kept == ()
    scene.pass_time(11 * _MINUTE)
    await scene.keep()
    assert len(scene.shown()) == 1


async def test_without_the_permission_nothing_is_asked_and_it_is_told_once(
    scene: CalendarScene,
) -> None:
    (role,) = scene.chat.guilds.bot_roles(scene.guild.id)
    scene.chat.guilds.set_role(scene.guild.id, role.id, granted=["view_channel"])
    await scene.client.wait_for_count("guild_role_update", 1)
    await scene.find(await scene.follow())
    for _ in range(2):
        await scene.keep()
        scene.restart()

    assert not scene.requests("GET")
    (told,) = scene.told()
    assert "grant it Create Events" in told
    scene.chat.guilds.set_role(scene.guild.id, role.id, granted=["create_events"])
    await scene.client.wait_for_count("guild_role_update", 2)
    scene.calendar.recheck()
    await scene.keep()
    assert len(scene.shown()) == 1
    assert (await scene.store.calendars.counts(scene.guild_id)).obstacle is None


async def test_a_permission_that_discord_misses_is_told_as_well(scene: CalendarScene) -> None:
    scene.chat.fault("POST", ".*/scheduled-events", code=50013)
    await scene.find(await scene.follow())
    await scene.keep()
    await scene.keep()

    assert len(scene.requests("POST")) == len(scene.told()) == 1
    scene.pass_time(11 * _MINUTE)
    await scene.keep()
    assert len(scene.shown()) == 1


@pytest.mark.parametrize(
    "fault",
    [{"drops": True}, {"status": 502}, {"status": 503}, {"status": 500, "is_html": True}],
    ids=["no answer", "502", "503", "a page"],
)
@pytest.mark.parametrize("when", ["before", "after"])
async def test_one_whose_making_was_not_answered_is_made_once(
    scene: CalendarScene, fault: dict[str, object], when: str
) -> None:
    scene.chat.fault("POST", ".*/scheduled-events", when=when, **fault)
    await scene.find(await scene.follow())
    await scene.keep()
    # discord.py would ask for it again by itself.
    assert len(scene.requests("POST")) == 1
    for _ in range(30):
        scene.pass_time(timedelta(seconds=2))
        await scene.keep()

    assert len(scene.ever()) == 1
    assert len(scene.requests("POST")) == (1 if when == "after" else 2)
    (kept,) = (await scene.work()).kept
    assert kept.scheduled_id == scene.ever()[0].id


@pytest.mark.parametrize("when", ["before", "after"])
async def test_one_is_made_once_though_the_process_died_between_making_and_storing(
    scene: CalendarScene, when: str
) -> None:
    fault = scene.chat.fault("POST", ".*/scheduled-events", when=when, hangs=True)
    await scene.find(await scene.follow())
    serving = asyncio.create_task(scene.calendar.serve())
    await fault.reached.wait()
    serving.cancel()
    await asyncio.wait([serving])
    fault.release()
    scene.chat.faults.clear()
    (begun,) = (await scene.work()).kept
    assert (begun.stage, begun.scheduled_id) == (ScheduledStage.BEGUN, None)

    scene.restart()
    await scene.see(scheduled_at=START + HOUR)
    for _ in range(10):
        await scene.keep()
        scene.pass_time(timedelta(seconds=2))
    (shown,) = scene.ever()
    assert shown.start == (START + HOUR).timestamp()


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_an_edit_whose_answer_was_lost_is_seen_when_the_plan_is_as_before(
    scene: CalendarScene, *, is_restarted: bool
) -> None:
    await scene.planned()
    (shown,) = scene.shown()
    scene.chat.fault("PATCH", ".*/scheduled-events/.*", when="after", drops=True)
    await scene.see(scheduled_at=START + HOUR)
    await scene.keep()
    assert shown.start == (START + HOUR).timestamp()
    if is_restarted:
        scene.restart()

    await scene.see(scheduled_at=START)
    for _ in range(10):
        scene.pass_time(_MINUTE)
        await scene.keep()
    assert shown.start == START.timestamp()


async def test_of_twins_one_stays(scene: CalendarScene) -> None:
    await scene.planned()
    (shown,) = scene.shown()
    twin = scene.chat.calendar.add(
        scene.guild.id,
        "Show 0",
        start=shown.start,
        end=shown.end,
        location=_LOCATION,
        by=scene.chat.bot,
    )
    theirs = scene.chat.calendar.add(
        scene.guild.id, "Show 0", start=shown.start, end=shown.end, location=_LOCATION
    )
    await scene.see(scheduled_at=START + HOUR)
    await scene.keep()

    assert set(scene.ever()) == {shown, theirs}
    assert twin not in scene.ever()


async def test_a_limit_is_waited_for(scene: CalendarScene) -> None:
    scene.chat.fault("POST", ".*/scheduled-events", retry_after_s=90.0)
    await scene.find(await scene.follow())
    await scene.keep()
    assert scene.shown() == []

    due = scene.calendar.due_at()
    assert due is not None
    scene.pass_time(timedelta(seconds=89))
    await scene.keep()
    assert scene.shown() == []
    scene.pass_time(timedelta(seconds=2))
    await scene.keep()
    assert len(scene.ever()) == 1


async def test_a_short_limit_makes_no_second_one(scene: CalendarScene) -> None:
    scene.chat.fault("POST", ".*/scheduled-events", retry_after_s=0.01)
    await scene.find(await scene.follow())
    await scene.keep()

    assert len(scene.ever()) == 1


async def test_what_discord_does_not_take_is_left_and_the_rest_goes_on(
    scene: CalendarScene,
) -> None:
    scene.chat.fault("POST", ".*/scheduled-events", code=50035)
    follow = await scene.follow()
    await scene.find(follow)
    await scene.find(follow, 1, start=START + HOUR)
    await scene.keep()
    scene.restart()
    await scene.keep()

    assert [one.name for one in scene.ever()] == ["Show 1"]
    assert scene.told() == []


async def test_an_edit_that_discord_does_not_take_is_not_asked_for_again(
    scene: CalendarScene,
) -> None:
    info = await scene.planned()
    scene.chat.fault("PATCH", ".*", code=50035)
    await scene.store.memory.refresh_object(replace(info, title="Bad"), scene.now)
    await scene.keep()
    assert len(scene.requests("PATCH")) == 1

    scene.chat.fault("PATCH", ".*", code=50035)
    await scene.see_cancelled()
    await scene.keep()
    assert len(scene.requests("PATCH")) == 2
    scene.pass_time(11 * _MINUTE)
    await scene.keep()
    assert [one.status for one in scene.ever()] == [ScheduledStatus.CANCELED]


@pytest.mark.parametrize("method", ["GET", "PATCH"])
async def test_what_fails_is_tried_again(scene: CalendarScene, method: str) -> None:
    await scene.planned()
    scene.chat.fault(method, ".*/scheduled-events.*", status=503)
    await scene.see(scheduled_at=START + HOUR)
    await scene.keep()
    (shown,) = scene.shown()
    assert shown.start == START.timestamp()

    scene.pass_time(2 * _MINUTE)
    await scene.keep()
    assert shown.start == (START + HOUR).timestamp()


async def test_one_that_goes_between_list_and_edit_was_taken_out(scene: CalendarScene) -> None:
    await scene.planned()
    scene.chat.fault("PATCH", ".*", code=10070)
    await scene.see(scheduled_at=START + HOUR)
    await scene.keep()

    assert (await scene.work()).kept[0].stage is ScheduledStage.CLOSED


async def test_a_list_that_cannot_be_read_changes_nothing(scene: CalendarScene) -> None:
    scene.chat.fault("GET", ".*/scheduled-events", status=200, body=[{"id": "x"}])
    await scene.find(await scene.follow())
    await scene.keep()
    assert scene.requests("POST") == []

    scene.pass_time(2 * _MINUTE)
    await scene.keep()
    assert len(scene.shown()) == 1


@pytest.mark.parametrize("status", [400, 403])
async def test_a_page_in_place_of_an_answer_is_no_verdict(
    scene: CalendarScene, status: int
) -> None:
    scene.chat.fault("POST", ".*/scheduled-events", status=status, is_html=True)
    await scene.find(await scene.follow())
    await scene.keep()
    assert scene.told() == []

    scene.pass_time(2 * _MINUTE)
    await scene.keep()
    assert len(scene.shown()) == 1
    assert await scene.store.calendars.counts(scene.guild_id) == CalendarCounts(made=1)


async def test_a_refusal_that_nobody_knows_is_tried_again_and_holds_up_no_other(
    scene: CalendarScene,
) -> None:
    body = {"message": "No.", "code": 987654}
    scene.chat.fault("POST", ".*/scheduled-events", status=400, body=body)
    follow = await scene.follow()
    await scene.find(follow)
    await scene.find(follow, 1, start=START + HOUR)
    await scene.keep()
    assert [one.name for one in scene.ever()] == ["Show 1"]

    scene.pass_time(11 * _MINUTE)
    await scene.keep()
    assert sorted(one.name for one in scene.ever()) == ["Show 0", "Show 1"]


@pytest.mark.parametrize("wrong", [{"is_cancelled": True}, {"is_over": True}])
async def test_one_wrong_answer_takes_nothing_out_of_the_calendar(
    scene: CalendarScene, wrong: dict[str, bool]
) -> None:
    await scene.planned()
    await scene.see(**wrong)
    await scene.keep()
    await scene.see(scheduled_at=START)
    await scene.keep()

    (only,) = scene.ever()
    assert only.status is ScheduledStatus.SCHEDULED
