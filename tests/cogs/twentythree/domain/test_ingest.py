from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.twentythree.domain.admission import accepts
from cogs.twentythree.domain.ingest import (
    Decision,
    Remembered,
    Trust,
    backfilled,
    decide,
    event_key,
    fingerprint,
    is_read,
    memory_of,
    removed,
    under,
    updated,
)
from cogs.twentythree.domain.model import (
    AtEnd,
    Attachment,
    AttachmentRules,
    Comment,
    CommentId,
    CommentKind,
    CommentNotice,
    CommentPolicy,
    CommentStatus,
    DigestNotice,
    Notice,
    Source,
    Standing,
    VideoNotice,
)
from tests.fakes.attachments import attachment
from tests.fakes.notices import SEEN_AT, VIDEO, comment_notice, live_notice

PLAIN = comment_notice(5, is_promoted=False).comment
PROMOTED = replace(PLAIN, is_promoted=True)
DIGEST = DigestNotice(object=VIDEO, count=2, since=SEEN_AT, until=SEEN_AT)
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
    source: Source = Source.RECONCILE,
) -> Decision:
    return decide(
        comment,
        remembered,
        rooms,
        source=source,
        now=SEEN_AT,
    )


def hear(comment: Comment, remembered: Remembered | None = None) -> Decision:
    return take(comment, remembered, source=Source.REALTIME)


def known(comment: Comment, trust: Trust = Trust.CONFIRMED) -> Remembered:
    return memory_of(comment, trust)


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
        object=VIDEO, comment=PROMOTED, source=Source.RECONCILE, seen_at=SEEN_AT
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


ASKED = Decision(remember=None, notices=(), is_doubtful=True)


def test_what_realtime_alone_has_told_is_not_confirmed() -> None:
    answered = replace(PLAIN, status=CommentStatus.ANSWERED)

    assert hear(PLAIN).remember == known(PLAIN, Trust.NEW)
    assert hear(answered, known(PLAIN, Trust.NEW)).remember == known(answered, Trust.NEW)
    assert hear(answered, known(PLAIN)).remember == known(answered, Trust.CHANGED)


def test_realtime_shows_what_staff_did_with_a_known_comment_at_once() -> None:
    assert rooms_of(hear(PROMOTED, known(PLAIN))) == [1, 2, 3]
    assert hear(PLAIN, known(PROMOTED)).remember == known(PLAIN, Trust.CHANGED)


@pytest.mark.parametrize(
    ("told", "is_known_as"),
    [
        (replace(PLAIN, text="Other words"), PLAIN),
        (replace(PROMOTED, author="Company CEO"), PLAIN),
        (PLAIN, QUESTION),
        (replace(PROMOTED, text="A link"), PROMOTED),
        (replace(QUESTION, is_promoted=True), QUESTION),
    ],
    ids=["text", "promoted with another name", "kind", "text of a promoted one", "private"],
)
@pytest.mark.parametrize("trust", Trust)
def test_other_words_and_private_questions_are_asked_about_before_anybody_sees_them(
    told: Comment, is_known_as: Comment, trust: Trust
) -> None:
    assert hear(told, known(is_known_as, trust)) == ASKED
    assert hear(told, replace(known(is_known_as, trust), fingerprint=None)) == ASKED


def test_what_the_workspace_tells_makes_a_rumour_as_if_never_seen() -> None:
    forged = replace(QUESTION, text="Forged")

    decision = take(PLAIN, known(forged, Trust.NEW))

    assert rooms_of(decision) == [2, 3]
    assert decision.remember == known(PLAIN)
    assert take(PLAIN, known(PLAIN, Trust.CHANGED)) == Decision(remember=known(PLAIN), notices=())


@pytest.mark.parametrize(
    ("told", "is_known_as"),
    [
        (replace(PLAIN, untold=("promotion",)), PROMOTED),
        (replace(QUESTION, untold=("kind",)), PLAIN),
        (replace(PROMOTED, text="", author="Guest", untold=("text",)), PROMOTED),
    ],
    ids=["promotion", "kind", "text"],
)
def test_what_a_row_leaves_out_changes_nothing_that_is_known(
    told: Comment, is_known_as: Comment
) -> None:
    assert take(told, known(is_known_as)) == Decision(remember=None, notices=())
    assert take(told).remember is not None
    assert take(told, known(is_known_as, Trust.NEW)).remember == known(told)


