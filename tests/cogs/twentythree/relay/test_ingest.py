from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.twentythree.relay.ingest import (
    Decision,
    Remembered,
    decide,
    event_key,
    fingerprint,
    memory_of,
)
from cogs.twentythree.relay.model import (
    Attachment,
    Comment,
    CommentKind,
    CommentNotice,
    CommentPolicy,
    CommentStatus,
    Source,
)
from tests.fakes.attachments import attachment
from tests.fakes.notices import SEEN_AT, VIDEO, comment_notice

PLAIN = comment_notice(5, is_promoted=False).comment
PROMOTED = replace(PLAIN, is_promoted=True)
QUESTION = replace(PLAIN, kind=CommentKind.QUESTION)
ROOMS = (
    attachment(1, comments=CommentPolicy.PROMOTED),
    attachment(2, comments=CommentPolicy.PUBLIC),
    attachment(3, comments=CommentPolicy.ALL),
    attachment(4, comments=CommentPolicy.NONE),
)


def take(
    comment: Comment,
    remembered: Remembered | None = None,
    *,
    rooms: Sequence[Attachment] = ROOMS,
    source: Source = Source.REALTIME,
) -> Decision:
    return decide(
        comment,
        remembered,
        rooms,
        source=source,
        now=SEEN_AT,
    )


def known(comment: Comment) -> Remembered:
    return memory_of(comment)


def rooms_of(decision: Decision) -> list[int]:
    return [notice.room_id for notice in decision.notices]


def test_a_new_comment_is_said_where_it_may_be_and_remembered() -> None:
    decision = take(PLAIN)

    assert rooms_of(decision) == [2, 3]
    assert decision.remember == known(PLAIN)


def test_a_notice_says_what_was_seen_when_and_how() -> None:
    (notice,) = take(PROMOTED, rooms=ROOMS[:1]).notices

    assert notice.event_key == event_key(PROMOTED.comment_id) == "comment:5"
    assert notice.attachment_id == 1
    assert notice.notice == CommentNotice(
        object=VIDEO, comment=PROMOTED, source=Source.REALTIME, seen_at=SEEN_AT
    )


def test_a_private_question_is_said_only_where_all_was_chosen() -> None:
    assert rooms_of(take(QUESTION)) == [3]


def test_a_private_question_is_said_elsewhere_once_it_is_promoted() -> None:
    promoted = replace(QUESTION, is_promoted=True)

    decision = take(promoted, known(QUESTION))

    assert rooms_of(decision) == [1, 2, 3]  # the outbox drops what was said in room 3
    assert decision.remember == known(promoted)


def test_a_comment_seen_before_changes_nothing() -> None:
    for comment in (PLAIN, PROMOTED):
        assert take(comment, known(comment)) == Decision(remember=None, notices=())


def test_a_double_that_comes_late_says_nothing() -> None:
    assert take(PLAIN, known(PROMOTED)).notices == ()


def test_a_withdrawn_promotion_is_remembered_so_that_a_new_one_counts() -> None:
    withdrawn = take(PLAIN, known(PROMOTED)).remember

    assert withdrawn == known(PLAIN)
    assert rooms_of(take(PROMOTED, withdrawn)) == [1, 2, 3]


@given(seen=st.lists(st.sampled_from([PLAIN, PROMOTED, QUESTION]), min_size=1))
def test_each_look_is_remembered_and_the_same_look_again_is_none(seen: list[Comment]) -> None:
    remembered: Remembered | None = None
    for comment in seen:
        decision = take(comment, remembered)
        remembered = decision.remember or remembered

        assert remembered == known(comment)
        assert take(comment, remembered) == Decision(remember=None, notices=())


def test_an_edit_is_remembered_and_is_no_news() -> None:
    edited = replace(PLAIN, text="Better words")

    decision = take(edited, known(PLAIN))

    assert decision.remember == known(edited)
    assert decision.notices == ()


@pytest.mark.parametrize(
    "change",
    [
        {"author": "Eve"},
        {"text": "b"},
        {"kind": CommentKind.CHAT},
        {"status": CommentStatus.ANSWERED},
        {"is_promoted": True},
    ],
)
def test_all_that_a_room_shows_and_that_may_change_is_in_the_fingerprint(
    change: dict[str, Any],
) -> None:
    assert fingerprint(replace(PLAIN, **change)) != fingerprint(PLAIN)


def test_when_a_comment_was_made_is_no_part_of_its_fingerprint() -> None:
    assert fingerprint(replace(PLAIN, created_at=SEEN_AT, created_text="x")) == fingerprint(PLAIN)


def test_a_text_that_cannot_be_encoded_has_a_fingerprint() -> None:
    assert fingerprint(replace(PLAIN, text="\ud800")) != fingerprint(PLAIN)


def test_realtime_that_is_at_odds_with_what_is_known_is_doubtful() -> None:
    assert take(PROMOTED, known(PLAIN)).is_doubtful
    assert not take(PROMOTED, known(PLAIN), source=Source.RECONCILE).is_doubtful
    assert not take(PROMOTED).is_doubtful


def test_what_is_gone_comes_back_by_the_workspaces_own_word_only() -> None:
    gone = replace(known(PROMOTED), is_gone=True)

    assert take(PROMOTED, gone) == Decision(remember=None, notices=(), is_doubtful=True)
    back = take(PROMOTED, gone, source=Source.RECONCILE)
    assert back.remember == known(PROMOTED)
    assert rooms_of(back) == [1, 2, 3]


@given(
    seen=st.lists(
        st.builds(
            replace,
            st.just(PLAIN),
            kind=st.sampled_from(CommentKind),
            is_promoted=st.booleans(),
        )
    )
)
def test_no_room_ever_gets_what_it_does_not_take(seen: list[Comment]) -> None:
    remembered: Remembered | None = None
    for comment in seen:
        decision = take(comment, remembered)
        remembered = decision.remember or remembered
        is_private = comment.kind is CommentKind.QUESTION and not comment.is_promoted

        assert 4 not in rooms_of(decision)
        assert comment.is_promoted or 1 not in rooms_of(decision)
        assert not is_private or set(rooms_of(decision)) <= {3}
