"""How broadcasts go, minute by minute: the samples that are kept, and the series made of them.

The functions work in somebody else's transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import Connection, func, select

from ..domain import series
from ..domain.board_view import Series
from ..domain.model import LivePhase, LiveState, ObjectId
from ..domain.series import Sample
from .sql import insert_missing, remove, upsert
from .tables import samples

# A day; what is on air for longer is a channel, and nobody reads its chart to the minute.
_MOST_SAMPLES = 1_440
_MINUTE_S = 60
# By so much what realtime tells of viewers may be more than was ever seen.
_FEW_VIEWERS, _TIMES_THE_PEAK = 100, 3
# What a column holds; an odd answer may count more.
_MOST_COUNTED = 2**31 - 1


def keep_sample(
    connection: Connection, object_id: ObjectId, state: LiveState, sample: Sample
) -> None:
    """Keep a sample of the broadcast that is on air; of a minute the last one counts."""
    if state.phase is not LivePhase.LIVE:
        return
    of_object, minute = samples.c.object_id == object_id, _minute(sample.at)
    remove(connection, samples, of_object, samples.c.broadcast != state.broadcast)
    remove(connection, samples, of_object, samples.c.minute <= minute - _MOST_SAMPLES)
    upsert(connection, samples, [_sample_row(object_id, state, sample)])


def fill_samples(
    connection: Connection, object_id: ObjectId, state: LiveState, found: Iterable[Sample]
) -> list[Sample]:
    """Keep samples of the broadcast that is on air, of minutes that have none; others are lost.

    Returns those that were kept. Anybody may publish some: what is far above all that was seen is
    left out.
    """
    if state.phase is not LivePhase.LIVE or state.started_at is None:
        return []
    first = _minute(state.started_at)
    most = max(_FEW_VIEWERS, _TIMES_THE_PEAK * (state.viewers_peak or 0))
    likely = [one for one in found if one.viewers is None or one.viewers <= most]
    inside = [one for one in likely if _minute(one.at) >= first][-_MOST_SAMPLES:]
    rows = [_sample_row(object_id, state, one) for one in inside]
    kept = {row.minute for row in insert_missing(connection, samples, rows, samples.c.minute)}
    return [one for one in inside if _minute(one.at) in kept]


def _sample_row(object_id: ObjectId, state: LiveState, sample: Sample) -> dict[str, int | None]:
    return {
        "object_id": object_id,
        "broadcast": state.broadcast,
        "minute": _minute(sample.at),
        "viewers": _countable(sample.viewers),
        "comments": _countable(sample.comments),
    }


def _countable(count: int | None) -> int | None:
    return None if count is None else max(0, min(count, _MOST_COUNTED))


def series_of(
    connection: Connection, object_id: ObjectId, state: LiveState, *, until: datetime | None = None
) -> Series | None:
    """Return how the broadcast of this state went, as far as it was looked at.

    ``until``: where it has not ended yet, it is told how it goes up to then.
    """
    ended_at = state.ended_at or until
    if state.started_at is None or ended_at is None:
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
    return series.series_of(found, began, ended_at, peak=state.viewers_peak)


def most_comments(connection: Connection, object_id: ObjectId) -> int:
    """Return how many comments the event was last seen to have, while it was on air."""
    query = select(func.max(samples.c.comments)).where(samples.c.object_id == object_id)
    return connection.scalar(query) or 0


def _minute(moment: datetime) -> int:
    return int(moment.timestamp()) // _MINUTE_S


def _time(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * _MINUTE_S, UTC)