def test_a_promotion_is_taken_back_whatever_else_a_row_leaves_out() -> None:
    told = replace(PLAIN, untold=("kind",))

    assert take(told, known(PROMOTED)).remember == known(PLAIN)


def test_what_is_gone_comes_back_by_the_workspaces_own_word_only() -> None:
    gone = replace(known(PROMOTED), is_gone=True)

    assert hear(PROMOTED, gone) == ASKED
    back = take(PROMOTED, gone)
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


@pytest.mark.parametrize(
    ("rules", "notice", "is_left"),
    [
        (AttachmentRules(comments=CommentPolicy.ALL), comment_notice(is_promoted=False), True),
        (AttachmentRules(), comment_notice(is_promoted=False), False),
        (AttachmentRules(), live_notice(), True),
        (AttachmentRules(announces_live=False), live_notice(), False),
        (AttachmentRules(), replace(live_notice(), is_end=True), False),
        (AttachmentRules(at_end=AtEnd.ANNOUNCE), replace(live_notice(), is_end=True), True),
        (AttachmentRules(), DIGEST, True),
        (AttachmentRules(comments=CommentPolicy.NONE), DIGEST, False),
        (AttachmentRules(comments=CommentPolicy.NONE), VideoNotice(object=VIDEO), True),
    ],
)
def test_what_waits_is_left_where_new_rules_take_it(
    rules: AttachmentRules,
    notice: Notice,
    is_left: bool,  # noqa: FBT001 - pytest passes by name
) -> None:
    assert under(rules, notice) == (notice if is_left else None)


def test_new_rules_change_whom_a_card_mentions_but_let_none_begin_to() -> None:
    rules = AttachmentRules(mention_role_id=5)

    assert under(rules, live_notice(role=4)) == live_notice(role=5)
    assert under(rules, live_notice()) == live_notice()


def test_a_backfill_tells_in_order_what_the_room_takes() -> None:
    (room,) = ROOMS[:1]
    second = replace(PROMOTED, comment_id=CommentId(9))
    told = backfilled(room, [second, replace(PLAIN, comment_id=CommentId(7)), PROMOTED], SEEN_AT)

    assert [one.event_key for one in told] == ["comment:5", "comment:9"]
    assert all(
        isinstance(one.notice, CommentNotice) and one.notice.source is Source.BACKFILL
        for one in told
    )


def test_comments_are_read_once_a_room_asks_for_any() -> None:
    none = AttachmentRules(comments=CommentPolicy.NONE)

    assert not is_read([])
    assert not is_read([none, none])
    assert is_read([none, AttachmentRules()])


@pytest.mark.parametrize(
    ("kind", "is_promoted", "takers"),
    [
        (
            CommentKind.COMMENT,
            True,
            {CommentPolicy.PROMOTED, CommentPolicy.PUBLIC, CommentPolicy.ALL},
        ),
        (CommentKind.COMMENT, False, {CommentPolicy.PUBLIC, CommentPolicy.ALL}),
        (CommentKind.CHAT, True, {CommentPolicy.PROMOTED, CommentPolicy.PUBLIC, CommentPolicy.ALL}),
        (CommentKind.CHAT, False, {CommentPolicy.PUBLIC, CommentPolicy.ALL}),
        (
            CommentKind.QUESTION,
            True,
            {CommentPolicy.PROMOTED, CommentPolicy.PUBLIC, CommentPolicy.ALL},
        ),
        (CommentKind.QUESTION, False, {CommentPolicy.ALL}),
    ],
)
def test_a_private_question_goes_only_where_all_was_chosen(
    kind: CommentKind, *, is_promoted: bool, takers: set[CommentPolicy]
) -> None:
    comment = comment_notice(kind=kind, is_promoted=is_promoted).comment

    assert {policy for policy in CommentPolicy if accepts(policy, comment)} == takers
    assert CommentPolicy.NONE not in takers


