"""A clock that can be put forward."""

from datetime import UTC, datetime

from sandbox.gallery.movable_clock import MovableClock


def test_it_begins_in_the_afternoon_and_runs_and_is_put_forward() -> None:
    real = datetime(2030, 5, 1, 23, 59, tzinfo=UTC).timestamp()
    seconds = 0.0
    clock = MovableClock(lambda: real + seconds)

    assert datetime.fromtimestamp(clock.now(), UTC) == datetime(2030, 5, 2, 14, 0, 5, tzinfo=UTC)
    seconds = 2.0
    clock.forward(hours=1, minutes=5)
    assert datetime.fromtimestamp(clock.now(), UTC) == datetime(2030, 5, 2, 15, 5, 7, tzinfo=UTC)


def test_it_begins_with_the_other_clock_where_nothing_is_to_differ() -> None:
    clock = MovableClock(lambda: 7.0, is_timely=True)

    assert clock.now() == 7.0
