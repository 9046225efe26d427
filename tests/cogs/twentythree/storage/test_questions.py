from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cogs.twentythree.domain.model import (
    Comment,
    CommentId,
    CommentKind,
    LiveObservation,
    ObjectInfo,
    Source,
)
from cogs.twentythree.domain.shown import QuestionCounts, ViewerQuestion
from cogs.twentythree.storage import Baseline, Store
from tests.cogs.twentythree.storage.things import (
    ALL,
    GUILD,
    LIVE,
    NOW,
    OTHER_ROOM,
    ROOM,
    VIDEO,
    attach,
    comment,
    look,
    query,
    seen,
    take,
)
from tests.fakes.boards import ANN, ANSWERED, BEN, DISMISSED, make_board, minutes, question

ACTIONS = replace(ALL, has_actions=True)


def asked(number: int, **values: Any) -> Comment:
    return question(number, LIVE.object_id, **values)


async def opened(store: Store, limit: int = 99, offset: int = 0) -> list[ViewerQuestion]:
    return await store.questions.open(LIVE.object_id, GUILD, limit=limit, offset=offset)


async def listed(store: Store) -> list[int]:
    return [one.comment_id for one in await opened(store)]


async def counted(store: Store, of: ObjectInfo = LIVE) -> tuple[int, int, int]:
    counts = await store.questions.counts(of.object_id)
    return counts.open, counts.promoted, counts.answered


@pytest.fixture
async def acted(store: Store) -> Store:
    """A store with an event that can be acted on from a room."""
    await attach(store, LIVE, rules=ACTIONS)
    return store


async def test_questions_are_kept_and_what_else_is_said_is_not(acted: Store) -> None:
    await take(acted, asked(1), comment(2, of=LIVE), comment(3, of=LIVE, kind=CommentKind.CHAT))

    (only,) = await opened(acted)
    assert (only.comment_id, only.author, only.text) == (1, "Viewer 1", "Question 1?")
    assert only.asked_at == NOW


async def test_nothing_is_kept_of_what_nobody_looks_after(store: Store) -> None:
    await attach(store, LIVE)
    await take(store, asked(1))

    assert await store.questions.counts(LIVE.object_id) == QuestionCounts()


async def test_the_oldest_come_first_by_when_they_were_asked(acted: Store) -> None:
    late, early = NOW + minutes(5), NOW - minutes(5)
    await take(acted, asked(1, created_at=late), asked(2), asked(3, created_at=early), asked(4))

    assert await listed(acted) == [3, 2, 4, 1]
    assert [one.comment_id for one in await opened(acted, 2, 1)] == [2, 4]


async def test_when_a_question_was_asked_does_not_change_with_it(acted: Store) -> None:
    await take(acted, asked(1))
    await take(acted, asked(1, is_promoted=True), now=NOW + minutes(9))

    (only,) = await opened(acted)
    assert (only.is_promoted, only.asked_at) == (True, NOW)


async def test_they_are_counted_by_what_staff_did(acted: Store) -> None:
    await take(
        acted,
        asked(1),
        asked(2, is_promoted=True),
        asked(3, is_promoted=True, status=ANSWERED),
        asked(4, status=DISMISSED),
    )
    assert await counted(acted) == (2, 1, 1)

    await take(acted, asked(1, status=ANSWERED), asked(4))
    assert await counted(acted) == (2, 1, 2)


async def test_the_speaker_gets_the_oldest_that_is_promoted_and_open(acted: Store) -> None:
    assert await acted.questions.speaker(LIVE.object_id) is None
    await take(acted, asked(1), asked(2, is_promoted=True), asked(3, is_promoted=True))

    first = await acted.questions.speaker(LIVE.object_id)
    await take(acted, asked(2, is_promoted=True, status=ANSWERED))
    second = await acted.questions.speaker(LIVE.object_id)

    assert [one and one.comment_id for one in (first, second)] == [2, 3]


async def test_what_is_no_question_any_more_or_is_gone_leaves(acted: Store) -> None:
    await take(acted, asked(1), asked(2), asked(3))
    await take(acted, replace(asked(1), kind=CommentKind.CHAT))
    await acted.memory.take_away(LIVE.object_id, [CommentId(2)])

    assert await listed(acted) == [3]

    await take(acted, asked(2))
    assert await listed(acted) == [2, 3]


async def test_what_realtime_made_up_leaves_and_what_it_guessed_right_stays(acted: Store) -> None:
    await take(acted, asked(1), asked(2), source=Source.REALTIME)
    assert await listed(acted) == [1, 2]

    await take(acted, asked(2))
    await acted.memory.disown(LIVE.object_id, [CommentId(1), CommentId(2)])

    assert await listed(acted) == [2]


