"""What a room shows of the comment that one answers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cogs.twentythree.domain.ingest import decide, fingerprint, removed, takes_away, under, updated
from cogs.twentythree.domain.model import (
    AttachmentRules,
    Comment,
    CommentId,
    CommentKind,
    CommentNotice,
    CommentPolicy,
    QueuedNotice,
    Quote,
    RoomId,
    Source,
    Standing,
)
from tests.fakes.attachments import attachment
from tests.fakes.notices import SEEN_AT, comment_notice

ASKED = CommentId(4)
PRIVATE = Quote(comment_id=ASKED, author="Bo", text="Between us?")
PROMOTED = replace(PRIVATE, is_promoted=True)
CHAT = replace(PRIVATE, kind=CommentKind.CHAT)
BARE = Quote(comment_id=ASKED)
NOTICE = comment_notice(5, is_promoted=True, text="Yes.", answers=PROMOTED)


def answering(quote: Quote | None) -> Comment:
    return replace(NOTICE.comment, answers=quote)


def stale(notice: CommentNotice) -> QueuedNotice:
    return QueuedNotice(
        notice_id=1,
        room_id=RoomId(2),
        event_key="comment:5",
        notice=notice,
        queued_at=SEEN_AT,
        is_stale=True,
    )


def rules(policy: CommentPolicy) -> AttachmentRules:
    return AttachmentRules(comments=policy)


@pytest.mark.parametrize(
    ("policy", "quote", "shown"),
    [
        (CommentPolicy.ALL, PRIVATE, PRIVATE),
        (CommentPolicy.PUBLIC, PRIVATE, BARE),
        (CommentPolicy.PUBLIC, CHAT, CHAT),
        (CommentPolicy.PUBLIC, PROMOTED, PROMOTED),
        (CommentPolicy.PROMOTED, CHAT, BARE),
        (CommentPolicy.PROMOTED, PROMOTED, PROMOTED),
    ],
)
def test_a_room_quotes_what_it_would_show_by_itself(
    policy: CommentPolicy, quote: Quote, shown: Quote
) -> None:
    decision = decide(
        answering(quote),
        None,
        [attachment(1, comments=policy)],
        source=Source.RECONCILE,
        now=SEEN_AT,
    )
    (new,) = decision.notices
    waiting = replace(NOTICE, comment=answering(quote))

    for notice in (
        new.notice,
        updated(waiting, answering(quote), rules(policy)),
        under(rules(policy), waiting),
    ):
        assert isinstance(notice, CommentNotice)
        assert notice.comment.answers == shown


def test_what_a_comment_answers_is_no_change_of_it() -> None:
    assert fingerprint(answering(PROMOTED)) == fingerprint(answering(None))


def test_realtime_changes_nothing_of_a_quote_and_the_workspace_does() -> None:
    everything = rules(CommentPolicy.ALL)

    assert updated(NOTICE, answering(CHAT), everything, is_confirmed=False) == NOTICE
    assert updated(NOTICE, answering(BARE), everything).comment.answers == BARE
    assert updated(NOTICE, answering(None), everything).comment.answers is None


def test_a_quote_that_was_shown_and_may_not_be_is_known_until_its_message_is_edited() -> None:
    promoted = rules(CommentPolicy.PROMOTED)
    demoted = updated(NOTICE, answering(PRIVATE), promoted)
    again = updated(demoted, answering(BARE), promoted)

    for notice in (demoted, again):
        assert takes_away(stale(notice))
        assert not takes_away(replace(stale(notice), is_stale=False))
    bare = replace(NOTICE, comment=answering(BARE))
    assert not takes_away(stale(updated(bare, answering(BARE), promoted)))


def test_what_is_withheld_or_removed_quotes_nothing() -> None:
    demoted = replace(NOTICE.comment, is_promoted=False)
    withheld = updated(NOTICE, demoted, rules(CommentPolicy.PROMOTED))

    assert withheld.standing is Standing.WITHHELD
    assert withheld.comment.answers is None
    assert removed(NOTICE).comment.answers is None
