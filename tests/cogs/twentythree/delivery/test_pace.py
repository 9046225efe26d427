import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from cogs.twentythree.delivery.pace import EditPace, RequestPace
from cogs.twentythree.domain.batching import Batch
from cogs.twentythree.domain.deeds import Action
from cogs.twentythree.domain.model import LivePhase, Notice, QueuedNotice, RoomId, Standing
from tests.fakes.notices import (
    SEEN_AT,
    acting_notice,
    comment_notice,
    deed,
    live_notice,
    sent_reply,
)


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


def test_a_card_that_is_to_be_deleted_goes_at_once() -> None:
    pace = edit_pace(Clock())
    shown = live_notice(LivePhase.SOON)
    pace.edited(batch(shown))

    assert pace.wait_s(batch(replace(shown, is_withdrawn=True))) == 0


def test_an_old_card_saves_its_edits_for_its_states() -> None:
    pace = edit_pace(Clock(), age=timedelta(minutes=59))
    pace.edited(batch(live_notice(viewers_now=1)))

    assert pace.wait_s(batch(live_notice(viewers_now=2))) == 600
    assert pace.wait_s(batch(live_notice(LivePhase.ENDED))) == 0


def test_a_refused_edit_waits_as_long_as_is_asked() -> None:
    pace = edit_pace(Clock())
    pace.postpone(batch(live_notice()), 600)

    assert pace.wait_s(batch(live_notice())) == 600


@pytest.mark.parametrize(
    "now_true",
    [
        replace(comment_notice(text="Real"), corrections=1),
        replace(comment_notice(), acted=(deed(Action.ANSWER),)),
        replace(comment_notice(), standing=Standing.REMOVED),
    ],
    ids=["forged words", "answered", "removed"],
)
def test_an_edit_that_was_to_be_made_at_once_and_failed_is_put_off_no_further(
    now_true: Notice,
) -> None:
    clock = Clock()
    pace = edit_pace(clock)
    pace.edited(batch(comment_notice()))
    for _ in range(2):
        pace.failed(batch(now_true), 2)

        assert pace.wait_s(batch(now_true)) == 2
        clock.seconds += 2
        assert pace.wait_s(batch(now_true)) == 0
    pace.edited(batch(now_true))
    assert pace.wait_s(batch(now_true)) == 15


def test_an_edit_of_words_that_failed_keeps_its_distance() -> None:
    clock = Clock()
    pace = edit_pace(clock)
    pace.edited(batch(comment_notice()))
    clock.seconds += 15
    pace.failed(batch(comment_notice(text="Edited")), 2)

    assert pace.wait_s(batch(comment_notice(text="Edited"))) == 15
    pace.failed(batch(comment_notice(text="Edited")), 600)
    assert pace.wait_s(batch(comment_notice(text="Edited"))) == 600


def test_what_is_over_is_not_kept_in_mind() -> None:
    pace = edit_pace(Clock())
    over = batch(live_notice(LivePhase.ENDED))
    pace.postpone(over, 5)
    pace.edited(over)

    assert pace.wait_s(over) == 0


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


def test_words_that_were_forged_once_are_put_right_at_once_each_time() -> None:
    pace = edit_pace(Clock())
    forged = replace(comment_notice(text="Forged again"), corrections=1)
    pace.edited(batch(forged))

    assert pace.wait_s(batch(replace(comment_notice(text="Mine"), corrections=2))) == 0
    assert pace.wait_s(batch(replace(comment_notice(text="Mine, edited"), corrections=1))) == 15


def test_forged_words_are_put_right_at_once() -> None:
    pace = edit_pace(Clock(), age=timedelta(hours=2))
    pace.edited(batch(comment_notice()))

    assert pace.wait_s(batch(replace(comment_notice(text="Real"), corrections=1))) == 0


@pytest.mark.parametrize(
    "after",
    [
        {"acted": (deed(Action.ANSWER),)},
        {"acted": (deed(Action.PROMOTE, 12),)},
        {"acted": (deed(Action.PROMOTE), deed(Action.ANSWER))},
        {"acted": ()},
        {"replies": (sent_reply(1), sent_reply(2))},
        {"replies": ()},
    ],
    ids=["another action", "another actor", "one more", "none", "one more reply", "no reply"],
)
def test_what_was_done_from_a_room_is_shown_at_once(after: dict[str, Any]) -> None:
    pace = edit_pace(Clock(), age=timedelta(hours=2))
    before = acting_notice(1, deed(Action.PROMOTE), replies=[sent_reply(1)])
    pace.edited(batch(before))

    assert pace.wait_s(batch(replace(before, is_known=True))) == 600
    assert pace.wait_s(batch(replace(before, **after))) == 0


