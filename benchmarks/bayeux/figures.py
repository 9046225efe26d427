"""Medians, percentiles and ratios; nothing here knows where a figure comes from."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum


class Better(Enum):
    """Which figures are the better ones."""

    MORE = "more"
    LESS = "less"


@dataclass(slots=True, kw_only=True)
class Row:
    """One measure: the figures of each contestant's runs, and what kept a run from having one.

    What is wanted of ours: ``goals``, the least advantage over each peer, and ``limit``, the
    worst median.
    """

    label: str
    unit: str
    better: Better
    values: dict[str, list[float]] = field(default_factory=dict)
    notes: dict[str, list[str]] = field(default_factory=dict)
    goals: dict[str, float] = field(default_factory=dict)
    limit: float | None = None

    def add(self, contestant: str, value: float) -> None:
        self.values.setdefault(contestant, []).append(value)

    def note(self, contestant: str, why: str) -> None:
        self.notes.setdefault(contestant, []).append(why)

    def median(self, contestant: str) -> float | None:
        values = self.values.get(contestant)
        return statistics.median(values) if values else None

    def advantage(self, ours: str, peer: str) -> float | None:
        """How many times better ``ours`` is than ``peer``; below 1 it is worse."""
        mine, theirs = self.median(ours), self.median(peer)
        if mine is None or theirs is None or min(mine, theirs) <= 0:
            return None
        return mine / theirs if self.better is Better.MORE else theirs / mine


def verdicts(row: Row, ours: str) -> list[tuple[str, bool | None]]:
    """Each goal of ``row`` and whether ours meets it; ``None``: a figure is missing."""
    found: list[tuple[str, bool | None]] = []
    median = row.median(ours)
    if row.limit is not None:
        found.append(
            (f"at most {shown(row.limit)}", None if median is None else median <= row.limit)
        )
    for peer, least in row.goals.items():
        advantage = row.advantage(ours, peer)
        is_met = None if advantage is None else advantage >= least
        found.append((f"x{shown(least)} {peer}", is_met))
    return found


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest of ``values`` that at least ``percent`` % of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Losses:
    """What became of numbered events."""

    lost: int
    repeated: int


def losses(published: int, received: Iterable[int]) -> Losses:
    """Compare the numbers ``received`` with 0 … ``published`` - 1."""
    numbers = list(received)
    distinct = set(numbers) & set(range(published))
    return Losses(lost=published - len(distinct), repeated=len(numbers) - len(set(numbers)))


def shown(value: float) -> str:
    """Three significant digits, thousands apart."""
    if value == 0:
        return "0"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:.{digits}f}"
