"""A scheduled event over the life of its live event, and over the death of the bot."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from sandbox.chat import Scheduled, ScheduledStatus
from sandbox.workspace import ChannelPlace
from tests.fakes.stage import Stage

_HOUR_S = 3_600.0


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncGenerator[Stage]:
    async with Stage(tmp_path) as built:
        # Without realtime for comments, events are read as often as may be.
        built.workspace.options.place = ChannelPlace.NOWHERE
        yield built


def shown(stage: Stage) -> list[Scheduled]:
    return stage.chat.calendar.all(stage.guild.id)


async def test_a_scheduled_event_is_made_once_though_the_bot_was_killed_before_it_knew(
    stage: Stage,
) -> None:
    room, changes = stage.room(), stage.workspace.changes
    live = stage.workspace.state.add_live("The launch")
    start = int(stage.workspace.options.now() + _HOUR_S)
    await changes.schedule(live.object_id, start)
    making = stage.chat.fault("POST", ".*/scheduled-events", when="after", hangs=True)
    async with stage.bot(
        TWENTYTHREE_FOLLOW_SECONDS="0.2",
        TWENTYTHREE_SAME_BROADCAST_SECONDS="0.5",
        TWENTYTHREE_REQUESTS_PER_MINUTE="6000",
    ) as bot:
        await stage.until_ready()
        assert "- Planned events are " in await stage.command(room, "follow", calendar="on")
        await making.reached.wait()
        await bot.kill()
        making.release()
        (one,) = shown(stage)
        assert (one.name, one.start) == ("The launch", start)

        await bot.start()
        await changes.schedule(live.object_id, start + _HOUR_S)
        await stage.chat.wait_for(lambda: one.start == start + _HOUR_S)
        await stage.until_status(room, "Scheduled events in the calendar: 1")
        await changes.go_live(live.object_id)
        await stage.chat.wait_for(lambda: one.status is ScheduledStatus.ACTIVE)
        await changes.end_broadcast(live.object_id)
        await stage.chat.wait_for(lambda: one.status is ScheduledStatus.COMPLETED)
        assert await bot.terminate() == 0
    assert shown(stage) == [one]
