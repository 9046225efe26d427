"""What notices tell of what staff do, and where they offer it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cogs.twentythree.domain.deeds import Acted, Action, Actor, LogNotice
from cogs.twentythree.domain.ingest import (
    backfilled,
    is_over,
    offering,
    removed,
    under,
    updated,
)
from cogs.twentythree.domain.model import (
    AttachmentRules,
    CommentId,
    CommentKind,
    CommentNotice,
    CommentPolicy,
    CommentStatus,
    Quote,
    SentReply,
    Standing,
)
from tests.fakes.attachments import attachment
from tests.fakes.notices import SEEN_AT, comment_notice

MO = Actor(user_id=3, name="Mo")
PROMOTED = Acted(action=Action.PROMOTE, actor=MO, at=SEEN_AT)
ANSWERED = Acted(action=Action.ANSWER, actor=MO, at=SEEN_AT)
REPLY = SentReply(comment_id=CommentId(9), name="The team", text="On Monday.")
RULES = AttachmentRules(comments=CommentPolicy.PROMOTED, has_actions=True)
OPEN = comment_notice(5, kind=CommentKind.QUESTION)
# Promoted and answered, both by Mo, with a reply, and itself an answer.
DONE = replace(
    OPEN,
    comment=replace(
        OPEN.comment,
        status=CommentStatus.ANSWERED,
        answers=Quote(comment_id=CommentId(4), author="Ann", text="When?", is_promoted=True),
    ),
    has_actions=True,
    acted=(PROMOTED, ANSWERED),
    replies=(REPLY,),
)


@pytest.mark.parametrize("is_writable", [True, False])
@pytest.mark.parametrize("is_asked", [True, False])
def test_a_new_notice_offers_actions_where_they_were_asked_for_and_may_be_done(
    *, is_asked: bool, is_writable: bool
) -> None:
    room = attachment(1)
    rules = replace(room.rules, has_actions=is_asked)
    room = replace(room, rules=rules, is_writable=is_writable)
    (new,) = backfilled(room, [OPEN.comment], SEEN_AT)

    assert isinstance(new.notice, CommentNotice)
    assert new.notice.has_actions is (is_asked and is_writable)
    assert room.rules == rules


def test_who_did_what_is_told_for_as_long_as_it_is_so() -> None:
    reopened = replace(DONE.comment, status=CommentStatus.OPEN)

    assert updated(DONE, DONE.comment, RULES) == DONE
    assert updated(DONE, reopened, RULES).acted == (PROMOTED,)
    assert updated(DONE, reopened, RULES, is_confirmed=False).acted == (PROMOTED, ANSWERED)


def test_actions_come_and_go_with_the_rules() -> None:
    without = replace(RULES, has_actions=False)
    quiet = replace(DONE, has_actions=False)

    assert updated(DONE, DONE.comment, without) == under(without, DONE) == quiet
    assert updated(quiet, DONE.comment, RULES) == under(RULES, quiet) == DONE
    assert under(replace(RULES, comments=CommentPolicy.NONE), DONE) is None


def test_what_is_gone_is_nobodys_deed_and_cannot_be_acted_on() -> None:
    gone = removed(DONE)

    assert (gone.acted, gone.replies, gone.has_actions) == ((), (), False)
    assert gone.comment.answers is None
    assert offering(gone, has_actions=True) == gone
    assert updated(gone, DONE.comment, RULES).has_actions


def test_what_is_withheld_shows_no_words_of_anybody() -> None:
    demoted = replace(DONE.comment, is_promoted=False)
    withheld = updated(DONE, demoted, RULES)

    assert withheld.standing is Standing.WITHHELD
    assert (withheld.replies, withheld.comment.answers) == ((), None)
    assert withheld.acted == (ANSWERED,)


def test_an_entry_of_the_log_is_under_no_rules_and_never_over() -> None:
    told = LogNotice(entry_id=1, actor=MO, deed="promote", effect="done", at=SEEN_AT)

    assert under(replace(RULES, comments=CommentPolicy.NONE), told) == told
    assert not is_over(told)
