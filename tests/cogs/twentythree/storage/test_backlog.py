"""However much waits or was said, the store looks at little of it at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Self

import pytest
from sqlalchemy import Engine, event

from cogs.twentythree.domain.batching import Draft
from cogs.twentythree.domain.model import AttachmentRules, CommentPolicy, DigestNotice, RoomId
from cogs.twentythree.storage import Store, upkeep
from tests.cogs.twentythree.storage.things import (
    ALL,
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
    query,
    seen,
    start,
    take,
)

_LARGE = ("twentythree_notices", "twentythree_batches", "twentythree_comments")
_SCANS = tuple(f"SCAN {name}" for name in _LARGE)


class Steps:
    """Asks SQLite how it answers every statement of the stores that are opened meanwhile."""

    def __init__(self) -> None:
        self.bad: list[str] = []
        self.count = 0

    def __enter__(self) -> Self:
        event.listen(Engine, "do_connect", self._connect)
        event.listen(Engine, "before_cursor_execute", self._executed)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(Engine, "do_connect", self._connect)
        event.remove(Engine, "before_cursor_execute", self._executed)

    def _connect(self, _: object, __: object, ___: object, parameters: dict[str, Any]) -> None:
        explain = self._explain

        class Watched(sqlite3.Connection):
            """Sees what goes past SQLAlchemy."""

            def execute(self, statement: str, given: Any = (), /) -> sqlite3.Cursor:
                explain(super().execute, statement, given)
                return super().execute(statement, given)

        parameters["factory"] = Watched

    def _executed(
        self, connection: Any, cursor: Any, statement: str, parameters: Any, *_: object
    ) -> None:
        del cursor
        given = parameters[0] if parameters and isinstance(parameters, list) else parameters
        driver = connection.connection.dbapi_connection
        self._explain(partial(sqlite3.Connection.execute, driver), statement, given)

    def _explain(
        self, execute: Callable[[str, Any], sqlite3.Cursor], statement: str, given: Any
    ) -> None:
        if not statement.startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
            return
        self.count += 1
        for *_, detail in execute(f"EXPLAIN QUERY PLAN {statement}", given).fetchall():
            # Of the notices, those that show less than they should are few.
            is_whole = detail.startswith(_SCANS) and "ix_twentythree_notices_stale" not in detail
            # By stage alone: all that waits, or all that was ever said; by room: all said there.
            is_whole |= detail.endswith(("(stage=?)", "twentythree_notices_1 (room_id=?)"))
            is_sorted = "TEMP B-TREE FOR ORDER BY" in detail
            if (is_whole or is_sorted) and any(name in statement for name in _LARGE):
                self.bad.append(f"{detail}: {statement}")


async def test_no_look_goes_through_all_that_waits_or_was_said(
    sqlite_database: str,
) -> None:
    with Steps() as steps:
        store = await Store.open(sqlite_database)
        await use(store)
    await store.close()

    assert steps.count > 40
    assert steps.bad == []


async def use(store: Store) -> None:
    """Do a little of everything."""
    await attach(store)
    await attach(store, LIVE, room=OTHER_ROOM)
    await take(store, comment(1), draft=lambda *_: Draft(nonce="lone", body="{}"))
    await take(store, comment(2), comment(3))
    await take(store, comment(2, is_promoted=True), comment(3))
    await look(store, seen(on=True))
    await look(store, seen(on=True, viewers=2), minute=2)
    batch = await post(store)
    await store.outbox.record_attempt(batch.batch_id)
    await store.outbox.mark_shown(batch, shown="x")
    await start(store, OTHER_ROOM, nonce="m")
    await store.digests.make(ROOM, NOW + timedelta(days=1))
    await attach(store, rules=AttachmentRules(comments=CommentPolicy.PROMOTED))
    await store.memory.refresh_object(VIDEO, NOW)
    await store.outbox.rooms_with_work()
    await store.outbox.waiting(GUILD)
    await store.upkeep.prune(LATER)
    await store.attachments.pause(ROOM, "no", NOW)
    await store.attachments.resume(ROOM)
    await store.attachments.detach(ROOM, VIDEO.object_id)


async def test_a_count_reads_no_rows_but_what_is_open(
    sqlite_database: str,
) -> None:
    store = await Store.open(sqlite_database)
    await attach(store)
    await take(store, comment(1))
    await post(store)
    await store.close()
    with Steps() as steps:
        store = await Store.open(sqlite_database)
        assert (await store.upkeep.counts()).pending == 0
    await store.close()
    (bad,) = steps.bad
    assert bad.startswith(
        "SCAN twentythree_notices USING COVERING INDEX ix_twentythree_notices_open"
    )


async def test_a_room_worker_reads_no_more_than_it_can_use(store: Store) -> None:
    await attach(store)
    await take(store, *map(comment, range(1, 1001)))

    assert len(await pending(store)) == 200


async def test_a_digest_grows_piece_by_piece(store: Store) -> None:
    await attach(store)
    for number in range(3):
        some = range(400 * number + 1, 400 * number + 401)
        await take(store, *map(comment, some), now=NOW + timedelta(minutes=number))
    late = NOW + timedelta(days=1)
    counts = [await store.digests.make(ROOM, late) for _ in range(4)]

    assert counts == [500, 500, 200, 0]
    (queued,) = (await store.outbox.work(ROOM)).pending
    assert queued.notice == DigestNotice(
        object=VIDEO, count=1200, since=NOW, until=NOW + timedelta(minutes=2)
    )


async def test_a_digest_that_is_on_its_way_is_not_added_to(store: Store) -> None:
    await attach(store)
    await take(store, comment(1), comment(2))
    late = NOW + timedelta(days=1)
    await store.digests.make(ROOM, late)
    await start(store)
    await take(store, comment(3), comment(4))

    assert await store.digests.make(ROOM, late) == 2
    (queued,) = (await store.outbox.work(ROOM)).pending
    assert isinstance(queued.notice, DigestNotice)
    assert queued.notice.count == 2


async def test_pruning_goes_on_past_what_it_keeps(
    store: Store, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "_AT_ONCE", 2)
    await attach(store, LIVE)
    for number in range(3):
        await look(store, seen(on=True), minute=10 * number)
        await post(store, nonce=f"card {number}")
        await look(store, seen(), minute=10 * number + 5)
    await attach(store)
    for number in range(1, 6):
        await take(store, comment(number))
        await post(store, nonce=str(number))

    assert await store.upkeep.prune(LATER) == 5
    assert await query(database, "SELECT count(*) FROM twentythree_batches") == [3]
    await store.attachments.detach(ROOM, VIDEO.object_id)
    assert await store.upkeep.prune(LATER) == 5
    assert await query(database, "SELECT count(*) FROM twentythree_notices") == [3]


async def test_new_rules_reach_all_that_waits(store: Store) -> None:
    await attach(store)
    chosen = {600, 1201}
    numbers = range(1, 1202)
    await take(store, *(comment(one, is_promoted=one in chosen) for one in numbers))
    await attach(store, rules=AttachmentRules(comments=CommentPolicy.PROMOTED))
    assert await pending(store) == ["comment:600", "comment:1201"]

    await attach(store, rules=ALL)
    assert await pending(store) == ["comment:600", "comment:1201"]


@pytest.mark.parametrize("count", [1, 30])
async def test_each_room_with_work_is_found_by_a_look_into_each(store: Store, count: int) -> None:
    rooms: Sequence[RoomId] = [RoomId(number) for number in range(1, count + 1)]
    for room in rooms:
        await attach(store, room=room)
    await attach(store, LIVE, room=RoomId(99))
    await take(store, comment(1))

    assert await store.outbox.rooms_with_work() == frozenset(rooms)
