"""How broadcasts go: a row a minute while one is on air, and what was found of it afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from ..domain import series
from ..domain.model import LivePhase, LiveState, ObjectId, Series
from ..domain.series import Sample
from .sql import insert_missing, remove, upsert
from .tables import samples

# A day; what is on air for longer is a channel, and nobody reads its chart to the minute.
MOST_SAMPLES = 1_440
_MINUTE_S = 60


def keep_sample(
    connection: Connection, object_id: ObjectId, state: LiveState, sample: Sample
) -> None:
    """Keep a sample of the broadcast that is on air; of a minute the last one counts."""
    if state.phase is not LivePhase.LIVE:
        return
    of_object, minute = samples.c.object_id == object_id, _minute(sample.at)
    remove(connection, samples, of_object, samples.c.broadcast != state.broadcast)
    remove(connection, samples, of_object, samples.c.minute <= minute - MOST_SAMPLES)
    upsert(connection, samples, [_row(object_id, state, sample)])


def fill_samples(
    connection: Connection, object_id: ObjectId, state: LiveState, found: Iterable[Sample]
) -> list[Sample]:
    """Keep samples of the broadcast that is on air, of minutes that have none; others are lost.

    Returns those that were kept.
    """
    if state.phase is not LivePhase.LIVE or state.started_at is None:
        return []
    first = _minute(state.started_at)
    inside = [one for one in found if _minute(one.at) >= first][-MOST_SAMPLES:]
    rows = [_row(object_id, state, one) for one in inside]
    kept = {row.minute for row in insert_missing(connection, samples, rows, samples.c.minute)}
    return [one for one in inside if _minute(one.at) in kept]


def _row(object_id: ObjectId, state: LiveState, sample: Sample) -> dict[str, int | None]:
    return {
        "object_id": object_id,
        "broadcast": state.broadcast,
        "minute": _minute(sample.at),
        "viewers": sample.viewers,
        "comments": sample.comments,
    }


def series_of(connection: Connection, object_id: ObjectId, state: LiveState) -> Series | None:
    """Return how the broadcast of this state went, as far as it was looked at."""
    if state.started_at is None or state.ended_at is None:
        return None
    query = select(samples).where(
        samples.c.object_id == object_id, samples.c.broadcast == state.broadcast
    )
    found = [
        Sample(at=_time(row.minute), viewers=row.viewers, comments=row.comments)
        for row in connection.execute(query)
    ]
    # A sample stands for its minute, which may have begun before the broadcast did.
    began = state.started_at.replace(second=0, microsecond=0)
    return series.series_of(found, began, state.ended_at, peak=state.viewers_peak)


def _minute(moment: datetime) -> int:
    return int(moment.timestamp()) // _MINUTE_S


def _time(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * _MINUTE_S, UTC)