def test_edits_long_past_are_forgotten() -> None:
    clock = Clock()
    pace = edit_pace(clock)
    pace.edited(batch(comment_notice()))
    clock.seconds += 16
    pace.edited(replace(batch(comment_notice()), batch_id=6))

    assert list(pace._due) == [6]


class FakeTime:
    """Stands in for the loop's clock: time passes when the loop would wait for a timer."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        loop = asyncio.get_running_loop()
        self.now = loop.time()
        select = loop._selector.select  # type: ignore[attr-defined]

        def leap(timeout: float | None) -> Any:
            self.now += max(0.0, timeout or 0.0)
            return select(0)

        monkeypatch.setattr(loop, "time", lambda: self.now)
        monkeypatch.setattr(loop._selector, "select", leap)  # type: ignore[attr-defined]


async def asked(pace: RequestPace, after_s: float, took_s: float, chance: Random) -> list[float]:
    """Make a request that Discord counts at some time on its way; return when."""
    clock = asyncio.get_running_loop().time
    await asyncio.sleep(after_s)
    place = await pace.turn()
    there_s = chance.random() * took_s
    await asyncio.sleep(there_s)
    counted = clock()
    await asyncio.sleep(took_s - there_s)
    place.leave()
    return [counted]


@pytest.mark.parametrize("seed", range(10))
async def test_no_second_of_discord_ever_holds_more_requests_than_places(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    FakeTime(monkeypatch)
    chance, pace = Random(seed), RequestPace(10)  # noqa: S311 - play, not security
    longest = chance.choice([0.01, 0.3, 2.0])
    found = await asyncio.gather(
        *(asked(pace, chance.random() * 3, chance.random() * longest, chance) for _ in range(200))
    )
    times = sorted(at for counted in found for at in counted)

    # Ten places apart, at least a second has passed.
    assert all(later - first >= 1.0 for first, later in pairwise_by(times, 10))


def pairwise_by(times: list[float], distance: int) -> list[tuple[float, float]]:
    return list(zip(times, times[distance:], strict=False))


async def test_quick_requests_use_nearly_all_of_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    time = FakeTime(monkeypatch)
    pace, began = RequestPace(49), time.now
    chance = Random(1)  # noqa: S311 - play, not security
    await asyncio.gather(*(asked(pace, 0.0, 0.02, chance) for _ in range(4900)))

    assert 4900 / (time.now - began) > 0.95 * 50


async def test_rooms_take_turns_in_the_order_they_came(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeTime(monkeypatch)
    pace, order = RequestPace(2), list[int]()

    async def ask(number: int) -> None:
        place = await pace.turn()
        order.append(number)
        place.leave()

    await asyncio.gather(*map(ask, range(20)))

    assert order == list(range(20))


async def test_a_request_that_never_went_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    time = FakeTime(monkeypatch)
    pace, began = RequestPace(1), time.now
    for _ in range(5):
        (await pace.turn()).leave(is_used=False)

    assert time.now == began


async def test_a_place_that_is_left_twice_is_one_place(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeTime(monkeypatch)
    pace = RequestPace(1)
    place = await pace.turn()
    place.leave()
    place.leave()
    await pace.turn()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(100):
            await pace.turn()


async def test_after_a_limit_of_all_requests_nothing_goes_and_then_less(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    time = FakeTime(monkeypatch)
    pace, began = RequestPace(40), time.now
    pace.slow_down(5.0)
    pace.slow_down(5.0)

    async def ask() -> float:
        place = await pace.turn()
        place.leave()
        return time.now - began

    times = await asyncio.gather(*(ask() for _ in range(300)))
    seconds = Counter(int(at + 1e-6) for at in times)

    assert min(seconds) == 5
    assert [seconds[second] for second in (5, 6, 7)] == [20, 21, 22]


async def test_however_often_it_is_slowed_down_something_goes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    FakeTime(monkeypatch)
    pace = RequestPace(40)
    for _ in range(10):
        pace.slow_down(0.0)

    (await pace.turn()).leave()


async def test_a_cut_off_turn_holds_nobody_up() -> None:
    pace = RequestPace(1)
    held = await pace.turn()
    waiting = [asyncio.ensure_future(pace.turn()) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    waiting[1].cancel()
    await asyncio.wait(waiting[:2])
    held.leave(is_used=False)

    await waiting[2]
