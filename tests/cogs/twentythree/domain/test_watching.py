from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from cogs.twentythree.domain.live import (
    RECORDING_WITHIN,
    Recording,
    is_recording_due,
    is_watched,
    recording_of,
)
from cogs.twentythree.domain.model import LivePhase, LiveState, ObjectId

END = datetime(2030, 1, 2, 12, tzinfo=UTC)
LIVE = LiveState(phase=LivePhase.LIVE, broadcast=1, started_at=END - timedelta(hours=1))
ENDING = replace(LIVE, phase=LivePhase.ENDED, ended_at=END)
SETTLED = replace(ENDING, is_settled=True)


def after(minutes: float) -> datetime:
    return END + timedelta(minutes=minutes)


def recording(number: int, created_at: datetime | None = None) -> Recording:
    return Recording(object_id=ObjectId(number), url=f"https://x/{number}", created_at=created_at)


@pytest.mark.parametrize(
    ("state", "is_so"),
    [
        (LIVE, True),
        (ENDING, True),
        (SETTLED, False),
        (LiveState(), False),
        (LiveState(phase=LivePhase.SOON, scheduled_at=after(61)), False),
        (LiveState(phase=LivePhase.SOON, scheduled_at=after(60)), True),
        (LiveState(phase=LivePhase.SOON, scheduled_at=after(60), is_near=True), False),
    ],
    ids=["live", "ending", "settled", "idle", "planned", "comes near", "is known to be near"],
)
def test_what_changes_by_the_minute_is_watched(state: LiveState, *, is_so: bool) -> None:
    assert is_watched(state, END) is is_so


def test_a_recording_is_sought_ever_more_rarely_for_two_days() -> None:
    looks: list[datetime] = []
    for minute in range(4, 3 * 24 * 60):
        if is_recording_due(SETTLED, looks[-1] if looks else None, after(minute)):
            looks.append(after(minute))

    assert looks[0] == after(4)
    assert looks[1] == after(5)
    assert looks[-1] <= END + RECORDING_WITHIN
    assert len(looks) < 45
    gaps = [later - earlier for earlier, later in pairwise(looks)]
    assert gaps == sorted(gaps)


@pytest.mark.parametrize(
    "state",
    [
        LIVE,
        ENDING,
        replace(SETTLED, recording_url="https://x/1"),
        replace(SETTLED, ended_at=None),
        replace(SETTLED, phase=LivePhase.SOON),
    ],
    ids=["live", "ending", "found", "missed", "planned"],
)
def test_of_anything_else_no_recording_is_sought(state: LiveState) -> None:
    assert not is_recording_due(state, None, after(10))


def test_the_newest_recording_of_this_broadcast_is_taken() -> None:
    old = recording(3, END - timedelta(days=7))

    assert recording_of([], SETTLED) is None
    assert recording_of([old], SETTLED) is None
    assert recording_of([old, recording(1, END), recording(2, END)], SETTLED) == recording(2, END)


def test_a_recording_whose_time_is_not_told_is_taken_at_its_word() -> None:
    assert recording_of([recording(1)], SETTLED) == recording(1)
    untold = replace(SETTLED, started_at=None)
    assert recording_of([recording(1, END - timedelta(days=9))], untold) is not None
