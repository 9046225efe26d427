"""What a workspace that answers wrongly, or less than before, does to what is on show."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cogs.twentythree.domain.model import (
    Comment,
    CommentId,
    CommentKind,
    CommentPolicy,
    Standing,
)
from cogs.twentythree.intake.missing import FEWER, PUT_OFF
from tests.cogs.twentythree.intake.test_pages import OTHER, ROOM, VIDEO, Bench
from tests.fakes.stores import open_store

Lie = Callable[[Sequence[Comment]], Sequence[Comment]]
MINUTE = timedelta(minutes=1)
LOWERED = (
    "The credentials have only level anonymous now, so rooms stay as they are; "
    "give the bot credentials of the level that it had."
)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    store = await open_store(tmp_path / "doubts.db")
    made = Bench(store)
    await made.attach()
    yield made
    await store.close()


async def removed(bench: Bench) -> set[int]:
    return await bench.standing(Standing.REMOVED)


def even(told: Sequence[Comment]) -> Sequence[Comment]:
    return [one for one in told if one.comment_id % 2 == 0]


def of_another_time(told: Sequence[Comment]) -> Sequence[Comment]:
    return [one for one in told if one.comment_id < 20]


@pytest.mark.parametrize(
    "lie",
    [lambda _: [], even, of_another_time],
    ids=["empty", "every second", "old"],
)
async def test_a_wrong_answer_blanks_nothing_and_is_told(bench: Bench, lie: Lie) -> None:
    await bench.show(50)
    bench.workspace.lie = lie
    for _ in range(6):
        assert (await bench.read()).doubts == {VIDEO: FEWER}
        bench.now += timedelta(seconds=15)
    assert await removed(bench) == set()

    bench.workspace.lie = lambda told: told
    assert (await bench.read()).doubts == {}
    bench.now += 5 * MINUTE
    bench.workspace.lie = lie
    await bench.read()
    assert await removed(bench) == set()


async def test_an_empty_list_is_doubted_where_all_that_is_shown_is_too_new_to_be_missed(
    bench: Bench,
) -> None:
    await bench.show(1)
    bench.workspace.delete(1)
    await bench.agree()
    await bench.agree()
    assert (await bench.read()).doubts == {}
    bench.workspace.say(2, VIDEO)
    await bench.read()
    # Said in a gap.
    bench.workspace.say(3, VIDEO)
    bench.workspace.lie = lambda _: []
    assert (await bench.read()).doubts == {VIDEO: FEWER}

    bench.workspace.lie = lambda told: told
    assert (await bench.read()).doubts == {}
    assert len((await bench.store.outbox.work(ROOM)).pending) == 2


async def test_a_list_that_lacks_what_is_there_by_its_id_is_told(bench: Bench) -> None:
    await bench.show(50)
    bench.workspace.unlisted = {CommentId(number) for number in range(1, 50, 2)}
    for _ in range(4):
        assert (await bench.read()).doubts == {VIDEO: FEWER}
        bench.now += MINUTE
    bench.workspace.unlisted = {CommentId(1)}

    assert (await bench.read()).doubts == {}
    assert await removed(bench) == set()


async def test_a_list_of_one_row_again_and_again_blanks_nothing(bench: Bench) -> None:
    await bench.show(50)
    bench.workspace.lie = lambda told: list(told)[:1] * len(told)
    await bench.agree()
    await bench.agree()

    assert await removed(bench) == set()


@pytest.mark.parametrize("is_lowered", [True, False], ids=["lowered", "lied"])
async def test_what_becomes_right_between_two_questions_blanks_nothing(
    bench: Bench, *, is_lowered: bool
) -> None:
    await bench.show(6, kind=CommentKind.QUESTION)
    bench.workspace.say(7, VIDEO)
    await bench.read()

    def become_right() -> None:
        if bench.workspace.calls[-1] == "comment":
            bench.workspace.level, bench.workspace.lie = "read", lambda told: told

    bench.workspace.answered = become_right
    if is_lowered:
        bench.workspace.level = "anonymous"
    else:
        bench.workspace.lie = lambda told: [one for one in told if one.comment_id == 7]
    await bench.read()

    assert await removed(bench) == set()


async def test_a_total_that_is_too_small_blanks_nothing(bench: Bench) -> None:
    await bench.show(50)
    bench.workspace.forge = lambda page, _: replace(page, total=3)
    await bench.agree()

    assert await removed(bench) == set()


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_at_a_lower_level_nothing_is_gone(bench: Bench, *, is_restarted: bool) -> None:
    await bench.show(6, kind=CommentKind.QUESTION)
    for number in range(7, 10):
        bench.workspace.say(number, VIDEO)
    await bench.read()
    bench.now += MINUTE
    bench.workspace.level = "anonymous"
    if is_restarted:
        bench.restart()
        await bench.parts.refresh(VIDEO)
    for _ in range(5):
        assert (await bench.read()).doubts == {VIDEO: LOWERED}
        bench.now += MINUTE
    assert await removed(bench) == set()

    bench.workspace.level = "admin"
    assert (await bench.read()).doubts == {}
    bench.workspace.delete(1)
    await bench.read()
    assert await removed(bench) == {1}


@pytest.mark.parametrize("is_raised_meanwhile", [False, True])
async def test_what_a_lower_level_may_hide_is_looked_for_until_it_shows(
    bench: Bench, *, is_raised_meanwhile: bool
) -> None:
    await bench.show(6)
    bench.workspace.say(7, VIDEO, kind=CommentKind.QUESTION)
    bench.workspace.level = "anonymous"
    if is_raised_meanwhile:
        # What later answers tell says nothing of the page.
        bench.workspace.answered = lambda: setattr(bench.workspace, "level", "read")
    assert (await bench.read()).doubts == {VIDEO: LOWERED}
    assert not (await bench.store.outbox.work(ROOM)).pending

    bench.workspace.level = "read"
    assert (await bench.read()).doubts == {}
    assert len((await bench.store.outbox.work(ROOM)).pending) == 1


async def test_a_few_that_are_named_as_gone_leave_at_once(bench: Bench) -> None:
    await bench.show(55)
    bench.workspace.delete(3, 20, 30, 40, 50)
    outcome = await bench.read()

    assert await removed(bench) == {3, 20, 30, 40, 50}
    assert outcome.doubts == {}


async def test_what_no_other_comment_speaks_for_takes_readings_that_agree(bench: Bench) -> None:
    await bench.show(1)
    bench.workspace.delete(1)
    await bench.read()
    assert await removed(bench) == set()
    await bench.agree()

    assert await removed(bench) == {1}


async def test_where_none_could_speak_for_it_realtime_does(bench: Bench) -> None:
    await bench.show(1)
    bench.workspace.delete(1)
    assert (await bench.read(named=[1])).doubts == {}

    assert await removed(bench) == {1}


async def test_realtime_does_not_speak_for_what_another_comment_could(bench: Bench) -> None:
    await bench.show(2)
    bench.workspace.lie = lambda _: []
    assert (await bench.read(named=[1])).doubts == {VIDEO: FEWER}

    assert await removed(bench) == set()


async def test_a_comment_of_another_object_speaks_for_the_only_one(bench: Bench) -> None:
    await bench.show(1)
    await bench.attach(OTHER)
    other = bench.workspace.say(2, OTHER)
    await bench.parts.intake.ingest_read(OTHER, [other])
    bench.workspace.delete(1)
    await bench.read()

    assert await removed(bench) == {1}


async def test_many_real_deletions_take_the_third_reading_and_few_requests(bench: Bench) -> None:
    await bench.show(55)
    bench.workspace.delete(*range(5, 50))
    for _ in range(2):
        for _ in range(4):
            outcome = await bench.read()
            assert outcome.doubts == {VIDEO: FEWER}
            # The lists, ten questions, one about another comment, and the level.
            assert bench.asked <= outcome.requests + 13
            bench.now += MINUTE / 4
        assert await removed(bench) == set()
    assert (await bench.read()).doubts == {}

    assert await removed(bench) == set(range(5, 50))


async def test_a_promotion_that_is_only_missing_from_a_list_is_not_taken_back(bench: Bench) -> None:
    await bench.show(55, is_promoted=True)
    bench.workspace.forge = lambda page, is_promoted: (
        replace(page, comments=(), total=0) if is_promoted else page
    )
    bench.workspace.change(55 - 30, is_promoted=False)
    await bench.agree()
    await bench.agree()
    shown = await bench.shown()

    assert [number for number in shown if not shown[number].comment.is_promoted] == [25]


async def test_suspicions_are_dropped_with_their_object(bench: Bench) -> None:
    await bench.show(50)
    bench.workspace.lie = even
    assert (await bench.read()).doubts
    await bench.forget()
    bench.workspace.lie = lambda told: told
    bench.workspace.delete(CommentId(50))

    assert (await bench.read()).doubts == {}


# What rooms show less of, for the workspace says that it is otherwise.


TURNS = [
    {"is_promoted": False},
    {"is_promoted": False, "kind": CommentKind.QUESTION},
    {"text": ""},
]


async def unchanged(bench: Bench) -> bool:
    """Tell whether the message says of no comment anything else than before."""
    return not await bench.shown()


@pytest.mark.parametrize("wrong", TURNS, ids=["promotions", "kinds", "words"])
async def test_a_wrong_answer_about_all_that_is_there_takes_nothing_out_of_rooms(
    bench: Bench, wrong: dict[str, Any]
) -> None:
    await bench.attach(VIDEO, CommentPolicy.PUBLIC)
    await bench.show(50, is_promoted=True)
    bench.workspace.lie = lambda told: [replace(one, **wrong) for one in told]
    for _ in range(4):
        assert (await bench.read()).doubts == {VIDEO: PUT_OFF}
        bench.now += timedelta(seconds=15)
    assert await unchanged(bench)

    bench.workspace.lie = lambda told: told
    assert (await bench.read()).doubts == {}
    bench.now += 5 * MINUTE
    bench.workspace.lie = lambda told: [replace(one, **wrong) for one in told]
    await bench.read()
    assert await unchanged(bench)


@pytest.mark.parametrize(
    "left_out",
    [
        {"is_promoted": False, "untold": ("promotion",)},
        {"kind": CommentKind.QUESTION, "untold": ("kind",)},
        {"text": "", "untold": ("text",)},
    ],
    ids=["promotions", "kinds", "words"],
)
async def test_what_a_workspace_leaves_out_of_all_rows_is_no_doubt(
    bench: Bench, left_out: dict[str, Any]
) -> None:
    await bench.attach(VIDEO, CommentPolicy.PUBLIC)
    await bench.show(50, is_promoted=True)
    bench.workspace.lie = lambda told: [replace(one, **left_out) for one in told]

    assert (await bench.read()).doubts == {}
    assert await unchanged(bench)


async def test_what_readings_agree_on_is_so(bench: Bench) -> None:
    await bench.attach(VIDEO, CommentPolicy.PROMOTED)
    await bench.show(50, is_promoted=True)
    for number in range(1, 41):
        bench.workspace.change(number, is_promoted=False)
    await bench.agree()

    assert await bench.standing(Standing.WITHHELD) == set(range(1, 41))
    assert (await bench.read()).doubts == {}


async def test_nothing_is_awaited_of_what_is_deleted_before_readings_agree_on_it(
    bench: Bench,
) -> None:
    await bench.attach(VIDEO, CommentPolicy.PROMOTED)
    await bench.show(20, is_promoted=True)
    for number in range(1, 11):
        bench.workspace.change(number, is_promoted=False)
    assert (await bench.read()).doubts == {VIDEO: PUT_OFF}
    bench.workspace.delete(1)
    await bench.agree()
    await bench.agree()

    assert await bench.standing(Standing.WITHHELD) == set(range(2, 11))
    assert await removed(bench) == {1}
    assert (await bench.read()).doubts == {}


async def test_a_few_that_are_promoted_no_more_leave_at_once(bench: Bench) -> None:
    await bench.attach(VIDEO, CommentPolicy.PROMOTED)
    await bench.show(50, is_promoted=True)
    for number in range(1, 6):
        bench.workspace.change(number, is_promoted=False)

    assert (await bench.read()).doubts == {}
    assert await bench.standing(Standing.WITHHELD) == {1, 2, 3, 4, 5}


async def test_what_is_new_comes_beside_what_is_not_believed(bench: Bench) -> None:
    await bench.attach(VIDEO, CommentPolicy.PROMOTED)
    await bench.show(20, is_promoted=True)
    bench.workspace.lie = lambda told: [
        replace(one, is_promoted=one.comment_id > 20) for one in told
    ]
    bench.workspace.say(21, VIDEO, is_promoted=True)
    await bench.read()

    pending = (await bench.store.outbox.work(ROOM)).pending
    assert [one.event_key for one in pending] == ["comment:21"]
    assert await unchanged(bench)
