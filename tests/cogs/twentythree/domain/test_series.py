from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.twentythree.domain.series import MOST_STEPS, Sample, samples_in, series_of, sparkline

START = datetime(2030, 1, 2, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def sample(minute: float, viewers: int | None = None, comments: int | None = None) -> Sample:
    return Sample(at=at(minute), viewers=viewers, comments=comments)


def test_each_minute_has_its_viewers_and_what_was_written_in_it() -> None:
    found = series_of([sample(0, 5, 10), sample(1, 9, 12), sample(2, 7, 12)], START, at(3))

    assert found is not None
    assert (found.started_at, found.step_min) == (START, 1)
    assert found.viewers == (5, 9, 7, None)
    assert found.comments == (2, 0, 0, None)


def test_what_was_written_while_nobody_looked_is_spread_over_that_time() -> None:
    found = series_of([sample(0, 1, 0), sample(4, 1, 8)], START, at(4))

    assert found is not None
    assert found.comments == (2, 2, 2, 2, 0)
    assert found.viewers == (1, None, None, None, 1)


def test_deletions_do_not_count_as_less_than_nothing() -> None:
    found = series_of([sample(0, 1, 9), sample(1, 1, 3)], START, at(1))

    assert found is not None
    assert found.comments[0] == 0


@pytest.mark.parametrize(
    "samples",
    [[], [sample(0, 1)], [sample(-2, 1), sample(1, 1), sample(9, 1)]],
    ids=["none", "one", "outside"],
)
def test_two_samples_within_the_broadcast_are_needed(samples: list[Sample]) -> None:
    assert series_of(samples, START, at(3)) is None


def test_what_was_not_told_is_not_known() -> None:
    found = series_of([sample(0), sample(1), sample(2, 4)], START, at(2))

    assert found is not None
    assert found.viewers == (None, None, 4)
    assert found.comments == (None, None, None)


def test_the_peak_that_was_seen_between_two_samples_is_where_most_were() -> None:
    seen = [sample(0, viewers=3), sample(1, viewers=9), sample(2, viewers=4)]

    found = series_of(seen, at(0), at(3), peak=12)

    assert found is not None
    assert max(count for count in found.viewers if count is not None) == 12
    assert found.viewers.index(12) == 1


def test_a_long_broadcast_has_longer_steps_with_the_most_viewers_of_each() -> None:
    found = series_of([sample(m, m, m * 3) for m in range(601)], START, at(600))

    assert found is not None
    assert found.step_min == 5
    assert found.viewers[:2] == (4, 9)
    assert found.comments[:2] == (3, 3)


@given(
    st.lists(
        st.builds(
            sample,
            st.floats(0, 5000),
            st.none() | st.integers(0, 10**6),
            st.none() | st.integers(0, 10**6),
        ),
        max_size=50,
    ),
    st.floats(0, 5000),
)
def test_a_series_is_bounded_and_nothing_in_it_is_negative(
    samples: list[Sample], minutes: float
) -> None:
    found = series_of(samples, START, at(minutes))

    if found is not None:
        assert len(found.viewers) == len(found.comments) <= MOST_STEPS + 1
        assert all(value is None or value >= 0 for value in (*found.viewers, *found.comments))


def test_a_line_of_bars_is_as_high_as_its_highest_value() -> None:
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7]) == "▁▂▃▄▅▆▇█"
    assert sparkline([0, None, 0]) == "▁ ▁"
    assert sparkline([None]) == " "
    assert sparkline([]) == ""


def test_a_line_of_bars_is_narrow_and_keeps_the_peaks() -> None:
    line = sparkline([0] * 50 + [9] + [0] * 49, width=10)

    assert len(line) == 10
    assert line.index("█") == 5


NOW = datetime(2030, 1, 2, 12, tzinfo=UTC)
THEN = NOW - timedelta(minutes=5)
EPOCH = int(THEN.timestamp())


def counted(viewers: int, at: datetime = NOW) -> Sample:
    return Sample(at=at, viewers=viewers, comments=None)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({"current_viewers": "5"}, [counted(5)]),
        ({"viewers": 5, "timestamp": EPOCH}, [counted(5, THEN)]),
        ({"viewer_count": 0, "time_epoch": str(EPOCH)}, [counted(0, THEN)]),
        ([{"viewers": 1}, {"viewers": 2}], [counted(1), counted(2)]),
        ({"data": {"rows": [{"viewers": 3}]}}, [counted(3)]),
        ('{"viewers": 4}', [counted(4)]),
    ],
    ids=["now", "then", "none watching", "list", "wrapper", "string"],
)
def test_counts_are_read_in_any_shape(data: Any, found: list[Sample]) -> None:
    assert samples_in(data, NOW) == found


@pytest.mark.parametrize(
    "data",
    [
        None,
        "words",
        {"viewers": -1},
        {"viewers": "many"},
        {"viewers": 5, "time": "yesterday"},
        {"viewers": 5, "epoch": EPOCH + 86_400},
        [[[[[{"viewers": 5}]]]]],
        {"data": {"data": {"data": {"data": {"data": {"viewers": 5}}}}}},
    ],
)
def test_what_cannot_be_read_is_left_alone(data: Any) -> None:
    assert samples_in(data, NOW) == []


KEYS = ["viewers", "data", "time"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["viewers", "data", "time"]), inner)
    ),
    max_leaves=20,
)


@given(JSON)
def test_no_message_does_any_harm(data: Any) -> None:
    assert all(one.viewers is not None and one.viewers >= 0 for one in samples_in(data, NOW))
