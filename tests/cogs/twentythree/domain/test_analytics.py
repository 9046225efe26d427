from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.twentythree.domain.series import Sample, samples_in

NOW = datetime(2030, 1, 2, 12, tzinfo=UTC)
THEN = NOW - timedelta(minutes=5)
EPOCH = int(THEN.timestamp())


def sample(viewers: int, at: datetime = NOW) -> Sample:
    return Sample(at=at, viewers=viewers, comments=None)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({"current_viewers": "5"}, [sample(5)]),
        ({"viewers": 5, "timestamp": EPOCH}, [sample(5, THEN)]),
        ({"viewer_count": 0, "time_epoch": str(EPOCH)}, [sample(0, THEN)]),
        ([{"viewers": 1}, {"viewers": 2}], [sample(1), sample(2)]),
        ({"data": {"rows": [{"viewers": 3}]}}, [sample(3)]),
        ('{"viewers": 4}', [sample(4)]),
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
