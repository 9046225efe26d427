"""Which messages questions get in rooms where they can be acted on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.twentythree.domain.batching import MessageSize, plan, rank, takes_actions
from cogs.twentythree.domain.model import (
    CommentKind,
    CommentNotice,
    DigestNotice,
    Notice,
    QueuedNotice,
    RoomId,
    Standing,
)
from tests.fakes.notices import SEEN_AT, VIDEO, acting_notice, comment_notice, live_notice

SIZE = MessageSize(embeds=10, characters=6_000)


def chat(number: int) -> CommentNotice:
    return acting_notice(number, kind=CommentKind.CHAT, text="x" * 10)


def question(number: int, *, length: int = 10) -> CommentNotice:
    return acting_notice(number, text="x" * length)


def waiting(*notices: Notice) -> list[QueuedNotice]:
    return [
        QueuedNotice(
            notice_id=number,
            room_id=RoomId(5),
            event_key=str(number),
            notice=notice,
            queued_at=SEEN_AT,
        )
        for number, notice in enumerate(notices)
    ]


def cost(notice: Notice) -> int:
    return len(notice.comment.text) if isinstance(notice, CommentNotice) else 50


def next_of(queued: list[QueuedNotice], allowance: int | None) -> list[int]:
    found = plan(queued, SIZE, cost=cost, lines=len, allowance=allowance)
    return [one.notice_id for one in found]


def test_a_question_has_a_message_to_itself_where_all_that_waits_finds_room_besides() -> None:
    queued = waiting(question(1), *(chat(n) for n in range(2, 20)), question(20))

    assert next_of(queued, 3) == [0]
    assert next_of(queued, 2) == list(range(10))
    assert next_of(queued, 1) == list(range(20))
    assert next_of(queued, None) == list(range(10))


def test_what_was_said_before_a_question_shares_a_message_and_goes_first() -> None:
    queued = waiting(chat(1), chat(2), question(3), chat(4), chat(5))

    assert next_of(queued, 3) == [0, 1]
    assert next_of(queued[2:], 2) == [2]
    assert next_of(queued[3:], 1) == [3, 4]
    assert next_of(queued, 2) == [0, 1, 2, 3, 4]


def test_only_as_many_questions_as_the_limit_lets_are_alone() -> None:
    queued = waiting(*(question(n) for n in range(8)))

    assert next_of(queued, 4) == [0]
    assert next_of(queued[1:], 3) == [1]
    assert next_of(queued[2:], 2) == [2]
    assert next_of(queued[3:], 1) == [3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    "notice",
    [
        comment_notice(1, kind=CommentKind.QUESTION, is_promoted=False),
        acting_notice(1, is_promoted=True),
        chat(1),
        replace(question(1), standing=Standing.REMOVED),
    ],
    ids=["no actions", "promoted", "chat", "removed"],
)
def test_anything_else_shares_a_message(notice: CommentNotice) -> None:
    others = [chat(n) for n in range(2, 6)]
    if notice.comment.is_promoted:
        others = [acting_notice(n, is_promoted=True) for n in range(2, 6)]

    assert next_of(waiting(notice, *others), 3) == [0, 1, 2, 3, 4]


def test_what_is_alone_anyway_counts_too() -> None:
    digest = DigestNotice(object=VIDEO, count=3, since=SEEN_AT, until=SEEN_AT)
    promoted = acting_notice(9, is_promoted=True)
    queued = waiting(live_notice(), promoted, promoted, digest, question(3), question(4), chat(5))

    assert next_of(queued, 4) == [0]
    assert next_of(queued[1:], 4) == [1, 2]
    assert next_of(queued[3:], 3) == [3]
    assert next_of(queued[4:], 2) == [4]
    assert next_of(queued[5:], 1) == [5, 6]


def test_a_message_holds_no_more_than_its_menus_do() -> None:
    queued = waiting(*(question(n, length=1) for n in range(200)))
    plain = [comment_notice(n, is_promoted=False) for n in range(100)]
    mixed = waiting(*plain, *(question(n) for n in range(100, 300)))

    assert next_of(queued, 1) == list(range(125))
    assert next_of(mixed, 1) == list(range(225))


def test_one_that_is_not_shown_needs_no_place_in_a_menu() -> None:
    gone = replace(question(1), standing=Standing.WITHHELD)

    assert next_of(waiting(*[gone] * 100, *(question(n) for n in range(150))), 1) == list(
        range(225)
    )


NOTICE = st.builds(
    lambda kind, promoted, acting, standing, length: replace(
        comment_notice(1, kind=kind, is_promoted=promoted, text="x" * length),
        has_actions=acting,
        standing=standing,
    ),
    st.sampled_from(CommentKind),
    st.booleans(),
    st.booleans(),
    st.sampled_from([Standing.SHOWN, Standing.SHOWN, Standing.REMOVED]),
    st.sampled_from([1, 50, 4_000, 7_000]),
)
ANY = NOTICE | st.just(live_notice())


@given(notices=st.lists(ANY, max_size=160), allowance=st.integers(0, 12), small=st.booleans())
def test_by_and_by_everything_goes_once_in_its_order_and_in_no_more_messages_than_are_left(
    *, notices: list[Notice], allowance: int, small: bool
) -> None:
    size = MessageSize(embeds=10, characters=6_000, actions=3 if small else 125)
    queued = waiting(*notices)
    wanted = sorted(queued, key=lambda one: rank(one.notice))
    without = [replace(one, notice=_without_actions(one.notice)) for one in queued]
    needed = _messages(without, size)
    gone: list[QueuedNotice] = []
    count = 0
    while queued:
        left = max(0, allowance - count)
        batch = plan(queued, size, cost=cost, lines=len, allowance=left)
        assert batch
        assert batch == plan(queued, size, cost=cost, lines=len, allowance=left)
        assert sum(takes_actions(one.notice) for one in batch) <= size.actions
        assert len(batch) == 1 or all(isinstance(one.notice, CommentNotice) for one in batch)
        gone += batch
        queued = [one for one in queued if one not in batch]
        count += 1

    assert gone == wanted
    # What shares messages as embeds, where all do, would have been in time; so is what does not.
    if needed <= allowance and not small:
        assert count <= allowance


def _messages(queued: list[QueuedNotice], size: MessageSize) -> int:
    count = 0
    while queued:
        batch = plan(queued, size, cost=cost)
        queued = [one for one in queued if one not in batch]
        count += 1
    return count


def _without_actions(notice: Notice) -> Notice:
    return replace(notice, has_actions=False) if isinstance(notice, CommentNotice) else notice


@given(notices=st.lists(ANY, max_size=60), allowance=st.none() | st.integers(0, 12))
def test_where_no_question_can_be_acted_on_nothing_is_planned_otherwise(
    notices: list[Notice], allowance: int | None
) -> None:
    promoted = [
        replace(one, comment=replace(one.comment, is_promoted=True))
        if isinstance(one, CommentNotice)
        else one
        for one in notices
    ]

    assert next_of(waiting(*promoted), allowance) == next_of(
        waiting(*map(_without_actions, promoted)), allowance
    )
