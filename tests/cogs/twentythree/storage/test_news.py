"""What becomes of notices whose comment is edited, promoted, taken back or deleted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from cogs.twentythree.domain.batching import Batch, Draft
from cogs.twentythree.domain.model import (
    AttachmentRules,
    CommentId,
    CommentKind,
    CommentNotice,
    CommentPolicy,
    ObjectId,
    Source,
    Standing,
)
from cogs.twentythree.storage import BatchPart, Ingested, Store, Tracked
from tests.cogs.twentythree.storage.things import (
    LIVE,
    NOW,
    OTHER_ROOM,
    ROOM,
    VIDEO,
    attach,
    comment,
    look,
    pending,
    post,
    seen,
    start,
    take,
)

PROMOTED_ONLY = AttachmentRules(comments=CommentPolicy.PROMOTED)


def notice(batch: Batch, position: int = 0) -> CommentNotice:
    found = batch.notices[position].notice
    assert isinstance(found, CommentNotice)
    return found


async def take_away(store: Store, *numbers: int) -> Ingested:
    return await store.memory.take_away(VIDEO.object_id, [CommentId(number) for number in numbers])


async def test_an_edit_makes_the_message_stale_once_whatever_came_first(store: Store) -> None:
    await attach(store)
    await take(store, comment(1), comment(2))
    posted = await post(store)
    edited = replace(comment(1), text="Edited")
    ingested = await take(store, edited)
    (stale,) = (await store.outbox.work(ROOM)).stale

    assert ingested == Ingested(changes=1, rooms=frozenset({ROOM}), edits=frozenset({ROOM}))
    assert stale.batch_id == posted.batch_id
    assert stale.is_stale
    assert [notice(stale, n).comment for n in (0, 1)] == [edited, comment(2)]
    await store.outbox.mark_shown(stale, shown="new")
    assert await take(store, edited) == Ingested()
    assert (await store.outbox.work(ROOM)).stale == ()


async def test_a_promotion_marks_what_is_said_and_is_said_where_it_was_not(store: Store) -> None:
    await attach(store)
    await attach(store, room=OTHER_ROOM, rules=PROMOTED_ONLY)
    await take(store, comment(1))
    await post(store)
    ingested = await take(store, comment(1, is_promoted=True))
    (stale,) = (await store.outbox.work(ROOM)).stale

    assert ingested.rooms == {ROOM, OTHER_ROOM}
    assert notice(stale).comment.is_promoted
    assert await pending(store, OTHER_ROOM) == ["comment:1"]


async def test_a_promotion_taken_back_empties_what_only_the_promotion_showed(store: Store) -> None:
    await attach(store)
    await attach(store, room=OTHER_ROOM, rules=PROMOTED_ONLY)
    await take(store, comment(1, is_promoted=True))
    await post(store)
    await post(store, OTHER_ROOM, nonce="other")
    await take(store, comment(1))
    (kept,) = (await store.outbox.work(ROOM)).stale
    (withheld,) = (await store.outbox.work(OTHER_ROOM)).stale

    assert notice(kept).comment == comment(1)
    assert notice(withheld).standing is Standing.WITHHELD
    assert notice(withheld).comment.text == ""
    await take(store, comment(1, is_promoted=True))
    (shown,) = (await store.outbox.work(OTHER_ROOM)).stale
    assert notice(shown).comment == comment(1, is_promoted=True)


async def test_what_is_promoted_again_while_it_is_not_public_waits_for_that(store: Store) -> None:
    await attach(store, rules=PROMOTED_ONLY)
    promoted = comment(1, is_promoted=True)
    await take(store, promoted, comment(2, is_promoted=True))
    await post(store)
    await take(store, comment(1))
    (withheld,) = (await store.outbox.work(ROOM)).stale
    await store.outbox.mark_shown(withheld, shown="withheld")
    await store.memory.refresh_object(replace(VIDEO, is_public=False), NOW)
    await take(store, promoted)

    work = await store.outbox.work(ROOM)
    assert (work.stale, work.pending) == ((), ())
    await store.memory.refresh_object(VIDEO, NOW)
    (waiting,) = (await store.outbox.work(ROOM)).pending
    assert isinstance(waiting.notice, CommentNotice)
    assert waiting.notice.comment.text == promoted.text


async def test_a_deletion_empties_what_is_out_and_withdraws_what_waits(store: Store) -> None:
    await attach(store)
    await attach(store, room=OTHER_ROOM)
    await take(store, comment(1), comment(2))
    await post(store)
    ingested = await take_away(store, 1)
    (stale,) = (await store.outbox.work(ROOM)).stale

    assert ingested == Ingested(changes=1, rooms=frozenset({ROOM}))
    assert notice(stale, 0).standing is Standing.REMOVED
    assert notice(stale, 1).comment == comment(2)
    assert await pending(store, OTHER_ROOM) == ["comment:2"]
    assert await store.memory.tracked([VIDEO.object_id]) == [
        Tracked(object_id=VIDEO.object_id, comment_id=CommentId(2), is_promoted=False)
    ]


async def test_a_batch_on_its_way_is_stale_from_the_deletion_on(store: Store) -> None:
    await attach(store)
    await take(store, comment(1))
    await start(store)
    await take_away(store, 1)
    (unsettled,) = (await store.outbox.work(ROOM)).unsettled

    assert unsettled.is_stale
    assert notice(unsettled).standing is Standing.REMOVED


async def test_an_old_message_does_not_bring_back_what_is_gone_but_a_reading_does(
    store: Store,
) -> None:
    await attach(store)
    await attach(store, room=OTHER_ROOM)
    await take(store, comment(1))
    await post(store)
    await take_away(store, 1)

    heard = await take(store, comment(1), source=Source.REALTIME)
    assert heard == Ingested(doubtful=frozenset({CommentId(1)}))
    found = await store.memory.ingest(
        VIDEO.object_id, [comment(1)], source=Source.RECONCILE, now=NOW
    )
    (stale,) = (await store.outbox.work(ROOM)).stale
    assert found.rooms == {ROOM, OTHER_ROOM}
    assert notice(stale).comment == comment(1)
    assert await pending(store, OTHER_ROOM) == ["comment:1"]


async def test_what_is_too_old_to_be_edited_is_not_tracked(store: Store) -> None:
    await attach(store)
    await take(store, comment(1))
    await post(store)
    await store.upkeep.prune(NOW + timedelta(days=8))

    assert await store.memory.tracked([VIDEO.object_id]) == []
    await take_away(store, 1)
    await take(store, replace(comment(1), text="Edited"))
    assert await store.outbox.rooms_with_work() == frozenset()


async def test_the_tracked_are_those_from_a_number_on_and_the_promoted(store: Store) -> None:
    await attach(store)
    await attach(store, room=OTHER_ROOM)
    await attach(store, LIVE)
    await look(store, seen(on=True))
    await take(store, comment(1, is_promoted=True), comment(2), comment(3), comment(4))
    await take(store, comment(9, of=LIVE))

    found = await store.memory.tracked([VIDEO.object_id], CommentId(3))
    assert sorted((one.comment_id, one.is_promoted) for one in found) == [
        (1, True),
        (3, False),
        (4, False),
    ]
    every = await store.memory.tracked([VIDEO.object_id, LIVE.object_id, ObjectId(5)])
    assert {one.object_id for one in every} == {VIDEO.object_id, LIVE.object_id}


async def test_nothing_is_taken_away_from_what_is_attached_nowhere(store: Store) -> None:
    assert await take_away(store, 1) == Ingested()


async def test_the_watermarks_of_many_objects_are_read_and_raised_together(store: Store) -> None:
    await attach(store)
    await attach(store, LIVE)
    both = [VIDEO.object_id, LIVE.object_id]
    await store.memory.raise_watermark([LIVE.object_id], CommentId(9))
    await store.memory.raise_watermark(both, CommentId(5))

    assert await store.memory.watermarks([*both, ObjectId(5)]) == {
        VIDEO.object_id: 5,
        LIVE.object_id: 9,
    }


async def test_the_parts_of_a_batch_go_in_its_order_with_what_they_say_now(store: Store) -> None:
    await attach(store)
    await take(store, *(comment(number) for number in range(1, 5)))
    whole = await start(store)

    async def split(batch: Batch) -> None:
        halves = batch.notices[: len(batch.notices) // 2], batch.notices[len(batch.notices) // 2 :]
        parts = [
            BatchPart(notices=half, draft=Draft(nonce=half[0].event_key + batch.nonce, body="{}"))
            for half in halves
        ]
        ids = await store.outbox.split(batch, parts)
        assert set(ids) <= {one.batch_id for one in (await store.outbox.work(ROOM)).unsettled}

    await split(whole)
    await split((await store.outbox.work(ROOM)).unsettled[0])
    await take_away(store, 1)
    unsettled = (await store.outbox.work(ROOM)).unsettled

    keys = [[one.event_key for one in batch.notices] for batch in unsettled]
    assert keys == [["comment:1"], ["comment:2"], ["comment:3", "comment:4"]]
    assert [batch.is_stale for batch in unsettled] == [True, False, False]
    assert [batch.attempts for batch in unsettled] == [1, 1, 1]


async def test_what_waited_for_a_reading_that_knew_more_takes_nothing_away(store: Store) -> None:
    await attach(store, rules=PROMOTED_ONLY)
    said = replace(comment(1), kind=CommentKind.QUESTION)
    promoted = replace(said, is_promoted=True)
    await take(store, promoted)
    await post(store)

    late = await take(store, said, promoted, promoted, source=Source.REALTIME)
    assert late.edits == frozenset()
    assert (await store.outbox.work(ROOM)).stale == ()

    # The last word counts: it is taken back.
    back = await take(store, promoted, said, source=Source.REALTIME)
    assert back.edits == {ROOM}
