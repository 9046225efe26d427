"""Back-off and what ends a row of failures."""

import pytest

from cogs.twentythree.bayeux import Backoff
from cogs.twentythree.bayeux.backoff import Attempts


@pytest.mark.parametrize(
    ("failures", "delay"), [(0, 0.0), (1, 0.0), (2, 0.25), (3, 0.5), (9, 30.0), (10**9, 30.0)]
)
def test_the_first_retry_is_at_once_and_later_ones_double_up_to_the_cap(
    failures: int, delay: float
) -> None:
    assert Backoff().delay(failures, 1.0) == delay


def test_the_jitter_is_full() -> None:
    assert Backoff().delay(9, 0.0) == 0.0
    assert Backoff().delay(9, 0.5) == 15.0


def test_a_session_that_lasted_ends_the_row_of_failures() -> None:
    attempts = Attempts(Backoff(), 2.0, lambda: 1.0)
    assert [attempts.failed(now) for now in (1.0, 2.0, 3.0)] == [0.0, 0.25, 0.5]

    attempts.succeeded(10.0)
    attempts.succeeded(11.9)

    assert attempts.failed(12.0) == 0.0


def test_a_session_that_did_not_last_does_not() -> None:
    attempts = Attempts(Backoff(), 2.0, lambda: 1.0)
    attempts.failed(1.0)

    attempts.succeeded(10.0)

    assert attempts.failed(11.0) == 0.25
    assert attempts.failed(99.0) == 0.5
