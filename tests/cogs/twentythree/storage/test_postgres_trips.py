"""How often a comment waits for an answer of PostgreSQL's server, which may be far away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import Connection

from cogs.twentythree.domain.batching import Batch, Draft
from cogs.twentythree.domain.model import (
    AttachmentRules,
    CommentKind,
    CommentPolicy,
    NewNotice,
    Source,
)
from cogs.twentythree.domain.room_settings import Manner
from cogs.twentythree.storage import Ingested, Store, single_news
from tests.cogs.twentythree.storage.things import (
    NOW,
    OTHER_ROOM,
    ROOM,
    attach,
    comment,
    comment_of,
    take,
)
from tests.fakes.databases import Databases, PostgresDatabases
from tests.fakes.postgres_trips import TripCounter


async def hear(store: Store, number: int, kind: CommentKind = CommentKind.COMMENT) -> Ingested:
    def draft(new: NewNotice, _: Manner, now: datetime) -> Draft:
        return Draft(nonce=f"{number} in {new.room_id}", body="{}")

    one = comment(number, kind=kind)
    return await take(store, one, draft=draft, source=Source.REALTIME)


async def settle(store: Store, batch: Batch) -> bool:
    return await store.outbox.settle(batch.batch_id, message_id=5, shown="x", now=NOW)


@asynccontextmanager
async def counted(address: str) -> AsyncIterator[tuple[Store, TripCounter]]:
    async with TripCounter(address) as trips:
        store = await Store.open(trips.address)
        await attach(store)
        yield store, trips
        await store.close()


async def test_a_lone_comment_takes_three_trips_for_all_of_it(postgres_database: str) -> None:
    async with counted(postgres_database) as (store, trips):
        # The first makes the statements ready on the connection.
        (batch,) = (await hear(store, 1)).started
        await settle(store, batch)
        before = trips.count
        (batch,) = (await hear(store, 2)).started
        taken = trips.count
        assert await settle(store, batch) is False

        assert taken - before == 2
        assert trips.count - taken == 1


async def test_a_comment_for_two_rooms_of_which_one_is_busy_takes_no_more(
    postgres_database: str,
) -> None:
    async with counted(postgres_database) as (store, trips):
        await take(store, comment(1))
        await attach(store, room=OTHER_ROOM)
        for batch in (await hear(store, 2)).started:
            await settle(store, batch)
        before = trips.count
        done = await hear(store, 3)

        assert trips.count - before == 2
        assert done.rooms == {ROOM, OTHER_ROOM}
        assert [one.room_id for one in done.started] == [OTHER_ROOM]


@pytest.mark.parametrize("policy", [CommentPolicy.ALL, CommentPolicy.PROMOTED])
@pytest.mark.parametrize("has_actions", [False, True])
@pytest.mark.parametrize("kind", [CommentKind.COMMENT, CommentKind.QUESTION])
async def test_both_databases_make_the_same_of_a_comment(
    databases: Databases,
    policy: CommentPolicy,
    kind: CommentKind,
    *,
    has_actions: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The way of few trips, and the usual one."""

    async def outcome() -> tuple[object, ...]:
        store = await Store.open(databases.fresh())
        await attach(store, rules=AttachmentRules(comments=policy, has_actions=has_actions))
        await attach(store, room=OTHER_ROOM)
        heard = [await hear(store, number, kind) for number in (1, 2, 1)]
        work = [await store.outbox.work(room) for room in (ROOM, OTHER_ROOM)]
        await store.close()
        return heard, work

    short = await outcome()
    monkeypatch.setattr(single_news, "take_single", lambda *_, **__: None)
    assert await outcome() == short


async def test_a_comment_that_somebody_else_took_meanwhile_is_not_taken_twice(
    postgres: PostgresDatabases, postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each between the look and the write: the version of the object's row tells."""
    store = await Store.open(postgres_database)
    await attach(store)
    written = single_news._written
    meanwhile = (
        "UPDATE twentythree_objects SET kind = kind",
        "INSERT INTO twentythree_comments SELECT object_id, 2, false FROM twentythree_objects",
        """
        INSERT INTO twentythree_notices
            (room_id, event_key, payload, queued_at, is_live, stage, is_stale)
        SELECT room_id, 'comment:3', '', now(), false, 'done', false FROM twentythree_attachments
        """,
    )
    done: list[Ingested | None] = []

    def interrupted(connection: Connection, *args: object, **named: object) -> Ingested | None:
        postgres.run(postgres_database, meanwhile[len(done)])
        done.append(written(connection, *args, **named))  # type: ignore[arg-type]
        return done[-1]

    monkeypatch.setattr(single_news, "_written", interrupted)
    for number in (1, 2, 3):
        await hear(store, number)

    assert done == [None, None, None]
    work = await store.outbox.work(ROOM)
    assert [one.nonce for one in work.unsettled] == [f"1 in {ROOM}"]
    assert [one.event_key for one in work.pending] == []
    await store.close()


async def test_words_that_look_like_statements_are_words(postgres_database: str) -> None:
    store = await Store.open(postgres_database)
    await attach(store)
    hostile = "'; DROP TABLE twentythree_notices; -- \\' $1 :now \u2028 {}[]\""
    await take(store, replace(comment(1), text=hostile))

    (queued,) = (await store.outbox.work(ROOM)).pending
    assert comment_of(queued).text == hostile
    await store.close()
