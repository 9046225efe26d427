from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from cogs.twentythree.domain.model import (
    AttachmentRules,
    CommentNotice,
    CommentPolicy,
    LiveNotice,
    ObjectId,
    ObjectInfo,
    QueuedNotice,
    Source,
)
from cogs.twentythree.domain.reading import Ground
from cogs.twentythree.storage import Baseline, Ingested, Store
from tests.cogs.twentythree.storage.things import (
    LIVE,
    NOW,
    OTHER_ROOM,
    ROOM,
    VIDEO,
    attach,
    comment,
    comment_of,
    look,
    pending,
    post,
    seen,
    take,
)


async def test_news_is_queued_once_however_often_it_arrives(store: Store) -> None:
    await attach(store)
    first = await take(store, comment(1), comment(1))
    second = await take(store, comment(1))

    assert first == Ingested(new_events=1, rooms=frozenset({ROOM}))
    assert second == Ingested()
    assert await pending(store) == ["comment:1"]


def about(queued: QueuedNotice) -> ObjectInfo:
    assert isinstance(queued.notice, CommentNotice | LiveNotice)
    return queued.notice.object


async def test_a_comment_comes_out_of_the_outbox_as_it_went_in(store: Store) -> None:
    await attach(store)
    whole = replace(
        comment(2**62), text="a\n🎬\x00\u2028'\"", created_at=NOW, created_text="x", position_s=1.25
    )
    await take(store, whole)
    (queued,) = (await store.outbox.work(ROOM)).pending

    assert comment_of(queued) == whole
    assert about(queued) == VIDEO
    assert queued.queued_at == NOW


async def test_comments_are_queued_oldest_first(store: Store) -> None:
    await attach(store)
    await take(store, comment(3), comment(1), comment(2))

    assert await pending(store) == ["comment:1", "comment:2", "comment:3"]


async def test_a_page_of_many_comments_is_taken_whole(store: Store) -> None:
    await attach(store)
    await attach(store, room=OTHER_ROOM)
    ingested = await take(store, *(comment(number) for number in range(1, 301)))

    assert ingested.rooms == {ROOM, OTHER_ROOM}
    for room in ingested.rooms:
        assert len((await store.outbox.work(room, limit=1000)).pending) == 300
    assert (await take(store, *(comment(number) for number in range(1, 301)))) == Ingested()


async def test_each_room_gets_what_its_rules_take(store: Store) -> None:
    await attach(store, rules=AttachmentRules(comments=CommentPolicy.PROMOTED))
    await attach(store, room=OTHER_ROOM, rules=AttachmentRules(comments=CommentPolicy.NONE))
    ingested = await take(store, comment(1), comment(2, is_promoted=True))

    assert await pending(store, ROOM) == ["comment:2"]
    assert await pending(store, OTHER_ROOM) == []
    assert ingested == Ingested(new_events=2, rooms=frozenset({ROOM}))


async def test_a_promotion_is_news_only_where_the_comment_was_not_said(store: Store) -> None:
    await attach(store)
    await attach(store, room=OTHER_ROOM, rules=AttachmentRules(comments=CommentPolicy.PROMOTED))
    await take(store, comment(1))
    ingested = await take(store, comment(1, is_promoted=True))

    assert ingested.rooms == {OTHER_ROOM}
    assert await pending(store, ROOM) == await pending(store, OTHER_ROOM) == ["comment:1"]


async def test_a_comment_that_waits_tells_what_is_true_when_it_goes_out(store: Store) -> None:
    await attach(store)
    await take(store, comment(1), comment(1, is_promoted=True))
    await take(store, comment(2))
    await take(store, comment(2, is_promoted=True))

    found = [comment_of(queued) for queued in (await store.outbox.work(ROOM)).pending]
    assert found == [comment(1, is_promoted=True), comment(2, is_promoted=True)]


async def test_a_promotion_taken_back_before_it_was_said_is_not_said(store: Store) -> None:
    await attach(store, rules=AttachmentRules(comments=CommentPolicy.PROMOTED))
    await take(store, comment(1, is_promoted=True), comment(1))
    await take(store, comment(2, is_promoted=True))
    await take(store, comment(2))
    assert await pending(store) == []

    await take(store, comment(1, is_promoted=True))
    assert await pending(store) == ["comment:1"]


async def test_news_of_an_object_that_is_attached_nowhere_is_dropped(store: Store) -> None:
    assert await take(store, comment(1)) == Ingested()
    assert await look(store, seen(on=True)) == Ingested()
    assert await store.memory.ground(ObjectId(1)) is None


async def test_no_news_is_no_news(store: Store) -> None:
    await attach(store)

    found = await store.memory.ingest(VIDEO.object_id, [], source=Source.RECONCILE, now=NOW)
    assert found == Ingested()


async def test_the_watermark_only_rises(store: Store) -> None:
    await attach(store)
    assert await store.memory.ground(VIDEO.object_id) == Ground(watermark=None)

    for number in (5, 3):
        await store.memory.raise_watermark([VIDEO.object_id], comment(number).comment_id)
    assert await store.memory.ground(VIDEO.object_id) == Ground(watermark=comment(5).comment_id)


async def test_a_new_title_reaches_the_card_and_the_list(store: Store) -> None:
    await attach(store, LIVE)
    await look(store, seen(on=True))
    await post(store)
    renamed = replace(LIVE, title="A new title")
    assert (await store.memory.refresh_object(renamed, NOW)).rooms == {ROOM}
    (stale,) = (await store.outbox.work(ROOM)).stale

    assert about(stale.notices[0]) == renamed
    assert (await store.attachments.find())[0].object == renamed


@pytest.mark.parametrize(
    ("times", "order"),
    [
        (["2030-01-02 03:04:05", "2030-01-02 03:04:04", "2030-01-02 03:04:05"], [2, 1, 3]),
        (["", "2030-01-02 03:04:04", "x"], [1, 2, 3]),
        ([NOW, NOW - timedelta(hours=1), NOW], [2, 1, 3]),
    ],
    ids=["as it is spelled", "not told by all", "told with its zone"],
)
async def test_comments_of_one_reading_go_out_in_the_order_in_which_they_were_written(
    store: Store, times: list[Any], order: list[int]
) -> None:
    await attach(store)
    written = [
        replace(comment(number), created_at=time)
        if isinstance(time, datetime)
        else replace(comment(number), created_text=time)
        for number, time in enumerate(times, 1)
    ]
    await take(store, *reversed(written))

    assert await pending(store) == [f"comment:{number}" for number in order]


async def test_a_title_that_stays_changes_nothing(store: Store) -> None:
    await attach(store, LIVE)
    await look(store, seen(on=True))
    await post(store)
    await store.memory.refresh_object(LIVE, NOW)
    await store.memory.refresh_object(VIDEO, NOW)

    assert await store.outbox.rooms_with_work() == frozenset()


async def test_a_new_title_of_a_video_reaches_later_notices(store: Store) -> None:
    await attach(store, baseline=Baseline())
    renamed = replace(VIDEO, title="A new title")
    await store.memory.refresh_object(renamed, NOW)
    await take(store, comment(1))

    assert about((await store.outbox.work(ROOM)).pending[0]) == renamed
