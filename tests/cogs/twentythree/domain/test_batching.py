from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from cogs.twentythree.domain.batching import (
    Form,
    MessageSize,
    digest,
    form_of,
    lone,
    plan,
    rank,
)
from cogs.twentythree.domain.deeds import Actor, LogNotice
from cogs.twentythree.domain.model import (
    CommentNotice,
    DigestNotice,
    LiveNotice,
    NewNotice,
    Notice,
    QueuedNotice,
    RoomId,
)
from tests.fakes.notices import SEEN_AT, VIDEO, comment_notice, live_notice

ROOM = RoomId(5)
SIZE = MessageSize(embeds=10, characters=6_000)


def queued(number: int, notice: Notice | None = None, *, length: int = 10) -> QueuedNotice:
    return QueuedNotice(
        notice_id=number,
        room_id=ROOM,
        event_key=f"comment:{number}",
        notice=notice or comment_notice(number, text="x" * length),
        queued_at=SEEN_AT,
    )


def cost(notice: Notice) -> int:
    return len(notice.comment.text) if isinstance(notice, CommentNotice) else 50


def ids(batch: tuple[QueuedNotice, ...]) -> list[int]:
    return [one.notice_id for one in batch]


def test_nothing_waits_nothing_goes() -> None:
    assert plan([], SIZE, cost=cost) == ()


def test_comments_share_a_message_in_their_order() -> None:
    waiting = [queued(number) for number in range(1, 15)]

    assert ids(plan(waiting, SIZE, cost=cost)) == list(range(1, SIZE.embeds + 1))


def test_a_lone_comment_goes_alone() -> None:
    assert ids(plan([queued(1)], SIZE, cost=cost)) == [1]


def test_comments_share_a_message_up_to_its_characters() -> None:
    waiting = [queued(1, length=3000), queued(2, length=3000), queued(3, length=1)]

    assert ids(plan(waiting, SIZE, cost=cost)) == [1, 2]


def test_a_short_comment_does_not_overtake_a_long_one() -> None:
    waiting = [queued(1, length=5000), queued(2, length=5000), queued(3, length=1)]

    assert ids(plan(waiting, SIZE, cost=cost)) == [1]


def test_a_comment_past_the_limit_goes_alone() -> None:
    waiting = [queued(1, length=SIZE.characters + 1), queued(2)]

    assert ids(plan(waiting, SIZE, cost=cost)) == [1]


def test_a_live_card_goes_first_and_alone() -> None:
    waiting = [queued(1), queued(2, live_notice()), queued(3), queued(4, live_notice())]

    assert ids(plan(waiting, SIZE, cost=cost)) == [2]
    assert ids(plan([waiting[0], *waiting[2:]], SIZE, cost=cost)) == [4]


def forty(notices: Sequence[Notice]) -> int:
    return min(len(notices), 40)


def test_comments_go_one_by_one_while_a_message_is_left_for_each() -> None:
    waiting = [queued(number) for number in range(1, 6)]

    assert ids(plan(waiting, SIZE, cost=cost, lines=forty, allowance=5)) == [1]
    assert ids(plan(waiting, SIZE, cost=cost, lines=forty, allowance=4)) == [1, 2, 3, 4, 5]
    assert ids(plan(waiting, SIZE, cost=cost, lines=forty, allowance=0)) == [1, 2, 3, 4, 5]


def test_comments_become_lines_when_embeds_take_more_messages_than_are_left() -> None:
    waiting = [queued(number) for number in range(1, 32)]

    assert len(plan(waiting, SIZE, cost=cost, lines=forty, allowance=4)) == SIZE.embeds
    assert len(plan(waiting, SIZE, cost=cost, lines=forty, allowance=3)) == 31
    assert len(plan(waiting, SIZE, cost=cost, lines=forty, allowance=None)) == SIZE.embeds
    assert len(plan(waiting, SIZE, cost=cost, lines=lambda _: 1, allowance=3)) == SIZE.embeds


def test_what_staff_chose_does_not_wait_behind_chat() -> None:
    chat = [queued(number, comment_notice(number, is_promoted=False)) for number in (1, 2, 5)]
    waiting = [*chat[:2], queued(3), queued(4), chat[2]]

    assert ids(plan(waiting, SIZE, cost=cost)) == [3, 4, 1, 2, 5]


