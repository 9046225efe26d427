"""``python -m benchmarks.backlog``: the store with nothing in it, and with a million notices.

Rows are put in past the store, in rooms of their own but for the last two measures, which are of a
room in which all of them wait. Times are medians of one transaction each, seen by its caller; the
memory is the greatest resident size of the process, without that of PostgreSQL's server.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import Connection, insert, select

from cogs.twentythree.domain.batching import Draft
from cogs.twentythree.domain.model import (
    AttachmentRules,
    Comment,
    CommentId,
    CommentKind,
    CommentNotice,
    CommentPolicy,
    GuildId,
    ObjectId,
    ObjectInfo,
    ObjectKind,
    RoomId,
    Source,
)
from cogs.twentythree.storage import Baseline, NewAttachment, Store
from cogs.twentythree.storage.mapping import payload_of
from cogs.twentythree.storage.sql import NoticeStage
from cogs.twentythree.storage.tables import (
    attachments,
    batches,
    notices,
)

from ..bayeux.figures import shown
from ..postgres import postgres

_FULL, _EMPTY = RoomId(1), RoomId(2)
_NOW = datetime.now(UTC)
_AT_ONCE = 10_000
_MIB = 1024.0


def about(object_id: int) -> ObjectInfo:
    return ObjectInfo(
        object_id=ObjectId(object_id),
        kind=ObjectKind.VIDEO,
        title="Film",
        url="https://video.example.com/film",
    )


def comment(object_id: int, number: int) -> Comment:
    return Comment(
        comment_id=CommentId(number),
        object_id=ObjectId(object_id),
        kind=CommentKind.COMMENT,
        is_promoted=False,
        author="Ann",
        text=f"Number {number} from a viewer who has something to say.",
    )


async def attach(store: Store, room: RoomId) -> None:
    """Attach object ``room`` to the room, and to nothing else."""
    new = NewAttachment(
        guild_id=GuildId(1),
        room_id=room,
        object=about(room),
        rules=AttachmentRules(comments=CommentPolicy.ALL),
        attached_by=1,
    )
    await store.attachments.attach(new, Baseline(), now=_NOW)


def fill(connection: Connection, *, first: int, is_said: bool) -> None:
    """Put notices of the full room in; those that are said are old, and have batches."""
    numbers = range(first, first + _AT_ONCE)
    notice = CommentNotice(
        object=about(_FULL), comment=comment(_FULL, 1), source=Source.REALTIME, seen_at=_NOW
    )
    payload, when = payload_of(notice), _NOW - timedelta(days=30 if is_said else 0)
    if is_said:
        message = {"room_id": _FULL, "body": "{}" * 200, "attempts": 1, "fate": "delivered"}
        times = {"created_at": when, "settled_at": when}
        rows = [{"id": one, "nonce": str(one), **message, **times} for one in numbers]
        connection.execute(insert(batches), rows)
    of_room = select(attachments.c.id).where(attachments.c.room_id == _FULL)
    attachment = connection.scalar(of_room)
    same = {
        "room_id": _FULL,
        "attachment_id": attachment,
        "payload": payload,
        "queued_at": when,
        "is_live": False,
        "rank": 3,
        "stage": NoticeStage.DONE if is_said else NoticeStage.PENDING,
        "is_stale": False,
    }
    connection.execute(
        insert(notices),
        [
            {"event_key": f"filled:{one}", "batch_id": one if is_said else None, **same}
            for one in numbers
        ],
    )


async def timed(action: Callable[[int], Awaitable[object]], times: int) -> float:
    """Return the median in milliseconds."""
    taken = []
    for number in range(times):
        began = time.perf_counter()
        await action(number)
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


async def measure(store: Store, first: int) -> dict[str, float]:
    """Return the milliseconds of what the plugin does again and again."""

    def draft(*_: object) -> Draft:
        return Draft(nonce=f"lone {time.perf_counter_ns()}", body="{}")

    async def take(room: RoomId, number: int) -> None:
        found = [comment(room, first + number)]
        taken = await store.memory.ingest(
            ObjectId(room), found, source=Source.REALTIME, now=_NOW, draft=draft
        )
        for batch in taken.started:
            await store.outbox.settle(batch.batch_id, message_id=1, shown="x", now=_NOW)

    async def promote(number: int) -> None:
        object_id = ObjectId(_FULL)
        await store.memory.ingest(
            object_id,
            [replace(comment(_FULL, first + number), is_promoted=True)],
            source=Source.REALTIME,
            now=_NOW,
        )

    return {
        "a comment, taken in and settled": await timed(lambda n: take(_EMPTY, n), 200),
        "a comment for the full room": await timed(lambda n: take(_FULL, n), 200),
        "its promotion": await timed(promote, 100),
        "what to do in the empty room": await timed(lambda _: store.outbox.work(_EMPTY), 100),
        "what to do in the full room": await timed(lambda _: store.outbox.work(_FULL), 30),
        "the rooms with work": await timed(lambda _: store.outbox.rooms_with_work(), 30),
        "what waits of a server": await timed(lambda _: store.outbox.waiting(GuildId(1)), 30),
        "the count of all that waits": await timed(lambda _: store.upkeep.counts(), 10),
    }


def memory_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MIB


async def longest_wait(store: Store, work: Awaitable[object]) -> tuple[float, float]:
    """Return the seconds that ``work`` takes, and how long a writer waits meanwhile at most."""
    began = time.perf_counter()
    task = asyncio.ensure_future(work)
    longest = 0.0
    while not task.done():
        before = time.perf_counter()
        await store.upkeep.set_command_digest("global", str(before))
        longest = max(longest, time.perf_counter() - before)
    await task
    return time.perf_counter() - began, longest * 1000


async def digest(store: Store) -> None:
    while await store.digests.make(_FULL, _NOW + timedelta(days=1)):
        pass


async def run(url: str, count: int) -> None:
    store = await Store.open(url)
    await attach(store, _FULL)
    await attach(store, _EMPTY)
    write = store._database.write  # noqa: SLF001 - a million calls of the store take too long
    empty, before = await measure(store, 1), memory_mib()
    for first in range(1, count + 1, _AT_ONCE):
        await write(partial(fill, first=first, is_said=False))
    filled = memory_mib()
    full, after = await measure(store, 1_000), memory_mib()
    print(f"\n| one transaction, ms | empty | {count:,} waiting |\n|---|---|---|")
    for name, value in empty.items():
        print(f"| {name} | {shown(value)} | {shown(full[name])} |")
    print(f"| memory, MiB | {shown(before)} | {shown(after)} ({shown(filled)} from filling it) |")
    seconds, longest = await longest_wait(store, digest(store))
    print(f"\n- all of it into one digest: {seconds:.1f} s, others wait {longest:.0f} ms at most")
    for first in range(count + 1, 2 * count + 1, _AT_ONCE):
        await write(partial(fill, first=first, is_said=True))
    seconds, longest = await longest_wait(store, store.upkeep.prune(_NOW - timedelta(days=7)))
    print(
        f"- as many, said long ago, pruned: {seconds:.1f} s, others wait {longest:.0f} ms at most"
    )
    print(f"- memory at the end: {shown(memory_mib())} MiB")
    await store.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.backlog")
    parser.add_argument("--notices", type=int, default=1_000_000)
    parser.add_argument("--quick", action="store_true", help="20,000 notices")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--url", help="an empty database; otherwise SQLite in a folder of its own")
    where.add_argument("--postgresql", action="store_true", help="on one of its own")
    given = parser.parse_args()
    with ExitStack() as stack:
        if given.postgresql:
            url = stack.enter_context(postgres())
        else:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="backlog-"))
            url = given.url or f"sqlite+aiosqlite:///{folder}/store.db"
        print(f"- load average before {os.getloadavg()[0]:.2f}")
        asyncio.run(run(url, 20_000 if given.quick else given.notices))


if __name__ == "__main__":
    main()
