"""Back-off and what ends a row of failures."""

import pytest

from cogs.twentythree.bayeux import RetryDelays
from cogs.twentythree.bayeux.retrying import Attempts


@pytest.mark.parametrize(
    ("failures", "delay"),
    [(0, 0.0), (1, 0.0), (2, 0.25), (9, 0.25), (10, 0.5), (11, 1.0), (16, 30.0), (10**9, 30.0)],
)
def test_the_first_retry_is_at_once_some_are_quick_and_later_ones_double_up_to_the_cap(
    failures: int, delay: float
) -> None:
    assert RetryDelays().delay(failures, 1.0) == delay


def test_quick_retries_wait_at_least_half_of_their_time_and_later_ones_any_part() -> None:
    assert RetryDelays().delay(2, 0.0) == 0.125
    assert RetryDelays().delay(16, 0.0) == 0.0
    assert RetryDelays().delay(16, 0.5) == 15.0


def test_a_session_that_lasted_ends_the_row_of_failures() -> None:
    attempts = Attempts(RetryDelays(quick=0), 2.0, lambda: 1.0)
    assert [attempts.failed(now) for now in (1.0, 2.0, 3.0)] == [0.0, 0.5, 1.0]

    attempts.succeeded(10.0)
    attempts.succeeded(11.9)

    assert attempts.failed(12.0) == 0.0


def test_a_session_that_did_not_last_does_not() -> None:
    attempts = Attempts(RetryDelays(quick=0), 2.0, lambda: 1.0)
    attempts.failed(1.0)

    attempts.succeeded(10.0)

    assert attempts.failed(11.0) == 0.5
    assert attempts.failed(99.0) == 1.0
