"""What the store keeps of comments that realtime alone has told of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cogs.twentythree.domain.model import (
    AttachmentRules,
    Comment,
    CommentId,
    CommentKind,
    CommentNotice,
    CommentPolicy,
    ObjectId,
    Source,
    Standing,
)
from cogs.twentythree.storage import Ingested, Store
from tests.cogs.twentythree.storage.things import (
    LIVE,
    OTHER_ROOM,
    ROOM,
    VIDEO,
    attach,
    comment,
    comment_of,
    pending,
    post,
    take,
)

PUBLIC = AttachmentRules(comments=CommentPolicy.PUBLIC)
ONE = CommentId(1)


def said(**values: Any) -> Comment:
    return replace(comment(1), **values)


async def hear(store: Store, *found: Comment) -> Ingested:
    return await take(store, *found, source=Source.REALTIME)


async def disown(store: Store, *numbers: int, object_id: ObjectId = VIDEO.object_id) -> Ingested:
    return await store.memory.disown(object_id, [CommentId(number) for number in numbers])


async def standings(store: Store) -> list[Standing]:
    """Return how the comments stand whose message is to be edited."""
    found = [one.notice for batch in (await store.outbox.work(ROOM)).stale for one in batch.notices]
    return [notice.standing for notice in found if isinstance(notice, CommentNotice)]


async def test_rumours_are_known_until_the_workspace_has_spoken(
    store: Store, database: str
) -> None:
    await attach(store)
    await take(store, comment(1), comment(2))
    heard = await hear(store, comment(2, is_promoted=True), comment(3), comment(4))
    assert heard.unconfirmed == {2, 3, 4}
    again = await Store.open(database)
    assert await again.memory.unconfirmed() == {VIDEO.object_id: [2, 3, 4]}
    await again.close()

    await take(store, comment(2), comment(3))
    await disown(store, 4)
    assert await store.memory.unconfirmed() == {}


async def test_what_is_gone_is_not_asked_about_again(store: Store) -> None:
    await attach(store)
    await take(store, comment(1))
    await hear(store, comment(1, is_promoted=True))
    await store.memory.take_away(VIDEO.object_id, [ONE])

    assert await store.memory.unconfirmed() == {}


@pytest.mark.parametrize("is_posted", [True, False], ids=["posted", "waiting"])
async def test_a_forged_comment_leaves_the_room_and_a_real_one_with_its_id_is_news(
    store: Store, *, is_posted: bool
) -> None:
    await attach(store)
    await hear(store, said(text="Forged"))
    if is_posted:
        await post(store)
    done = await disown(store, 1)

    assert done.forged == {1}
    assert await standings(store) == ([Standing.REMOVED] if is_posted else [])
    assert await store.memory.tracked([VIDEO.object_id]) == []
    assert await disown(store, 1) == Ingested()
    await take(store, comment(1))
    assert await pending(store) == ["comment:1"]
    assert await standings(store) == ([Standing.REMOVED] if is_posted else [])


async def test_what_the_workspace_once_had_is_not_disowned(store: Store) -> None:
    await attach(store)
    await take(store, comment(1))
    await hear(store, comment(1, is_promoted=True))

    assert await disown(store, 1, 2) == Ingested(doubtful=frozenset({ONE}))
    assert await pending(store) == ["comment:1"]


async def test_the_workspace_corrects_all_that_realtime_said(store: Store) -> None:
    await attach(store, rules=PUBLIC)
    forged = said(text="Forged", author="Eve", position_s=1.0, created_text="then")
    await hear(store, forged)
    await post(store)
    real = said(author="Ada", position_s=2.0, created_text="now", is_promoted=True)
    done = await take(store, real)

    (stale,) = (await store.outbox.work(ROOM)).stale
    assert comment_of(stale.notices[0]) == real
    assert done.forged == {1}


@pytest.mark.parametrize("source", Source)
async def test_words_that_were_forged_are_known_as_such(store: Store, source: Source) -> None:
    await attach(store)
    await take(store, said(text="Old"), source=source)
    await post(store)
    await take(store, said(text="New"))

    (stale,) = (await store.outbox.work(ROOM)).stale
    notice = stale.notices[0].notice
    assert isinstance(notice, CommentNotice)
    assert notice.corrections == (source is Source.REALTIME)


async def test_a_question_forged_as_chat_is_withheld(store: Store) -> None:
    await attach(store, rules=PUBLIC)
    await hear(store, comment(1, kind=CommentKind.CHAT))
    await post(store)
    await take(store, comment(1, kind=CommentKind.QUESTION))

    assert await standings(store) == [Standing.WITHHELD]


async def test_a_forged_question_keeps_no_chat_with_its_id_out(store: Store) -> None:
    await attach(store, rules=PUBLIC)
    await attach(store, room=OTHER_ROOM)
    await hear(store, said(kind=CommentKind.QUESTION, text="Forged"))
    await take(store, comment(1, kind=CommentKind.CHAT))

    assert await pending(store) == ["comment:1"]
    (queued,) = (await store.outbox.work(OTHER_ROOM)).pending
    assert comment_of(queued) == comment(1, kind=CommentKind.CHAT)


@pytest.mark.parametrize("is_posted", [True, False], ids=["posted", "waiting"])
async def test_a_comment_forged_on_another_object_keeps_no_real_one_out(
    store: Store, *, is_posted: bool
) -> None:
    await attach(store)
    await attach(store, LIVE)
    await hear(store, said(text="Forged"))
    if is_posted:
        await post(store)
    await take(store, comment(1, of=LIVE))

    (queued,) = (await store.outbox.work(ROOM)).pending
    assert comment_of(queued).object_id == LIVE.object_id
    assert await standings(store) == ([Standing.REMOVED] if is_posted else [])
    assert (await disown(store, 1)).forged == {1}


async def test_what_is_confirmed_as_it_was_told_needs_no_edit(store: Store) -> None:
    await attach(store)
    told = replace(comment(1), created_text="")
    await hear(store, told)
    await post(store)

    assert await take(store, comment(1)) == Ingested()
    assert (await store.outbox.work(ROOM)).stale == ()


async def test_the_comments_that_are_there_are_the_objects_own_first(store: Store) -> None:
    await attach(store)
    await attach(store, LIVE)
    await take(store, *(comment(number) for number in (1, 2, 3)))
    await take(store, comment(9, of=LIVE))
    await hear(store, comment(4))
    await store.memory.take_away(VIDEO.object_id, [CommentId(3)])

    assert await store.memory.confirmed(VIDEO.object_id, 5) == [2, 1, 9]
    assert await store.memory.confirmed(VIDEO.object_id, 1) == [2, 9]


async def test_the_level_at_which_an_object_was_read_is_kept(store: Store) -> None:
    await attach(store)
    assert await store.memory.levels([VIDEO.object_id]) == {VIDEO.object_id: None}
    await store.memory.note_level([VIDEO.object_id, LIVE.object_id], "read")

    assert await store.memory.levels([VIDEO.object_id]) == {VIDEO.object_id: "read"}
