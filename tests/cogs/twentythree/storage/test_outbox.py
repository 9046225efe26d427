from __future__ import annotations

from dataclasses import replace

import pytest

from cogs.twentythree.domain.batching import Draft
from cogs.twentythree.domain.model import CommentStatus, LiveNotice
from cogs.twentythree.errors import StorageError
from cogs.twentythree.storage import Baseline, Store
from tests.cogs.twentythree.storage.things import (
    LATER,
    LIVE,
    NOW,
    OTHER_ROOM,
    ROOM,
    VIDEO,
    attach,
    comment,
    execute,
    look,
    pending,
    post,
    seen,
    start,
    take,
)


async def test_live_notices_go_first(store: Store) -> None:
    await attach(store, LIVE)
    await take(store, comment(1, of=LIVE), comment(2, of=LIVE))
    await look(store, seen(on=True))
    keys = await pending(store)

    assert keys[0].startswith("live:")
    assert keys[1:] == ["comment:1", "comment:2"]


async def test_work_is_handed_out_in_portions(store: Store) -> None:
    await attach(store)
    await take(store, *(comment(number) for number in range(1, 10)))

    assert len((await store.outbox.work(ROOM, limit=4)).pending) == 4


async def test_a_batch_is_stored_before_it_is_sent(store: Store) -> None:
    await attach(store)
    await take(store, comment(1), comment(2))
    second, first = reversed((await store.outbox.work(ROOM)).pending)
    batch = await store.outbox.start_batch(
        ROOM, [second, first], draft=Draft(nonce="nonce", body='{"content": "ü"}'), now=NOW
    )
    work = await store.outbox.work(ROOM)

    assert batch is not None
    # The attempt that whoever has the batch is to make is counted with it.
    assert work.unsettled == (replace(batch, attempts=1),)
    assert work.pending == ()
    assert batch.notices == (second, first)
    assert (batch.nonce, batch.body) == ("nonce", '{"content": "ü"}')
    assert (batch.attempts, batch.message_id, batch.shown) == (0, None, None)
    assert batch.created_at == NOW


async def test_attempts_are_counted(store: Store) -> None:
    await attach(store)
    await take(store, comment(1))
    batch = await start(store)
    await store.outbox.record_attempt(batch.batch_id)
    await store.outbox.record_attempt(batch.batch_id)

    assert (await store.outbox.work(ROOM)).unsettled[0].attempts == 3


async def test_a_settled_batch_is_done(store: Store) -> None:
    await attach(store)
    await take(store, comment(1))
    await post(store)

    assert await store.outbox.rooms_with_work() == frozenset()
    assert (await store.upkeep.counts()).pending == 0


async def test_a_batch_given_up_is_done_and_its_notices_do_not_return(store: Store) -> None:
    await attach(store)
    await take(store, comment(1))
    batch = await start(store)
    await store.outbox.give_up(batch.batch_id, reason="AutoMod", now=NOW)
    await take(store, comment(1, is_promoted=True))

    assert await store.outbox.rooms_with_work() == frozenset()


async def test_what_was_refused_waits_again_once_it_has_other_words(store: Store) -> None:
    await attach(store)
    await take(store, comment(1), comment(2))
    batch = await start(store)
    await store.outbox.give_up(batch.batch_id, reason="AutoMod", now=NOW)

    done = await take(store, replace(comment(1), status=CommentStatus.ANSWERED))
    assert done.rooms == {ROOM}
    assert await pending(store) == []

    done = await take(store, replace(comment(1), text="Other words"))
    assert done.rooms == {ROOM}
    assert await pending(store) == ["comment:1"]
    await post(store, nonce="anew")
    assert await store.outbox.rooms_with_work() == frozenset()


async def test_what_may_be_there_since_an_earlier_attempt_is_not_said_in_other_words(
    store: Store,
) -> None:
    await attach(store)
    await take(store, comment(1))
    batch = await start(store)
    await store.outbox.record_attempt(batch.batch_id)
    await store.outbox.give_up(batch.batch_id, reason="AutoMod", now=NOW)
    await take(store, replace(comment(1), text="Other words"))

    assert await pending(store) == []


async def test_an_event_whose_card_was_refused_is_announced_under_another_title(
    store: Store,
) -> None:
    await attach(store, LIVE, baseline=Baseline(live=seen(soon=True)))
    batch = await start(store)
    await store.outbox.give_up(batch.batch_id, reason="AutoMod", now=NOW)

    await store.memory.refresh_object(replace(LIVE, title="Another title"), NOW)
    (card,) = (await store.outbox.work(ROOM)).pending
    assert isinstance(card.notice, LiveNotice)
    assert card.notice.object.title == "Another title"


