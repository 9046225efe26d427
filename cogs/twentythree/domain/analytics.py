"""How many are watching, from messages of the analytics service, whose payloads nobody documents.

What can be read of them fills the gaps between our own looks. Nothing depends on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from .scalars import moment, whole
from .series import Sample
from .shapes import json_in

_VIEWERS = ("current_viewers", "viewers", "viewer_count")
_TIMES = ("time_epoch", "epoch", "timestamp", "date_epoch", "time")
_WRAPPERS = ("data", "rows", "samples")
_MAX_DEPTH = 4
_MAX_ITEMS = 1_500


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
