import asyncio
from datetime import timedelta

import pytest

from cogs.twentythree.relay.model import Batch, LivePhase, Notice, QueuedNotice, RoomId
from cogs.twentythree.rooms.options import backoff_s
from cogs.twentythree.rooms.pace import EditPace, RequestPace
from tests.fakes.notices import SEEN_AT, comment_notice, live_notice


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def batch(notice: Notice) -> Batch:
    queued = QueuedNotice(
        notice_id=1, room_id=RoomId(1), event_key="k", notice=notice, queued_at=SEEN_AT
    )
    return Batch(
        batch_id=5, room_id=RoomId(1), nonce="n", body="{}", notices=(queued,), created_at=SEEN_AT
    )


def edit_pace(clock: Clock, age: timedelta = timedelta()) -> EditPace:
    return EditPace(15, 600, now=lambda: SEEN_AT + age, clock=clock)


def test_a_card_whose_state_stays_is_edited_once_per_interval() -> None:
    clock = Clock()
    pace = edit_pace(clock)
    live = batch(live_notice(viewers_now=1))

    assert pace.wait_s(live) == 0
    pace.edited(live)
    assert pace.wait_s(batch(live_notice(viewers_now=2))) == 15
    clock.seconds += 16
    assert pace.wait_s(live) == 0


def test_a_card_whose_state_changes_is_edited_at_once() -> None:
    pace = edit_pace(Clock())
    pace.edited(batch(live_notice(LivePhase.LIVE)))

    assert pace.wait_s(batch(live_notice(LivePhase.ENDED))) == 0


def test_an_old_card_saves_its_edits_for_its_states() -> None:
    pace = edit_pace(Clock(), age=timedelta(minutes=59))
    pace.edited(batch(live_notice(viewers_now=1)))

    assert pace.wait_s(batch(live_notice(viewers_now=2))) == 600
    assert pace.wait_s(batch(live_notice(LivePhase.ENDED))) == 0


def test_a_refused_edit_waits_as_long_as_is_asked() -> None:
    pace = edit_pace(Clock())
    pace.postpone(batch(live_notice()), 600)

    assert pace.wait_s(batch(live_notice())) == 600


def test_what_is_over_is_not_kept_in_mind() -> None:
    pace = edit_pace(Clock())
    for notice in (live_notice(LivePhase.ENDED), comment_notice()):
        pace.postpone(batch(notice), 5)
        pace.edited(batch(notice))

    assert pace._due == {}


async def test_requests_of_all_rooms_are_spread(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    pace = RequestPace(2)

    for _ in range(3):
        await pace.turn()

    assert slept == pytest.approx([0.5, 1.0], abs=0.1)


async def test_a_cut_off_turn_holds_nobody_up() -> None:
    pace = RequestPace(1000)
    waiting = [asyncio.ensure_future(pace.turn()) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[1].cancel()

    await asyncio.gather(*waiting, return_exceptions=True)
    await pace.turn()


def test_waits_double_up_to_the_longest_and_are_spread() -> None:
    waits = [backoff_s(n, first_s=1, longest_s=60, chance=1.0) for n in range(1, 10)]

    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert backoff_s(1, first_s=1, longest_s=60, chance=0.0) == 0.5
    assert backoff_s(10**6, first_s=1, longest_s=60, chance=1.0) == 60