async def test_a_question_that_realtime_alone_promotes_is_not_for_the_speaker(acted: Store) -> None:
    await take(acted, asked(1))
    done = await take(acted, asked(1, is_promoted=True), source=Source.REALTIME)

    assert done.doubtful == {1}
    assert await acted.questions.speaker(LIVE.object_id) is None


async def test_what_was_asked_before_is_kept_from_the_moment_that_it_can_be_acted_on(
    store: Store,
) -> None:
    before = Baseline(comments=(asked(1), comment(2, of=LIVE)), watermark=CommentId(2), live=seen())
    await attach(store, LIVE, baseline=before)
    assert await counted(store) == (0, 0, 0)

    await attach(store, LIVE, rules=ACTIONS, baseline=before)

    assert await listed(store) == [1]


async def test_what_was_left_of_an_earlier_time_is_not_believed(store: Store) -> None:
    await attach(store, LIVE, rules=ACTIONS)
    await take(store, asked(1), asked(2))
    # Nobody notes what happens meanwhile.
    await attach(store, LIVE, rules=ALL)
    await take(store, asked(1, status=ANSWERED))

    answered = Baseline(comments=(asked(1, status=ANSWERED), asked(2)), live=seen())
    await attach(store, LIVE, rules=ACTIONS, baseline=answered)

    assert (await listed(store), await counted(store)) == ([2], (1, 0, 1))


# Who looks after them.


async def test_each_gets_the_oldest_that_nobody_has(acted: Store) -> None:
    await take(acted, asked(1), asked(2, status=ANSWERED), asked(3))

    got = [
        await acted.questions.take_next(LIVE.object_id, GUILD, who, NOW) for who in (ANN, BEN, ANN)
    ]

    assert [one and one.question.comment_id for one in got] == [1, 3, None]
    assert [one.taken_by for one in await opened(acted)] == [ANN, BEN]


async def test_another_server_does_not_know_who_has_what(acted: Store) -> None:
    await take(acted, asked(1))
    await acted.questions.take_next(LIVE.object_id, GUILD, ANN, NOW)

    other = type(GUILD)(GUILD + 1)
    elsewhere = await acted.questions.open(LIVE.object_id, other, limit=9)
    assert [one.taken_by for one in elsewhere] == [None]
    got = await acted.questions.take_next(LIVE.object_id, other, BEN, NOW)
    assert got is not None


async def test_only_who_has_a_question_gives_it_back(acted: Store) -> None:
    await take(acted, asked(1))
    await acted.questions.take_next(LIVE.object_id, GUILD, ANN, NOW)
    back = (LIVE.object_id, CommentId(1), GUILD)

    assert await acted.questions.give_back(*back, BEN.user_id) is None
    assert [one.taken_by for one in await opened(acted)] == [ANN]
    assert await acted.questions.give_back(*back, ANN.user_id) is not None
    assert [one.taken_by for one in await opened(acted)] == [None]


async def test_after_five_minutes_others_can_have_it(acted: Store) -> None:
    await take(acted, asked(1), asked(2))
    await acted.questions.take_next(LIVE.object_id, GUILD, ANN, NOW)
    await acted.questions.take_next(LIVE.object_id, GUILD, BEN, NOW + minutes(1))

    assert not await acted.questions.are_forgotten(NOW + minutes(4.9))
    assert await acted.questions.are_forgotten(NOW + minutes(5))
    await acted.questions.release(NOW + minutes(5))

    assert [one.taken_by for one in await opened(acted)] == [None, BEN]


async def test_what_is_due_can_be_taken_before_anybody_has_looked(acted: Store) -> None:
    await take(acted, asked(1))
    await acted.questions.take_next(LIVE.object_id, GUILD, ANN, NOW)

    got = await acted.questions.take_next(LIVE.object_id, GUILD, BEN, NOW + minutes(5))

    assert got is not None
    assert [one.taken_by for one in await opened(acted)] == [BEN]
    # It is his for another five minutes.
    await acted.questions.release(NOW + minutes(6))
    assert [one.taken_by for one in await opened(acted)] == [BEN]


@pytest.mark.parametrize("settled", [ANSWERED, DISMISSED])
async def test_nobody_has_what_was_seen_to(acted: Store, settled: Any) -> None:
    await take(acted, asked(1))
    await acted.questions.take_next(LIVE.object_id, GUILD, ANN, NOW)
    await take(acted, asked(1, status=settled))
    await take(acted, asked(1))

    assert [one.taken_by for one in await opened(acted)] == [None]


# How long they are kept.


async def over(store: Store) -> None:
    """Have a broadcast begin and end."""
    await look(store, seen(on=True), minute=1)
    await look(store, seen(), minute=2)
    await look(store, seen(), minute=30)


