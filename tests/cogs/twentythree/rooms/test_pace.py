import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from cogs.twentythree.relay.model import Batch, LivePhase, Notice, QueuedNotice, RoomId, Standing
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
    over = batch(live_notice(LivePhase.ENDED))
    pace.postpone(over, 5)
    pace.edited(over)

    assert pace._due == {}


def test_the_edits_of_a_comments_words_keep_their_distance() -> None:
    clock = Clock()
    pace = edit_pace(clock)
    pace.edited(batch(comment_notice()))

    assert pace.wait_s(batch(comment_notice(text="Edited"))) == 15
    clock.seconds += 16
    assert pace.wait_s(batch(comment_notice(text="Edited"))) == 0


@pytest.mark.parametrize("standing", [Standing.REMOVED, Standing.WITHHELD])
def test_what_may_not_be_shown_any_more_is_edited_at_once(standing: Standing) -> None:
    pace = edit_pace(Clock(), age=timedelta(hours=2))
    pace.edited(batch(comment_notice()))

    assert pace.wait_s(batch(replace(comment_notice(), standing=standing))) == 0


def test_edits_long_past_are_forgotten() -> None:
    clock = Clock()
    pace = edit_pace(clock)
    pace.edited(batch(comment_notice()))
    clock.seconds += 16
    pace.edited(replace(batch(comment_notice()), batch_id=6))

    assert list(pace._due) == [6]


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
