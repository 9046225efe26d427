from __future__ import annotations

import pytest

from benchmarks.bayeux import events
from benchmarks.bayeux.figures import Better, Losses, Row, losses, percentile, shown
from benchmarks.bayeux.plan import FULL, QUICK
from benchmarks.bayeux.processes import OURS
from benchmarks.bayeux.table import table


def row(better: Better, **values: list[float]) -> Row:
    return Row(label="a measure", unit="s", better=better, values=values)


def test_a_percentile_is_a_value_that_was_measured() -> None:
    values = [float(n) for n in range(100, 0, -1)]
    assert [percentile(values, p) for p in (0, 50, 99, 100)] == [1.0, 50.0, 99.0, 100.0]
    assert percentile([7.0], 50) == 7.0


@pytest.mark.parametrize(
    ("published", "received", "fate"),
    [
        (3, [0, 1, 2], Losses(lost=0, repeated=0)),
        (3, [2, 0], Losses(lost=1, repeated=0)),
        (3, [0, 0, 1, 0], Losses(lost=1, repeated=2)),
        (2, [], Losses(lost=2, repeated=0)),
        # Published between the last look and the end: no loss.
        (2, [0, 1, 2], Losses(lost=0, repeated=0)),
    ],
)
def test_losses_are_told_from_repetitions(
    published: int, received: list[int], fate: Losses
) -> None:
    assert losses(published, received) == fate


def test_an_advantage_above_one_is_always_ours() -> None:
    assert row(Better.MORE, a=[300.0], b=[100.0]).advantage("a", "b") == 3.0
    assert row(Better.LESS, a=[300.0], b=[100.0]).advantage("a", "b") == pytest.approx(1 / 3)


def test_there_is_no_ratio_to_nothing() -> None:
    assert row(Better.LESS, a=[1.0]).advantage("a", "b") is None
    assert row(Better.LESS, a=[0.0], b=[5.0]).advantage("a", "b") is None


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.01234, "0.0123"), (1.0, "1.00"), (45.678, "45.7"), (104321.7, "104,322")],
)
def test_a_figure_has_three_digits(value: float, text: str) -> None:
    assert shown(value) == text


def test_a_line_has_medians_ranges_ratios_and_what_was_not_measured() -> None:
    measured = row(Better.LESS, ours=[3.0, 1.0, 2.0], peer=[8.0])
    measured.goals.update({"peer": 5, "absent": 1})
    measured.limit = 2
    measured.note("other", "not within 9 s")
    measured.note("other", "not within 9 s")
    last = table([measured], ["ours", "peer", "other", "absent"]).splitlines()[-1]
    assert last == (
        "| a measure | s | **2.00** [1.00-3.00] | **8.00** x4.00 | not within 9 s (2 runs) | - "
        "| at most 2.00: met; x5.00 peer: **missed**; x1.00 absent: unknown |"
    )


def test_an_event_is_as_long_as_is_claimed() -> None:
    comment = events.comment()
    for channel in events.channels(3):
        assert len(events.frame(channel, comment)) == events.FRAME_BYTES


def test_channels_differ() -> None:
    assert len(set(events.channels(10_000))) == 10_000


def test_a_quick_run_is_shorter_in_everything() -> None:
    assert QUICK.runs < FULL.runs
    assert QUICK.replayed < FULL.replayed
    assert QUICK.half_open_bound_s < FULL.half_open_bound_s
    assert OURS == "ours"
