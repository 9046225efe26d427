"""Calendars to decide about: a live event, what is kept of it, and what Discord lists."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cogs.twentythree.domain.calendar import (
    CalendarFields,
    CoveredEvent,
    KeptScheduled,
    ScheduledEvent,
    ScheduledKey,
    ScheduledStage,
    ScheduledStatus,
)
from cogs.twentythree.domain.model import LivePhase, LiveState
from cogs.twentythree.embeds.calendar_fields import calendar_fields
from tests.fakes.notices import WEBINAR

NOW = datetime(2030, 1, 2, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
START = NOW + 24 * HOUR
SOON = LiveState(phase=LivePhase.SOON, scheduled_at=START)
KEY = ScheduledKey(WEBINAR.object_id, 1)
SCHEDULED_ID = 2**60


def covered(state: LiveState = SOON, *, is_gone: bool = False, **values: Any) -> CoveredEvent:
    return CoveredEvent(info=replace(WEBINAR, **values), state=state, is_gone=is_gone)


def said_of(event: CoveredEvent | None = None, **values: Any) -> CalendarFields:
    said = calendar_fields(event or covered())
    assert said is not None
    return replace(said, **values)


def kept(
    stage: ScheduledStage = ScheduledStage.MADE,
    status: ScheduledStatus = ScheduledStatus.SCHEDULED,
    **said: Any,
) -> KeptScheduled:
    return KeptScheduled(
        key=KEY,
        stage=stage,
        said=said_of(**said),
        status=status,
        scheduled_id=SCHEDULED_ID if stage is ScheduledStage.MADE else None,
    )


def there(
    status: ScheduledStatus = ScheduledStatus.SCHEDULED,
    *,
    scheduled_id: int = SCHEDULED_ID,
    is_ours: bool = True,
    **said: Any,
) -> ScheduledEvent:
    return ScheduledEvent(
        scheduled_id=scheduled_id, status=status, said=said_of(**said), is_ours=is_ours
    )
