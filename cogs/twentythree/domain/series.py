"""How a broadcast went: from samples, a minute or so apart, to a bounded series and its line.

A sample tells how many are watching and how many comments the event has had. Comments of a
minute are differences between such counts, spread over the time between them: where nobody
looked for a while, what was written meanwhile is not heaped on one minute.

Samples come of our own looks, and of messages of the analytics service, whose payloads nobody
documents: what can be read of them fills the gaps. Nothing depends on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from math import ceil

from .decoding import json_in
from .fields import moment, whole
from .shown import Series

MOST_STEPS = 120
_MIN_SAMPLES = 2
_BARS = "▁▂▃▄▅▆▇█"
_GAP = " "

_VIEWERS = ("current_viewers", "viewers", "viewer_count")
_TIMES = ("time_epoch", "epoch", "timestamp", "date_epoch", "time")
_WRAPPERS = ("data", "rows", "samples")
_MAX_DEPTH = 4
_MAX_ITEMS = 1_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One look at a broadcast. ``comments`` counts all there are; ``None``: not known."""

    at: datetime
    viewers: int | None
    comments: int | None


def series_of(
    samples: Iterable[Sample],
    started_at: datetime,
    ended_at: datetime,
    *,
    peak: int | None = None,
    most_steps: int = MOST_STEPS,
) -> Series | None:
    """Return the series of a broadcast, ``None`` where fewer than two samples lie within it.

    ``peak``: the most viewers that were seen, if need be between two samples; the series, which
    is shown beside it, has no other.
    """
    inside = sorted(
        (one for one in samples if started_at <= one.at <= ended_at), key=lambda one: one.at
    )
    if len(inside) < _MIN_SAMPLES:
        return None
    step_min = max(1, ceil(_minutes(started_at, ended_at) / most_steps))
    steps = int(_minutes(started_at, ended_at) / step_min) + 1
    return Series(
        started_at=started_at,
        step_min=step_min,
        viewers=_up_to(peak, _viewers(inside, started_at, step_min, steps)),
        comments=_comments(inside, started_at, step_min, steps),
    )


def sparkline(values: Sequence[float | None], *, width: int = 24) -> str:
    """Return values as a line of bars, at most ``width`` of them; what is not known is a gap."""
    shown = _narrowed(values, width)
    top = max((value for value in shown if value is not None), default=0)
    return "".join(_bar(value, top) for value in shown)


def _bar(value: float | None, top: float) -> str:
    if value is None:
        return _GAP
    return _BARS[round(value / top * (len(_BARS) - 1))] if top else _BARS[0]


def _narrowed(values: Sequence[float | None], width: int) -> list[float | None]:
    """Return at most ``width`` values, each the highest of its neighbours."""
    share = max(1, ceil(len(values) / width))
    groups = (values[start : start + share] for start in range(0, len(values), share))
    return [max((one for one in group if one is not None), default=None) for group in groups]


def _viewers(
    samples: Sequence[Sample], started_at: datetime, step_min: int, steps: int
) -> tuple[int | None, ...]:
    found: list[int | None] = [None] * steps
    for one in samples:
        step = int(_minutes(started_at, one.at) / step_min)
        if one.viewers is not None:
            found[step] = max(one.viewers, found[step] or 0)
    return tuple(found)


def _up_to(peak: int | None, viewers: tuple[int | None, ...]) -> tuple[int | None, ...]:
    most = max((count for count in viewers if count is not None), default=None)
    if peak is None or most is None or peak <= most:
        return viewers
    highest = viewers.index(most)
    return (*viewers[:highest], peak, *viewers[highest + 1 :])


def _comments(
    samples: Sequence[Sample], started_at: datetime, step_min: int, steps: int
) -> tuple[float | None, ...]:
    counted = [
        (_minutes(started_at, one.at), one.comments) for one in samples if one.comments is not None
    ]
    written: list[float | None] = [None] * steps
    for (begin, before), (end, after) in pairwise(counted):
        # Deletions make a count fall; nobody wrote less than nothing.
        rate = max(0, after - before) / max(end - begin, 1 / 60)
        for step in range(int(begin / step_min), int(end / step_min) + 1):
            inside = min(end, (step + 1) * step_min) - max(begin, step * step_min)
            written[step] = (written[step] or 0) + rate * inside
    return tuple(None if count is None else round(count / step_min, 1) for count in written)


def _minutes(begin: datetime, end: datetime) -> float:
    return (end - begin).total_seconds() / 60


# Messages of the analytics service.


def samples_in(data: object, now: datetime) -> list[Sample]:
    """Return the counts of viewers in a message; never raises.

    Takes an object, a list, a wrapper and JSON in a string, within bounds. A count without a time
    is of ``now``; one of the future, or below zero, is none.
    """
    return [one for one in _samples(data, now, _MAX_DEPTH) if one.at <= now]


def _samples(data: object, now: datetime, depth: int) -> Iterator[Sample]:
    match data:
        case str() if depth:
            yield from _samples(json_in(data), now, depth - 1)
        case list() if depth:
            for item in data[:_MAX_ITEMS]:
                yield from _samples(item, now, depth - 1)
        case Mapping():
            yield from _in_row(data, now)
            for key in _WRAPPERS if depth else ():
                yield from _samples(data.get(key), now, depth - 1)
        case _:
            return


def _in_row(row: Mapping[str, object], now: datetime) -> Iterator[Sample]:
    viewers = next((whole(row[key]) for key in _VIEWERS if key in row), None)
    at = next((moment(row[key]) for key in _TIMES if key in row), now)
    # A time that cannot be read is not now.
    if viewers is not None and viewers >= 0 and at is not None:
        yield Sample(at=at, viewers=viewers, comments=None)
