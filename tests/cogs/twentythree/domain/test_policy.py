from __future__ import annotations

import pytest

from cogs.twentythree.domain.ingest import accepts
from cogs.twentythree.domain.model import CommentKind, CommentPolicy
from tests.fakes.notices import comment_notice

NONE, PROMOTED, PUBLIC, ALL = (
    CommentPolicy.NONE,
    CommentPolicy.PROMOTED,
    CommentPolicy.PUBLIC,
    CommentPolicy.ALL,
)


@pytest.mark.parametrize(
    ("kind", "is_promoted", "takers"),
    [
        (CommentKind.COMMENT, True, {PROMOTED, PUBLIC, ALL}),
        (CommentKind.COMMENT, False, {PUBLIC, ALL}),
        (CommentKind.CHAT, True, {PROMOTED, PUBLIC, ALL}),
        (CommentKind.CHAT, False, {PUBLIC, ALL}),
        (CommentKind.QUESTION, True, {PROMOTED, PUBLIC, ALL}),
        (CommentKind.QUESTION, False, {ALL}),
    ],
)
def test_a_private_question_goes_only_where_all_was_chosen(
    kind: CommentKind, *, is_promoted: bool, takers: set[CommentPolicy]
) -> None:
    comment = comment_notice(kind=kind, is_promoted=is_promoted).comment

    assert {policy for policy in CommentPolicy if accepts(policy, comment)} == takers
    assert NONE not in takers
