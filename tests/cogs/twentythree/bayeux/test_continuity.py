"""The account of what may have been missed."""

from cogs.twentythree.bayeux import Gap
from cogs.twentythree.bayeux.continuity import Continuity
from cogs.twentythree.bayeux.messages import MetaChannel
from cogs.twentythree.bayeux.requests import PendingRequest


def _connect(asked_at: float) -> PendingRequest:
    return PendingRequest(kind=MetaChannel.CONNECT, asked_at=asked_at, deadline=99.0, limit=99.0)


def test_nothing_is_missed_before_there_was_anything() -> None:
    continuity = Continuity()
    continuity.break_off()

    assert continuity.mend(9.0) == []


def test_a_hole_reaches_from_the_last_sign_of_life_to_its_mending() -> None:
    continuity = Continuity()
    continuity.prove(_connect(1.0), 1.0, 60.0)
    continuity.prove(_connect(2.0), 2.0, 60.0)
    continuity.break_off()
    continuity.prove(_connect(5.0), 5.0, 60.0)
    continuity.break_off()

    assert continuity.mend(9.0) == [Gap(since=2.0, until=9.0)]
    assert continuity.mend(10.0) == []
