from __future__ import annotations

from dataclasses import replace

from cogs.twentythree.domain.acting import with_replies, without_replies
from cogs.twentythree.domain.ingest import removed
from cogs.twentythree.domain.model import (
    CommentId,
    SentReply,
)
from tests.fakes.notices import comment_notice

QUESTION = comment_notice(5)
FIRST, SECOND = (
    SentReply(comment_id=CommentId(number), name="The team", text=f"{number}") for number in (8, 9)
)


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
