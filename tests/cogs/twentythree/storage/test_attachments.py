from __future__ import annotations

from dataclasses import replace

import pytest

from cogs.twentythree.domain.barring import Pause
from cogs.twentythree.domain.cards import AtDetach
from cogs.twentythree.domain.model import (
    AttachmentRules,
    CommentKind,
    CommentPolicy,
    LiveNotice,
    LivePhase,
    Notice,
    ObjectId,
    RoomId,
    Source,
)
from cogs.twentythree.domain.reading import Ground
from cogs.twentythree.storage import Baseline, Detached, Ingested, NewAttachment, Store
from tests.cogs.twentythree.storage.things import (
    GUILD,
    LATER,
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

PROMOTED = AttachmentRules(comments=CommentPolicy.PROMOTED)


def is_withdrawn(notice: Notice) -> bool:
    return isinstance(notice, LiveNotice) and notice.is_withdrawn


async def test_an_attachment_comes_back_as_it_was_stored(store: Store) -> None:
    new = NewAttachment(
        guild_id=GUILD,
        room_id=ROOM,
        forum_id=OTHER_ROOM,
        object=LIVE,
        rules=AttachmentRules(
            comments=CommentPolicy.PUBLIC, announces_live=False, mention_role_id=2**62
        ),
        attached_by=2**63 - 1,
    )
    attached = await store.attachments.attach(new, Baseline(), now=NOW)

    assert attached.is_new
    assert [attached.attachment] == await store.attachments.find()
    assert attached.attachment.object == new.object
    assert attached.attachment.rules == new.rules
    assert attached.attachment.forum_id == OTHER_ROOM
    assert attached.attachment.attached_at == NOW
    assert attached.attachment.attached_by == 2**63 - 1
    assert attached.attachment.pause is None


async def test_attachments_are_found_by_what_they_belong_to(store: Store) -> None:
    first = (await attach(store)).attachment
    second = (await attach(store, room=OTHER_ROOM)).attachment
    third = (await attach(store, LIVE)).attachment

    assert await store.attachments.find(guild_id=GUILD) == [first, second, third]
    assert await store.attachments.find(room_id=ROOM) == [first, third]
    assert await store.attachments.find(object_id=VIDEO.object_id) == [first, second]
    assert await store.attachments.find(room_id=OTHER_ROOM, object_id=LIVE.object_id) == []


async def test_the_first_attachment_is_silent(store: Store) -> None:
    old = (comment(3), comment(2, is_promoted=True))
    await attach(store, baseline=Baseline(comments=old))

    assert await take(store, *old) == Ingested()
    assert await store.outbox.rooms_with_work() == frozenset()


async def test_a_comment_older_than_the_baseline_is_never_news(store: Store) -> None:
    baseline = Baseline(comments=(comment(50),), floor=comment(50).comment_id)
    await attach(store, baseline=baseline)
    ingested = await take(store, comment(49), comment(51))

    assert await pending(store) == ["comment:51"]
    assert ingested.new_events == 1


async def test_an_old_comment_that_gets_promoted_is_news(store: Store) -> None:
    baseline = Baseline(comments=(comment(50),), floor=comment(50).comment_id)
    await attach(store, rules=PROMOTED, baseline=baseline)
    await take(store, comment(49))
    await take(store, comment(49, is_promoted=True), comment(50, is_promoted=True))

    assert await pending(store) == ["comment:49", "comment:50"]


async def test_backfill_is_queued_oldest_first_and_by_the_rules(store: Store) -> None:
    old = [comment(number, is_promoted=number != 2) for number in (3, 2, 1)]
    attached = await attach(
        store, rules=PROMOTED, baseline=Baseline(comments=tuple(old)), backfill=old
    )
    work = await store.outbox.work(ROOM)

    assert attached.backfilled == 2
    assert [notice.event_key for notice in work.pending] == ["comment:1", "comment:3"]
    assert {getattr(n.notice, "source", None) for n in work.pending} == {Source.BACKFILL}


async def test_backfilled_comments_are_not_news_later(store: Store) -> None:
    await attach(store, backfill=[comment(1)])

    assert await take(store, comment(1)) == Ingested()
    assert await pending(store) == ["comment:1"]


async def test_attaching_again_changes_the_rules_only(store: Store) -> None:
    first = await attach(store, baseline=Baseline(comments=(comment(1),)))
    again = await attach(
        store,
        rules=PROMOTED,
        baseline=Baseline(comments=(comment(1), comment(2, is_promoted=True))),
        backfill=[comment(1, is_promoted=True)],
        now=LATER,
    )

    assert not again.is_new
    assert again.attachment == replace(first.attachment, rules=PROMOTED)
    assert [again.attachment] == await store.attachments.find()
    assert await pending(store) == []
    assert (await take(store, comment(2, is_promoted=True))).rooms == {ROOM}
    assert await pending(store) == ["comment:2"]


async def test_stricter_rules_withdraw_what_waits_against_them(store: Store) -> None:
    await attach(store)
    await take(store, comment(1, kind=CommentKind.QUESTION), comment(2, is_promoted=True))
    await attach(store, rules=PROMOTED)

    assert await pending(store) == ["comment:2"]

    await take(store, comment(1, kind=CommentKind.QUESTION, is_promoted=True))
    assert await pending(store) == ["comment:2", "comment:1"]


async def test_a_waiting_start_mentions_whom_the_rules_name_now(store: Store) -> None:
    await attach(store, LIVE, rules=AttachmentRules(mention_role_id=1))
    await look(store, seen(on=True))
    await attach(store, LIVE, rules=AttachmentRules(mention_role_id=2))
    (queued,) = (await store.outbox.work(ROOM)).pending

    assert isinstance(queued.notice, LiveNotice)
    assert queued.notice.mention_role_id == 2

    await attach(store, LIVE, rules=AttachmentRules(announces_live=False))
    assert await pending(store) == []


async def test_asking_for_comments_after_a_while_without_brings_no_old_ones(store: Store) -> None:
    """As long as no room asks for comments, none are read."""
    await attach(store, rules=AttachmentRules(comments=CommentPolicy.NONE))
    missed = Baseline(
        comments=(comment(9), comment(8)),
        watermark=comment(9).comment_id,
        floor=comment(8).comment_id,
    )
    await attach(store, baseline=missed)
    await take(store, comment(7), comment(8), comment(9), comment(10))

    assert await pending(store) == ["comment:10"]
    assert await store.memory.ground(VIDEO.object_id) == Ground(watermark=comment(9).comment_id)


async def test_a_second_room_hears_nothing_old_and_takes_no_news_from_the_first(
    store: Store,
) -> None:
    await attach(store, baseline=Baseline(comments=(comment(1),)))
    attached = await attach(
        store, room=OTHER_ROOM, baseline=Baseline(comments=(comment(2), comment(1)))
    )

    assert await pending(store, ROOM) == ["comment:2"]
    assert await pending(store, OTHER_ROOM) == []
    assert attached.rooms == {ROOM}

    await take(store, comment(3))
    assert await pending(store, ROOM) == ["comment:2", "comment:3"]
    assert await pending(store, OTHER_ROOM) == ["comment:3"]


async def test_a_second_rooms_baseline_that_ends_early_leaves_a_floor(store: Store) -> None:
    await attach(store)
    await attach(
        store,
        room=OTHER_ROOM,
        baseline=Baseline(comments=(comment(9),), floor=comment(9).comment_id),
    )
    await take(store, comment(8))

    assert await pending(store, ROOM) == ["comment:9", "comment:8"]
    assert await pending(store, OTHER_ROOM) == []


async def test_a_second_rooms_backfill_is_news_for_the_first(store: Store) -> None:
    await attach(store)
    await attach(store, room=OTHER_ROOM, backfill=[comment(1)])

    assert await pending(store, ROOM) == ["comment:1"]
    assert await pending(store, OTHER_ROOM) == ["comment:1"]


async def test_a_start_seen_while_attaching_is_news_to_the_other_room(store: Store) -> None:
    calling = AttachmentRules(mention_role_id=4)
    await attach(store, LIVE, rules=calling)
    found = Baseline(live=seen(on=True))
    attached = await attach(store, LIVE, room=OTHER_ROOM, rules=calling, baseline=found)

    assert attached.rooms == {ROOM}
    roles = []
    for room in (ROOM, OTHER_ROOM):
        (queued,) = (await store.outbox.work(room)).pending
        assert isinstance(queued.notice, LiveNotice)
        roles.append(queued.notice.mention_role_id)
    assert roles == [4, None]


async def test_attaching_elsewhere_keeps_the_ground(store: Store) -> None:
    await attach(store, baseline=Baseline(watermark=comment(5).comment_id))
    await attach(store, room=OTHER_ROOM, baseline=Baseline(watermark=comment(9).comment_id))

    assert await store.memory.ground(VIDEO.object_id) == Ground(watermark=comment(5).comment_id)


async def test_detaching_withdraws_what_waits(store: Store) -> None:
    attached = (await attach(store)).attachment
    await take(store, comment(1))

    assert await store.attachments.detach(ROOM, VIDEO.object_id) == Detached(attachment=attached)
    assert await store.outbox.rooms_with_work() == frozenset()
    assert await store.attachments.find() == []
    assert await store.memory.ground(VIDEO.object_id) is None


async def test_detaching_what_is_not_there_says_so(store: Store) -> None:
    await attach(store)

    assert await store.attachments.detach(OTHER_ROOM, VIDEO.object_id) is None
    assert await store.attachments.detach(ROOM, ObjectId(1)) is None
    assert len(await store.attachments.find()) == 1


async def test_withdrawn_notices_do_not_come_back_by_attaching_again(store: Store) -> None:
    await attach(store)
    await take(store, comment(1))
    await store.attachments.detach(ROOM, VIDEO.object_id)
    await attach(store, baseline=Baseline(comments=(comment(1),)))
    await take(store, comment(1))

    assert await pending(store) == []


async def test_a_withdrawn_comment_can_be_said_when_it_is_promoted_later(store: Store) -> None:
    await attach(store)
    await take(store, comment(1))
    await store.attachments.detach(ROOM, VIDEO.object_id)
    await attach(store, rules=PROMOTED, baseline=Baseline(comments=(comment(1),)))
    await take(store, comment(1, is_promoted=True))

    assert await pending(store) == ["comment:1"]


async def test_a_comment_that_was_said_is_not_said_again_after_attaching_anew(
    store: Store,
) -> None:
    await attach(store)
    await take(store, comment(1))
    await post(store)
    await store.attachments.detach(ROOM, VIDEO.object_id)
    attached = await attach(store, backfill=[comment(1)])

    assert attached.backfilled == 0
    assert await pending(store) == []


async def test_a_broadcast_is_announced_also_after_detaching_and_attaching_anew(
    store: Store,
) -> None:
    """The count of broadcasts begins anew with the object, so the keys of cards repeat."""
    await attach(store, LIVE)
    await look(store, seen(on=True))
    await post(store)
    await store.attachments.detach(ROOM, LIVE.object_id)
    await attach(store, LIVE)
    await look(store, seen(on=True), minute=60)

    assert len(await pending(store)) == 1


async def test_the_card_of_a_detached_event_is_changed_once_more_and_then_left_alone(
    store: Store,
) -> None:
    await attach(store, LIVE)
    await attach(store, LIVE, room=OTHER_ROOM)
    await look(store, seen(on=True))
    await post(store)
    await look(store, seen(on=True, viewers=5), minute=10)
    await store.attachments.detach(ROOM, LIVE.object_id)
    left = (await store.outbox.work(ROOM)).stale
    await look(store, seen(on=True, viewers=9), minute=18)

    assert (await store.outbox.work(ROOM)).stale == left
    ((notice,),) = [batch.notices for batch in left]
    assert isinstance(notice.notice, LiveNotice)
    assert notice.notice.is_withdrawn


async def test_detaching_abandons_a_batch_that_is_for_nobody_else(store: Store) -> None:
    await attach(store)
    await take(store, comment(1))
    batch = await start(store)
    await store.attachments.detach(ROOM, VIDEO.object_id)

    assert await store.outbox.rooms_with_work() == frozenset()
    assert (await store.upkeep.counts()).pending == 0

    await store.outbox.settle(batch.batch_id, message_id=1, shown="x", now=NOW)  # it was on its way
    assert await store.outbox.rooms_with_work() == frozenset()


async def test_detaching_leaves_a_batch_that_is_also_for_another_object(store: Store) -> None:
    await attach(store)
    await attach(store, LIVE)
    await take(store, comment(1))
    await take(store, comment(2, of=LIVE))
    batch = await start(store)
    await store.attachments.detach(ROOM, VIDEO.object_id)
    (unsettled,) = (await store.outbox.work(ROOM)).unsettled

    assert unsettled == replace(batch, attempts=1)


@pytest.mark.parametrize("left", list(AtDetach))
@pytest.mark.parametrize("is_over", [False, True])
async def test_detaching_tells_nothing_of_what_happened_while_it_was_not_public(
    store: Store, left: AtDetach, *, is_over: bool
) -> None:
    await attach(store, LIVE, baseline=Baseline(live=seen(on=True, viewers=3)))
    await post(store)
    await store.memory.refresh_object(replace(LIVE, is_public=False), NOW)
    await look(store, seen(on=True, viewers=70), minute=1)
    if is_over:
        await look(store, seen(), minute=2)
        await look(store, seen(), minute=30)
    assert (await store.outbox.work(ROOM)).stale == ()

    await store.attachments.detach(ROOM, LIVE.object_id, left)

    (batch,) = (await store.outbox.work(ROOM)).stale
    assert [is_withdrawn(one.notice) for one in batch.notices] == [True]


async def test_detaching_keeps_a_card_that_has_not_changed_since_it_was_barred(
    store: Store,
) -> None:
    await attach(store, LIVE, baseline=Baseline(live=seen(on=True)))
    await post(store)
    await store.memory.refresh_object(replace(LIVE, is_public=False), NOW)

    await store.attachments.detach(ROOM, LIVE.object_id, AtDetach.KEEP)

    (batch,) = (await store.outbox.work(ROOM)).stale
    assert [is_withdrawn(one.notice) for one in batch.notices] == [False]


async def test_detaching_one_room_keeps_the_others_memory(store: Store) -> None:
    await attach(store, baseline=Baseline(comments=(comment(1),)))
    await attach(store, room=OTHER_ROOM)
    await store.attachments.detach(ROOM, VIDEO.object_id)
    await take(store, comment(1), comment(2))

    assert await pending(store, OTHER_ROOM) == ["comment:2"]


async def test_pausing_tells_what_was_not_paused_before(store: Store) -> None:
    first = (await attach(store)).attachment
    assert [one.attachment_id for one in await store.attachments.pause(ROOM, "no", NOW)] == [
        first.attachment_id
    ]
    second = (await attach(store, LIVE)).attachment

    (fresh,) = await store.attachments.pause(ROOM, "still no", LATER)
    assert fresh == replace(second, pause=Pause(reason="still no", since=LATER))
    assert (await store.attachments.find())[0].pause == Pause(reason="still no", since=NOW)
    assert await store.attachments.pause(ROOM, "no", LATER) == []
    assert await store.attachments.pause(RoomId(1), "no", LATER) == []


async def test_resuming_tells_whether_the_room_was_paused(store: Store) -> None:
    await attach(store)
    await store.attachments.pause(ROOM, "no", NOW)

    assert await store.attachments.resume(ROOM)
    assert not await store.attachments.resume(ROOM)
    assert (await store.attachments.find())[0].pause is None


async def test_a_paused_room_goes_on_collecting(store: Store) -> None:
    await attach(store)
    await store.attachments.pause(ROOM, "no", NOW)
    await take(store, comment(1))

    assert await store.outbox.rooms_with_work() == {ROOM}


async def test_a_live_event_without_a_baseline_is_first_seen_in_silence(store: Store) -> None:
    await attach(store, LIVE, baseline=Baseline())
    await look(store, seen(on=True))
    assert await pending(store) == []

    await look(store, seen(), minute=60)
    assert LivePhase.ENDED not in await pending(store)
