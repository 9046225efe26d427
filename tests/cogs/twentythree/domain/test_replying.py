from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cogs.twentythree.domain.acting import Intent, WantedAction
from cogs.twentythree.domain.deeds import Action, Actor
from cogs.twentythree.domain.ingest import removed
from cogs.twentythree.domain.model import (
    Comment,
    CommentId,
    GuildId,
    ObjectId,
    Quote,
    RoomId,
    SentReply,
)
from cogs.twentythree.domain.replying import is_reply, with_replies, without_replies
from tests.fakes.notices import SEEN_AT, VIDEO, comment_notice

INTENT = Intent(
    intent_id=1,
    wanted=WantedAction(
        action=Action.REPLY,
        guild_id=GuildId(1),
        room_id=RoomId(2),
        object_id=VIDEO.object_id,
        comment_id=CommentId(5),
        actor=Actor(user_id=3, name="Mo"),
        text="On Monday.\n\nBring  a friend",
    ),
    asked_at=SEEN_AT,
    name="The team",
)
SAID = comment_notice(9, author="The team", text=INTENT.wanted.text).comment
QUESTION = comment_notice(5)
FIRST, SECOND = (
    SentReply(comment_id=CommentId(number), name="The team", text=f"{number}") for number in (8, 9)
)


@pytest.mark.parametrize(
    "comment",
    [
        SAID,
        replace(SAID, answers=Quote(comment_id=CommentId(5), author="Ann", text="When?")),
        replace(SAID, text=" On Monday. Bring a friend\n"),
        replace(SAID, author="The  team "),
        replace(SAID, created_at=SEEN_AT - timedelta(minutes=5)),
        replace(SAID, created_at=SEEN_AT + timedelta(days=1)),
    ],
    ids=["as sent", "with what it answers", "other space", "in the name", "clocks", "later"],
)
def test_a_reply_is_known_by_what_it_says_and_answers(comment: Comment) -> None:
    assert is_reply(comment, INTENT)


@pytest.mark.parametrize(
    "comment",
    [
        replace(SAID, text="On Monday. Bring a Friend"),
        replace(SAID, author="The teams"),
        replace(SAID, object_id=ObjectId(8)),
        replace(SAID, answers=Quote(comment_id=CommentId(6))),
        replace(SAID, created_at=SEEN_AT - timedelta(minutes=5, seconds=1)),
    ],
    ids=["words", "name", "object", "question", "before it was sent"],
)
def test_what_differs_is_no_reply(comment: Comment) -> None:
    assert not is_reply(comment, INTENT)


def test_a_reply_whose_words_are_forgotten_is_not_looked_for() -> None:
    forgotten = replace(INTENT, name="", wanted=replace(INTENT.wanted, text=""))

    assert not is_reply(replace(SAID, author="", text=""), forgotten)


def test_replies_stand_in_the_order_in_which_they_came_and_are_replaced_in_place() -> None:
    both = with_replies(with_replies(QUESTION, [FIRST]), [SECOND])
    edited = replace(FIRST, text="edited")

    assert both.replies == (FIRST, SECOND)
    assert with_replies(both, [FIRST, SECOND]) == both
    assert with_replies(both, [edited]).replies == (edited, SECOND)
    assert with_replies(both, []) == both


def test_replies_that_are_gone_are_not_shown() -> None:
    both = with_replies(QUESTION, [FIRST, SECOND])

    assert without_replies(both, {CommentId(8)}).replies == (SECOND,)
    assert without_replies(both, {CommentId(7)}) == both


def test_where_no_comment_is_shown_no_reply_is() -> None:
    gone = removed(with_replies(QUESTION, [FIRST]))

    assert gone.replies == ()
    assert with_replies(gone, [FIRST]) == gone