SAID = comment_notice(5, author="Ada", text="Secret", created_at=SEEN_AT, position_s=3.5)
DEMOTED = replace(SAID.comment, is_promoted=False)


def rules_for(policy: CommentPolicy) -> AttachmentRules:
    return AttachmentRules(comments=policy)


def test_an_edit_a_status_and_a_promotion_are_shown() -> None:
    before = comment_notice(5, is_promoted=False, kind=CommentKind.QUESTION)
    after = replace(
        before.comment, text="b", author="Bo", status=CommentStatus.ANSWERED, is_promoted=True
    )

    assert updated(before, after, rules_for(CommentPolicy.ALL)) == replace(before, comment=after)


def test_when_and_where_a_comment_was_made_is_corrected_by_the_workspace_alone() -> None:
    after = replace(SAID.comment, created_text="later", position_s=9.0)
    rules = rules_for(CommentPolicy.ALL)

    assert updated(SAID, after, rules, is_confirmed=False) == SAID
    corrected = updated(SAID, after, rules).comment
    assert (corrected.position_s, corrected.created_at) == (9.0, SEEN_AT)


def test_when_and_where_a_comment_was_made_needs_no_edit_where_one_way_tells_more() -> None:
    silent = replace(SAID.comment, created_at=None, created_text="", position_s=None)
    rules = rules_for(CommentPolicy.ALL)

    assert updated(SAID, silent, rules) == SAID
    untold = replace(SAID, comment=silent)
    assert updated(untold, SAID.comment, rules) == untold


def test_a_promotion_taken_back_withholds_text_and_name_where_it_was_the_reason() -> None:
    withheld = updated(SAID, DEMOTED, rules_for(CommentPolicy.PROMOTED))

    assert withheld.standing is Standing.WITHHELD
    assert (withheld.comment.text, withheld.comment.author) == ("", "")


def test_a_comment_that_is_for_the_room_anyway_only_loses_its_mark() -> None:
    shown = updated(SAID, DEMOTED, rules_for(CommentPolicy.PUBLIC))

    assert shown == replace(SAID, comment=DEMOTED)


def test_what_is_promoted_again_is_shown_again() -> None:
    withheld = updated(SAID, DEMOTED, rules_for(CommentPolicy.PROMOTED))

    assert updated(withheld, SAID.comment, rules_for(CommentPolicy.PROMOTED)) == SAID


def test_what_a_room_showed_before_its_rules_became_narrower_stays() -> None:
    chat = comment_notice(5, is_promoted=False, kind=CommentKind.CHAT)
    edited = replace(chat.comment, text="Edited")

    assert updated(chat, edited, rules_for(CommentPolicy.PROMOTED)).standing is Standing.SHOWN


def test_a_comment_that_turns_out_to_be_a_question_is_withheld() -> None:
    chat = comment_notice(5, is_promoted=False, kind=CommentKind.CHAT)
    question = replace(chat.comment, kind=CommentKind.QUESTION)

    assert updated(chat, question, rules_for(CommentPolicy.PUBLIC)).standing is Standing.WITHHELD


def test_what_is_removed_has_neither_text_nor_name() -> None:
    gone = removed(SAID)

    assert gone.standing is Standing.REMOVED
    assert (gone.comment.text, gone.comment.author) == ("", "")
    assert removed(gone) == gone


def test_what_was_removed_comes_back_only_where_it_may_be_shown() -> None:
    gone = removed(SAID)

    assert updated(gone, SAID.comment, rules_for(CommentPolicy.PROMOTED)) == SAID
    again = updated(gone, DEMOTED, rules_for(CommentPolicy.PROMOTED))
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
                notice = replace(SAID, comment=comment)
            continue
        notice = updated(notice, comment, rules_for(policy))

        assert (notice.standing is Standing.SHOWN) == accepts(policy, comment)
        assert bool(notice.comment.text) == accepts(policy, comment)