async def test_a_batch_of_what_was_withdrawn_meanwhile_is_not_started(store: Store) -> None:
    await attach(store)
    await attach(store, LIVE)
    await take(store, comment(1))
    await take(store, comment(2, of=LIVE))
    read = (await store.outbox.work(ROOM)).pending
    await store.attachments.detach(ROOM, VIDEO.object_id)

    assert (
        await store.outbox.start_batch(ROOM, read, draft=Draft(nonce="n", body="{}"), now=NOW)
        is None
    )
    assert (await store.outbox.work(ROOM)).unsettled == ()
    assert await pending(store) == ["comment:2"]


async def test_a_notice_is_in_one_batch_only(store: Store) -> None:
    await attach(store)
    await take(store, comment(1))
    read = (await store.outbox.work(ROOM)).pending
    await start(store)

    assert (
        await store.outbox.start_batch(ROOM, read, draft=Draft(nonce="m", body="{}"), now=NOW)
        is None
    )


async def test_a_nonce_is_used_once(store: Store) -> None:
    await attach(store)
    await take(store, comment(1))
    await post(store)
    await take(store, comment(2))

    with pytest.raises(StorageError):
        await start(store)
    assert await pending(store) == ["comment:2"]


async def test_news_between_reading_and_batching_is_not_lost(store: Store) -> None:
    await attach(store, LIVE)
    await look(store, seen(on=True, viewers=1), minute=2)
    read = (await store.outbox.work(ROOM)).pending
    await look(store, seen(on=True, viewers=2), minute=4)
    batch = await store.outbox.start_batch(ROOM, read, draft=Draft(nonce="n", body="1"), now=NOW)
    assert batch is not None
    await store.outbox.settle(batch.batch_id, message_id=1, shown="1", now=NOW)

    assert len((await store.outbox.work(ROOM)).stale) == 1


async def test_news_while_a_batch_is_on_its_way_is_not_lost(store: Store) -> None:
    await attach(store, LIVE)
    await look(store, seen(on=True, viewers=1), minute=2)
    batch = await start(store)
    await look(store, seen(on=True, viewers=2), minute=4)
    assert (await store.outbox.work(ROOM)).stale == ()

    await store.outbox.settle(batch.batch_id, message_id=1, shown="1", now=NOW)
    assert len((await store.outbox.work(ROOM)).stale) == 1


async def test_news_while_a_message_is_edited_is_not_lost(store: Store) -> None:
    await attach(store, LIVE)
    await look(store, seen(on=True, viewers=1), minute=2)
    await post(store)
    await look(store, seen(on=True, viewers=2), minute=4)
    (stale,) = (await store.outbox.work(ROOM)).stale
    await look(store, seen(on=True, viewers=3), minute=6)
    await store.outbox.mark_shown(stale, shown="2")
    (again,) = (await store.outbox.work(ROOM)).stale

    assert again.shown == "2"
    await store.outbox.mark_shown(again, shown="3")
    assert await store.outbox.rooms_with_work() == frozenset()


async def test_a_message_that_is_gone_is_not_edited(store: Store) -> None:
    await attach(store, LIVE)
    await look(store, seen(on=True, viewers=1), minute=2)
    batch = await post(store)
    await store.outbox.give_up(batch.batch_id, reason="deleted", now=LATER)
    await look(store, seen(on=True, viewers=2), minute=4)

    assert await store.outbox.rooms_with_work() == frozenset()


async def test_rooms_do_not_see_each_others_work(store: Store) -> None:
    await attach(store)
    await attach(store, room=OTHER_ROOM)
    await take(store, comment(1))
    await post(store, OTHER_ROOM)

    assert await store.outbox.rooms_with_work() == {ROOM}
    assert await pending(store, OTHER_ROOM) == []


async def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    await attach(store)

    with pytest.raises(StorageError, match="zone"):
        await take(store, comment(1), now=NOW.replace(tzinfo=None))


async def test_a_notice_that_cannot_be_read_is_reported_without_its_text(
    store: Store, database: str
) -> None:
    await attach(store)
    await take(store, comment(1))
    # A colon would begin the name of a parameter.
    payload = '{"type" \\: "what was said"}'
    await execute(database, f"UPDATE twentythree_notices SET payload = '{payload}'")  # noqa: S608 - our own

    with pytest.raises(StorageError, match="another version") as caught:
        await store.outbox.work(ROOM)
    assert "what was said" not in f"{caught.value} {caught.value.__cause__}"
