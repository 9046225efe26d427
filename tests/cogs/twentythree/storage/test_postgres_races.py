"""The worker of a room and the intake are at the same notice, on PostgreSQL, where both may write.

Somebody holds the notice meanwhile, so that they wait for it, one behind the other.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy import make_url

from cogs.twentythree.domain.batching import Batch
from cogs.twentythree.domain.model import (
    AttachmentRules,
    CommentId,
    CommentNotice,
    CommentPolicy,
    RoomId,
    Standing,
)
from cogs.twentythree.domain.places import PostingPlace
from cogs.twentythree.storage import Baseline, NewAttachment, Store
from tests.cogs.twentythree.storage.things import (
    ALL,
    GUILD,
    LIVE,
    NOW,
    ROOM,
    VIDEO,
    attach,
    comment,
    comment_of,
    post,
    seen,
    start,
    take,
)
from tests.fakes.boards import ANN, make_board, question, waiting_boards

_WAITING = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@asynccontextmanager
async def in_turn(address: str, *doing: Callable[[], Awaitable[Any]]) -> AsyncGenerator[list[Any]]:
    """Have them wait for all notices, one behind the other; yield what came of them."""
    plain = make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)
    holder, onlooker = await asyncpg.connect(plain), await asyncpg.connect(plain)
    try:
        held = holder.transaction()
        await held.start()
        await holder.execute("SELECT FROM twentythree_notices FOR UPDATE")
        tasks = []
        for number, one in enumerate(doing, start=1):
            tasks.append(asyncio.ensure_future(one()))
            async with asyncio.timeout(60):
                while await onlooker.fetchval(_WAITING) < number:
                    pass
        await held.rollback()
        yield await asyncio.gather(*tasks)
    finally:
        await holder.close()
        await onlooker.close()


@pytest.fixture
async def store(postgres_database: str) -> AsyncGenerator[Store]:
    opened = await Store.open(postgres_database)
    yield opened
    await opened.close()


async def unsettled(store: Store) -> Batch:
    (batch,) = (await store.outbox.work(ROOM)).unsettled
    return batch


OTHERWISE = replace(comment(1), text="other words")


async def test_a_correction_that_meets_the_start_of_its_batch_is_shown(
    store: Store, postgres_database: str
) -> None:
    await attach(store)
    await take(store, comment(1))

    async with in_turn(postgres_database, lambda: start(store), lambda: take(store, OTHERWISE)) as (
        batch,
        taken,
    ):
        assert taken.rooms == {ROOM}
    await store.outbox.settle(batch.batch_id, message_id=5, shown="digest", now=NOW)

    (stale,) = await store.outbox.stale(ROOM)
    assert comment_of(stale.notices[0]).text == "other words"


async def test_a_deletion_that_meets_the_start_of_its_batch_leaves_nothing_standing(
    store: Store, postgres_database: str
) -> None:
    await attach(store)
    await take(store, comment(1))
    gone = [comment(1).comment_id]

    async with in_turn(
        postgres_database,
        lambda: start(store),
        lambda: store.memory.take_away(VIDEO.object_id, gone),
    ) as (_, taken):
        assert taken.rooms == {ROOM}

    batch = await unsettled(store)
    (queued,) = batch.notices
    assert isinstance(queued.notice, CommentNotice)
    assert (queued.notice.standing, batch.is_stale) == (Standing.REMOVED, True)


async def test_what_comes_back_while_its_message_is_taken_down_waits_for_another(
    store: Store, postgres_database: str
) -> None:
    await attach(store)
    await take(store, comment(1))
    await post(store)
    await store.memory.take_away(VIDEO.object_id, [comment(1).comment_id])
    (batch,) = await store.outbox.stale(ROOM)

    async with in_turn(
        postgres_database,
        lambda: store.outbox.take_down(batch, None, now=NOW),
        lambda: take(store, comment(1)),
    ):
        pass

    (queued,) = (await store.outbox.work(ROOM)).pending
    assert comment_of(queued).text == "comment 1"


async def test_what_is_promoted_while_a_digest_is_made_is_not_lost_in_it(
    store: Store, postgres_database: str
) -> None:
    await attach(store)
    await take(store, *(comment(number) for number in (1, 2, 3)))
    promoted = comment(1, is_promoted=True)

    async with in_turn(
        postgres_database,
        lambda: take(store, promoted),
        lambda: store.digests.make(ROOM, NOW + timedelta(days=1)),
    ) as (_, count):
        assert count == 2

    first, _ = (await store.outbox.work(ROOM)).pending
    assert comment_of(first).is_promoted


async def test_what_is_taken_away_while_its_batch_is_taken_back_does_not_wait(
    store: Store, postgres_database: str
) -> None:
    await attach(store)
    await take(store, comment(1), comment(2))
    batch = await start(store)
    gone = [comment(1).comment_id]

    async with in_turn(
        postgres_database,
        lambda: store.memory.take_away(VIDEO.object_id, gone),
        lambda: store.outbox.take_back(batch.batch_id),
    ):
        pass

    (queued,) = (await store.outbox.work(ROOM)).pending
    assert comment_of(queued).text == "comment 2"


async def test_what_is_taken_away_while_it_is_cleared_up_is_taken_away(
    store: Store, postgres_database: str
) -> None:
    await attach(store)
    await take(store, comment(1))
    await post(store)
    gone = [comment(1).comment_id]

    async with in_turn(
        postgres_database,
        lambda: store.memory.take_away(VIDEO.object_id, gone),
        lambda: store.upkeep.prune(NOW + timedelta(days=1)),
    ):
        pass

    (batch,) = await store.outbox.stale(ROOM)
    assert isinstance(batch.notices[0].notice, CommentNotice)


async def test_what_comes_back_while_it_is_cleared_up_waits(
    store: Store, postgres_database: str
) -> None:
    await attach(store)
    await take(store, comment(1))
    await post(store)
    await store.memory.take_away(VIDEO.object_id, [comment(1).comment_id])
    (batch,) = await store.outbox.stale(ROOM)
    await store.outbox.take_down(batch, None, now=NOW)

    async with in_turn(
        postgres_database,
        lambda: take(store, comment(1)),
        lambda: store.upkeep.prune(NOW + timedelta(days=1)),
    ):
        pass

    (queued,) = (await store.outbox.work(ROOM)).pending
    assert comment_of(queued).text == "comment 1"


def given_back(store: Store) -> Awaitable[object]:
    return store.questions.give_back(LIVE.object_id, CommentId(1), GUILD, ANN.user_id)


def released(store: Store) -> Awaitable[object]:
    return store.questions.release(NOW + timedelta(minutes=6))


@pytest.mark.parametrize("giving", [given_back, released])
async def test_a_board_shows_no_question_that_went_while_another_was_given_back(
    store: Store, postgres_database: str, giving: Callable[[Store], Awaitable[object]]
) -> None:
    await attach(store, LIVE, rules=AttachmentRules())
    await make_board(store, ROOM, LIVE.object_id, NOW)
    await take(store, question(1, LIVE.object_id), question(2, LIVE.object_id))
    await store.questions.take_next(LIVE.object_id, GUILD, ANN, NOW)
    gone = [CommentId(2)]

    async with in_turn(
        postgres_database,
        lambda: store.memory.take_away(LIVE.object_id, gone),
        lambda: giving(store),
    ):
        pass

    (board,) = await waiting_boards(store, ROOM)
    assert [(one.comment_id, one.taken_by) for one in board.questions] == [(1, None)]


async def test_what_is_agreed_to_while_it_is_about_to_be_barred_is_not_barred(
    store: Store, postgres_database: str
) -> None:
    held = (await attach(store, LIVE)).attachment
    await take(store, comment(1, of=LIVE))
    new = NewAttachment(
        guild_id=GUILD,
        room_id=ROOM,
        object=LIVE,
        rules=ALL,
        attached_by=5,
        is_exposure_agreed=True,
    )

    async with in_turn(
        postgres_database,
        lambda: store.attachments.attach(new, Baseline(live=seen()), now=NOW),
        lambda: store.exposures.settle({held.attachment_id: True}, NOW),
    ) as (_, settled):
        assert settled.barred == ()

    assert await store.exposures.doubtful() == []


@pytest.mark.parametrize("step", ["to open", "opened"])
async def test_what_has_its_place_in_the_room_by_now_gets_no_thread(
    store: Store, postgres_database: str, step: str
) -> None:
    threaded = AttachmentRules(comments=CommentPolicy.ALL, place=PostingPlace.THREAD)
    held = (await attach(store, rules=threaded)).attachment
    await take(store, comment(1))
    unopened = RoomId(-held.attachment_id)
    steps: dict[str, Callable[[], Awaitable[Any]]] = {
        "to open": lambda: store.threads.to_open(unopened, NOW),
        "opened": lambda: store.threads.opened(unopened, RoomId(2**62 + 5), NOW),
    }

    async with in_turn(postgres_database, lambda: attach(store), steps[step]):
        pass

    (now,) = await store.attachments.find()
    assert (now.rules.place, now.room_id, now.forum_id) == (PostingPlace.ROOM, ROOM, None)
    assert [comment_of(one).text for one in (await store.outbox.work(ROOM)).pending] == [
        "comment 1"
    ]