async def test_words_are_kept_for_a_week_after_the_broadcast(acted: Store, database: str) -> None:
    await make_board(acted, ROOM, LIVE.object_id, NOW)
    await take(acted, asked(1), asked(2, status=ANSWERED))
    await over(acted)
    week = timedelta(days=7)

    await acted.questions.prune(NOW + week)
    assert [one.text for one in await opened(acted)] == ["Question 1?"]
    rooms = await acted.questions.prune(NOW + week + minutes(31))

    assert rooms == {ROOM}
    assert [(one.author, one.text) for one in await opened(acted)] == [("", "")]
    assert await counted(acted) == (1, 0, 1)
    assert not [one for one in await query(database, _WORDS) if "Question" in one]


_WORDS = """
SELECT text FROM twentythree_questions
UNION ALL SELECT payload FROM twentythree_notices WHERE event_key LIKE 'board:%'
"""


async def test_words_stay_while_the_event_may_go_on(acted: Store) -> None:
    await take(acted, asked(1))
    await acted.questions.prune(NOW + timedelta(days=90))

    assert await listed(acted) == [1]


WEEK, SOON = timedelta(days=7), timedelta(days=2)
PLANNED = replace(seen(), scheduled_at=NOW + SOON)
CANCELLED = replace(seen(), is_cancelled=True)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        pytest.param(replace(seen(), is_over=True), None, id="over when it was attached"),
        pytest.param(replace(seen(), is_cancelled=True), None, id="cancelled when it was attached"),
        pytest.param(
            replace(seen(), scheduled_at=NOW + SOON),
            replace(seen(), is_cancelled=True),
            id="cancelled",
        ),
        pytest.param(replace(seen(), scheduled_at=NOW + SOON), None, id="never held"),
    ],
)
async def test_words_of_what_was_not_held_are_kept_for_a_week_after_its_time(
    store: Store, first: LiveObservation, then: LiveObservation | None
) -> None:
    await attach(store, LIVE, rules=ACTIONS, baseline=Baseline(live=first))
    if then is not None:
        await look(store, then, minute=1)
    await take(store, asked(1))
    last = NOW + (SOON if first.scheduled_at and then is None else timedelta())

    await store.questions.prune(last + WEEK - minutes(1))
    assert [one.text for one in await opened(store)] == ["Question 1?"]
    await store.questions.prune(last + WEEK + SOON + minutes(2))
    assert [(one.author, one.text) for one in await opened(store)] == [("", "")]


async def test_what_is_asked_long_after_the_broadcast_keeps_its_words_for_a_week(
    acted: Store,
) -> None:
    await over(acted)
    late = 30 * 24 * 60
    await take(acted, asked(1, created_at=NOW + minutes(late)))
    await acted.questions.prune(NOW + WEEK + minutes(late))
    assert [one.text for one in await opened(acted)] == ["Question 1?"]

    await acted.questions.prune(NOW + WEEK + minutes(late + 1))
    assert [one.text for one in await opened(acted)] == [""]


async def test_questions_that_nobody_looks_after_go(acted: Store) -> None:
    await attach(acted, VIDEO, rules=ACTIONS)
    await take(acted, asked(1))
    await take(acted, question(2, VIDEO.object_id))
    await attach(acted, LIVE, rules=ALL)
    await acted.questions.prune(NOW)

    assert (await counted(acted), await counted(acted, VIDEO)) == ((0, 0, 0), (1, 0, 0))


async def test_with_the_last_attachment_they_go_at_once(acted: Store, database: str) -> None:
    await attach(acted, LIVE, room=OTHER_ROOM)
    await take(acted, asked(1))
    await acted.questions.take_next(LIVE.object_id, GUILD, ANN, NOW)
    await acted.attachments.detach(OTHER_ROOM, LIVE.object_id)
    assert await listed(acted) == [1]

    await acted.attachments.detach(ROOM, LIVE.object_id)

    for table in ("questions", "takings", "boards"):
        assert await query(database, f"SELECT count(*) FROM twentythree_{table}") == [0]  # noqa: S608 - names of ours


async def test_readings_go_down_to_the_oldest_question_on_a_board(acted: Store) -> None:
    await attach(acted, LIVE, rules=replace(ACTIONS, comments=ALL.comments.NONE))
    await take(acted, asked(1, is_promoted=True), asked(2))
    await take(acted, asked(3), source=Source.REALTIME)

    tracked = await acted.memory.tracked([LIVE.object_id])
    assert sorted((one.comment_id, one.is_promoted) for one in tracked) == [(1, True), (2, False)]
    newer = await acted.memory.tracked([LIVE.object_id], CommentId(2))
    assert sorted(one.comment_id for one in newer) == [1, 2]
    assert await acted.memory.newest_tracked([LIVE.object_id], NOW + minutes(1)) == 3
