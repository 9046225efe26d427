"""When a live event must be looked at by itself, and when its recording is sought."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from .live import is_near
from .model import LivePhase, LiveState, ObjectId

RECORDING_WITHIN = timedelta(hours=48)
_FIRST_WAIT = timedelta(minutes=1)
# A quarter of the time since the end: some forty looks in all.
_PATIENCE = 4
# The platform's clock and ours differ, and so may the times of a broadcast and its recording.
_CLOCKS_DIFFER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A video that the workspace made of a live event. ``created_at``: ``None`` is not known."""

    object_id: ObjectId
    url: str
    created_at: datetime | None


def is_watched(state: LiveState, now: datetime) -> bool:
    """Tell whether the event changes by the minute.

    It does on air, when it has only just ended, and when its planned start comes near.
    """
    if state.phase is LivePhase.SOON:
        return is_near(state.scheduled_at, now) and not state.is_near
    is_ending = state.phase is LivePhase.ENDED and not state.is_settled
    return state.phase is LivePhase.LIVE or is_ending


def is_recording_due(state: LiveState, last_look: datetime | None, now: datetime) -> bool:
    """Tell whether to look for the recording now.

    Looks become rarer with the time since the end, and cease two days after it. ``last_look`` is
    ``None`` where nobody has looked yet.
    """
    if state.phase is not LivePhase.ENDED or state.recording_url or state.ended_at is None:
        return False
    if not state.is_settled or now - state.ended_at > RECORDING_WITHIN:
        return False
    if last_look is None:
        return True
    return now - last_look >= max(_FIRST_WAIT, (last_look - state.ended_at) / _PATIENCE)


def recording_of(found: Iterable[Recording], state: LiveState) -> Recording | None:
    """Return the newest recording that can be one of this broadcast."""
    began = state.started_at
    fitting = [
        one
        for one in found
        if one.created_at is None or began is None or one.created_at >= began - _CLOCKS_DIFFER
    ]
    return max(fitting, key=lambda one: one.object_id, default=None)
