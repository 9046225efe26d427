from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.twentythree.domain.ingest import accepts, removed, updated
from cogs.twentythree.domain.model import (
    AttachmentRules,
    Comment,
    CommentKind,
    CommentNotice,
    CommentPolicy,
    CommentStatus,
    Standing,
)
from tests.fakes.notices import SEEN_AT, comment_notice

PROMOTED = comment_notice(5, author="Ada", text="Secret", created_at=SEEN_AT, position_s=3.5)
DEMOTED = replace(PROMOTED.comment, is_promoted=False)


def under(policy: CommentPolicy) -> AttachmentRules:
    return AttachmentRules(comments=policy)


def test_an_edit_a_status_and_a_promotion_are_shown() -> None:
    before = comment_notice(5, is_promoted=False, kind=CommentKind.QUESTION)
    after = replace(
        before.comment, text="b", author="Bo", status=CommentStatus.ANSWERED, is_promoted=True
    )

    assert updated(before, after, under(CommentPolicy.ALL)) == replace(before, comment=after)


def test_when_and_where_a_comment_was_made_is_corrected_by_the_workspace_alone() -> None:
    after = replace(PROMOTED.comment, created_text="later", position_s=9.0)
    rules = under(CommentPolicy.ALL)

    assert updated(PROMOTED, after, rules, is_confirmed=False) == PROMOTED
    corrected = updated(PROMOTED, after, rules).comment
    assert (corrected.position_s, corrected.created_at) == (9.0, SEEN_AT)


def test_when_and_where_a_comment_was_made_needs_no_edit_where_one_way_tells_more() -> None:
    silent = replace(PROMOTED.comment, created_at=None, created_text="", position_s=None)
    rules = under(CommentPolicy.ALL)

    assert updated(PROMOTED, silent, rules) == PROMOTED
    untold = replace(PROMOTED, comment=silent)
    assert updated(untold, PROMOTED.comment, rules) == untold


def test_a_promotion_taken_back_withholds_text_and_name_where_it_was_the_reason() -> None:
    withheld = updated(PROMOTED, DEMOTED, under(CommentPolicy.PROMOTED))

    assert withheld.standing is Standing.WITHHELD
    assert (withheld.comment.text, withheld.comment.author) == ("", "")


def test_a_comment_that_is_for_the_room_anyway_only_loses_its_mark() -> None:
    shown = updated(PROMOTED, DEMOTED, under(CommentPolicy.PUBLIC))

    assert shown == replace(PROMOTED, comment=DEMOTED)


def test_what_is_promoted_again_is_shown_again() -> None:
    withheld = updated(PROMOTED, DEMOTED, under(CommentPolicy.PROMOTED))

    assert updated(withheld, PROMOTED.comment, under(CommentPolicy.PROMOTED)) == PROMOTED


def test_what_a_room_showed_before_its_rules_became_narrower_stays() -> None:
    chat = comment_notice(5, is_promoted=False, kind=CommentKind.CHAT)
    edited = replace(chat.comment, text="Edited")

    assert updated(chat, edited, under(CommentPolicy.PROMOTED)).standing is Standing.SHOWN


def test_a_comment_that_turns_out_to_be_a_question_is_withheld() -> None:
    chat = comment_notice(5, is_promoted=False, kind=CommentKind.CHAT)
    question = replace(chat.comment, kind=CommentKind.QUESTION)

    assert updated(chat, question, under(CommentPolicy.PUBLIC)).standing is Standing.WITHHELD


def test_what_is_removed_has_neither_text_nor_name() -> None:
    gone = removed(PROMOTED)

    assert gone.standing is Standing.REMOVED
    assert (gone.comment.text, gone.comment.author) == ("", "")
    assert removed(gone) == gone


def test_what_was_removed_comes_back_only_where_it_may_be_shown() -> None:
    gone = removed(PROMOTED)

    assert updated(gone, PROMOTED.comment, under(CommentPolicy.PROMOTED)) == PROMOTED
    again = updated(gone, DEMOTED, under(CommentPolicy.PROMOTED))
    assert again.standing is Standing.WITHHELD


@pytest.mark.parametrize("policy", CommentPolicy)
@given(
    seen=st.lists(
        st.builds(
            replace,
            st.just(DEMOTED),
            kind=st.sampled_from(CommentKind),
            is_promoted=st.booleans(),
        ),
        min_size=1,
    )
)
def test_a_room_whose_rules_stay_never_shows_what_they_do_not_take(
    policy: CommentPolicy, seen: list[Comment]
) -> None:
    notice: CommentNotice | None = None
    for comment in seen:
        if notice is None:
            if accepts(policy, comment):
                notice = replace(PROMOTED, comment=comment)
            continue
        notice = updated(notice, comment, under(policy))

        assert (notice.standing is Standing.SHOWN) == accepts(policy, comment)
        assert bool(notice.comment.text) == accepts(policy, comment)
