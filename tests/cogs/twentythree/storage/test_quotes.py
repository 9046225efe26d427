"""What an answer quotes goes with what it answers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cogs.twentythree.domain.model import (
    AttachmentRules,
    Comment,
    CommentId,
    CommentKind,
    CommentNotice,
    CommentPolicy,
    Quote,
)
from cogs.twentythree.storage import Store
from tests.cogs.twentythree.storage.things import ROOM, VIDEO, attach, comment, take

PUBLIC = AttachmentRules(comments=CommentPolicy.PUBLIC)
QUOTE = Quote(
    comment_id=CommentId(1),
    author="Ann",
    text="When?",
    kind=CommentKind.QUESTION,
    is_promoted=True,
)


def asked(*, is_promoted: bool = True) -> Comment:
    return replace(comment(1, is_promoted=is_promoted), kind=CommentKind.QUESTION)


async def quoted(store: Store) -> Quote | None:
    """Return what the notice of the answer quotes."""
    pending = (await store.outbox.work(ROOM)).pending
    told = [one.notice for one in pending if isinstance(one.notice, CommentNotice)]
    (answer,) = (one.comment for one in told if one.comment.comment_id == CommentId(2))
    return answer.answers


@pytest.fixture
async def answered(store: Store) -> Store:
    """A question and its answer, in a room that takes what is public."""
    await attach(store, rules=PUBLIC)
    await take(store, asked(), replace(comment(2), answers=QUOTE))
    assert await quoted(store) == QUOTE
    return store


async def test_what_is_gone_is_quoted_no_more(answered: Store) -> None:
    await answered.memory.take_away(VIDEO.object_id, [CommentId(1)])

    assert await quoted(answered) == Quote(comment_id=CommentId(1))


async def test_what_the_room_may_not_show_any_more_is_quoted_no_more(answered: Store) -> None:
    await take(answered, asked(is_promoted=False))

    assert await quoted(answered) == Quote(comment_id=CommentId(1))


async def test_what_stays_public_stays_quoted(answered: Store) -> None:
    await take(answered, replace(asked(), text="When does it begin?"))

    assert await quoted(answered) == QUOTE