def test_a_digest_goes_after_what_staff_chose_and_before_chat() -> None:
    digest = DigestNotice(object=VIDEO, count=3, since=SEEN_AT, until=SEEN_AT)
    waiting = [queued(1, comment_notice(1, is_promoted=False)), queued(2, digest), queued(3)]

    assert [rank(one.notice) for one in waiting] == [3, 2, 1]
    assert ids(plan(waiting, SIZE, cost=cost)) == [3]
    assert ids(plan(waiting[:2], SIZE, cost=cost)) == [2]


def test_the_form_follows_from_the_comments_alone() -> None:
    assert form_of([SIZE.characters // 10] * 10, SIZE) is Form.CARDS
    assert form_of([1] * 11, SIZE) is Form.LINES
    assert form_of([SIZE.characters, 1], SIZE) is Form.LINES
    assert form_of([SIZE.characters + 1], SIZE) is Form.CARDS


@given(
    lengths=st.lists(st.none() | st.integers(0, 4200), max_size=40),
    max_embeds=st.integers(1, 10),
    max_chars=st.integers(4200, 6000),
)
def test_by_and_by_everything_goes_once_within_the_limits(
    lengths: list[int | None], max_embeds: int, max_chars: int
) -> None:
    waiting = [
        queued(number, live_notice() if length is None else None, length=length or 0)
        for number, length in enumerate(lengths)
    ]
    size = MessageSize(embeds=max_embeds, characters=max_chars)
    left, gone = waiting, list[QueuedNotice]()
    while left:
        batch = plan(left, size, cost=cost)

        assert batch
        assert batch == plan(left, size, cost=cost)
        assert len(batch) <= max_embeds
        assert sum(cost(one.notice) for one in batch) <= max_chars
        assert len(batch) == 1 or not any(isinstance(one.notice, LiveNotice) for one in batch)

        gone += batch
        left = [one for one in left if one not in batch]
    live = [one for one in waiting if isinstance(one.notice, LiveNotice)]
    comments = [one for one in waiting if one not in live]

    assert gone == live + comments


def fresh(number: int, room: int = ROOM) -> NewNotice:
    return NewNotice(
        attachment_id=1,
        room_id=RoomId(room),
        event_key=f"comment:{number}",
        notice=comment_notice(number),
    )


def test_a_notice_is_alone_where_neither_another_nor_anything_else_goes_to_its_room() -> None:
    two, one, busy = [fresh(1, 5), fresh(2, 5)], fresh(3, 6), fresh(4, 7)

    assert lone([*two, one, busy], {RoomId(5), RoomId(6)}) == [one]


def test_nothing_is_alone_among_many() -> None:
    rooms = range(11)
    new = [fresh(1, room) for room in rooms]

    assert lone(new, set(map(RoomId, rooms))) == []
    assert lone(new[1:], set(map(RoomId, rooms))) == new[1:]


def test_one_comment_becomes_no_digest_unless_there_is_one() -> None:
    later = SEEN_AT + timedelta(hours=1)
    two = digest(VIDEO, [later, SEEN_AT], None)

    assert two == DigestNotice(object=VIDEO, count=2, since=SEEN_AT, until=later)
    assert digest(VIDEO, [later], None) is None
    assert digest(VIDEO, [], two) is None
    latest = later + timedelta(hours=1)
    assert digest(VIDEO, [latest], two) == DigestNotice(
        object=VIDEO, count=3, since=SEEN_AT, until=latest
    )


def entry(number: int) -> QueuedNotice:
    told = LogNotice(
        entry_id=number,
        actor=Actor(user_id=3, name="Mo"),
        deed="promote",
        effect="done",
        at=SEEN_AT,
    )
    return queued(number, told)


def test_what_the_log_is_told_comes_last_and_shares_messages() -> None:
    entries = [entry(number) for number in range(1, 13)]

    assert ids(plan([*entries, queued(20), queued(21)], SIZE, cost=cost)) == [20, 21]
    assert ids(plan(entries, SIZE, cost=cost)) == list(range(1, SIZE.embeds + 1))
    assert ids(plan(entries, SIZE, cost=cost, lines=lambda _: 0, allowance=1)) == list(range(1, 11))
    assert ids(plan(entries, SIZE, cost=cost, allowance=50)) == [1]
