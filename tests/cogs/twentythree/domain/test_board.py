from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cogs.twentythree.domain.batching import MessageSize, plan, rank
from cogs.twentythree.domain.board import (
    Board,
    QuestionsSeen,
    as_comment,
    board_key,
    showing,
    withdrawn,
)
from cogs.twentythree.domain.deeds import Actor
from cogs.twentythree.domain.ingest import is_over, under
from cogs.twentythree.domain.model import (
    AttachmentRules,
    BoardNotice,
    CommentId,
    CommentKind,
    CommentPolicy,
    CommentStatus,
    GuildId,
    Notice,
    QueuedNotice,
    RoomId,
)
from cogs.twentythree.domain.shown import BoardView, QuestionCounts, ViewerQuestion
from tests.fakes.notices import SEEN_AT, WEBINAR, comment_notice

BEN = Actor(user_id=5, name="Ben")


def a_board(view: BoardView = BoardView.BOARD) -> Board:
    return Board(
        board_id=3,
        guild_id=GuildId(1),
        room_id=RoomId(10),
        object_id=WEBINAR.object_id,
        view=view,
        made_by=7,
        made_at=SEEN_AT,
    )


def asked(number: int, *, is_promoted: bool = False) -> ViewerQuestion:
    return ViewerQuestion(
        comment_id=CommentId(number),
        author="Ada",
        text=f"Question {number}?",
        asked_at=SEEN_AT + timedelta(minutes=number),
        is_promoted=is_promoted,
    )


SEEN = QuestionsSeen(
    counts=QuestionCounts(open=12, promoted=3, answered=4),
    oldest=tuple(asked(number) for number in range(1, 13)),
    speaker=asked(5, is_promoted=True),
)


def shown(seen: QuestionsSeen = SEEN, view: BoardView = BoardView.BOARD) -> BoardNotice:
    return showing(a_board(view), WEBINAR, seen, {CommentId(2): BEN})


def test_a_board_has_the_counts_the_ten_oldest_and_who_took_them() -> None:
    notice = shown()

    assert (notice.board_id, notice.counts, notice.more) == (3, SEEN.counts, 2)
    assert [one.comment_id for one in notice.questions] == list(range(1, 11))
    assert [one.taken_by for one in notice.questions[:3]] == [None, BEN, None]


def test_the_speaker_sees_one_question_and_nothing_that_changes_with_the_others() -> None:
    notice = shown(view=BoardView.SPEAKER)

    assert [one.comment_id for one in notice.questions] == [5]
    assert notice.more == 2
    busier = replace(SEEN, counts=replace(SEEN.counts, open=99, answered=77), oldest=())
    assert shown(busier, BoardView.SPEAKER) == notice


def test_without_a_promoted_question_the_speaker_sees_none() -> None:
    idle = QuestionsSeen(counts=QuestionCounts(open=1), oldest=(asked(1),))

    assert shown(idle, BoardView.SPEAKER).questions == ()
    assert shown(idle, BoardView.SPEAKER).more == 0


def test_of_long_words_no_more_is_kept_than_is_shown() -> None:
    long = replace(asked(1), text="so  many\nwords " * 10_000, author="A" * 9_999)

    (listed,) = shown(replace(SEEN, oldest=(long,))).questions
    (large,) = shown(replace(SEEN, speaker=long), BoardView.SPEAKER).questions

    assert (len(listed.text), len(listed.author), len(large.text)) == (200, 100, 2000)
    assert listed.text.startswith("so many words so")


def test_it_is_known_whether_questions_can_be_acted_on_from_the_room() -> None:
    acted = showing(a_board(), WEBINAR, SEEN, {}, has_actions=True)

    assert (acted.has_actions, shown().has_actions) == (True, False)


@pytest.mark.parametrize("view", BoardView)
def test_what_is_hidden_or_withdrawn_has_no_words(view: BoardView) -> None:
    hidden = showing(a_board(view), WEBINAR, SEEN, {}, is_hidden=True)

    for notice in (hidden, withdrawn(shown(view=view))):
        assert (notice.counts, notice.questions, notice.more) == (QuestionCounts(), (), 0)
    assert (is_over(hidden), is_over(withdrawn(hidden))) == (False, True)


def test_a_board_is_alone_in_its_message_and_goes_before_chat() -> None:
    chat = comment_notice(1, is_promoted=False)
    notices: list[Notice] = [chat, shown(), chat]
    waiting = [
        QueuedNotice(
            notice_id=number,
            room_id=RoomId(10),
            event_key=str(number),
            notice=notice,
            queued_at=SEEN_AT,
        )
        for number, notice in enumerate(notices)
    ]

    planned = plan(waiting, MessageSize(embeds=10, characters=6000), cost=lambda _: 1)

    assert [one.notice_id for one in planned] == [1]
    assert rank(shown()) < rank(chat)


def test_a_board_stays_whatever_comments_its_room_takes() -> None:
    assert under(AttachmentRules(comments=CommentPolicy.NONE), shown()) == shown()


def test_both_views_of_an_object_may_be_in_one_room() -> None:
    keys = {board_key(WEBINAR.object_id, view) for view in BoardView}

    assert keys == {"board:8:board", "board:8:speaker"}


def test_an_open_question_is_a_comment_to_be_acted_on() -> None:
    comment = as_comment(asked(5, is_promoted=True), WEBINAR.object_id)

    assert (comment.comment_id, comment.object_id, comment.kind) == (5, 8, CommentKind.QUESTION)
    assert (comment.is_promoted, comment.status) == (True, CommentStatus.OPEN)
    assert comment.text == "Question 5?"
