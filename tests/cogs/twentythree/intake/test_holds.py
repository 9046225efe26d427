"""For how long realtime waits for the reading of what was missed, whatever keeps that."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from cogs.twentythree.api import RealtimeAddress
from cogs.twentythree.domain.model import CommentPolicy, ObjectId, RoomId
from cogs.twentythree.realtime import Gap, MessageReceived
from tests.fakes.bridge_house import PROMOTED, ROOM, URL, VIDEO, House, house, running
from tests.fakes.realtime import FakeRealtime
from tests.fakes.workspace import ROOT, row

_HOLD_S = 60.0
# Enough for one list to be read for all of them.
_OTHERS = [ObjectId(number) for number in range(101, 105)]


class Time:
    """The loop's own, which a test puts forward."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._ahead = 0.0
        loop = asyncio.get_running_loop()
        usual = loop.time
        monkeypatch.setattr(loop, "time", lambda: usual() + self._ahead)

    async def jump(self, seconds: float) -> None:
        """Let so much have passed at once, as for a process that was frozen."""
        self._ahead += seconds
        # What is due now has its turn, and what follows from it.
        for _ in range(10):
            await asyncio.sleep(0)

    async def pass_by(self, seconds: float) -> None:
        """Let so much pass in many steps."""
        for _ in range(100):
            await self.jump(seconds / 100)


@contextmanager
def locked(path: Path) -> Generator[None]:
    """Hold the database, as another process does."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")


async def many_served(made: House) -> FakeRealtime:
    """Attach objects that are read by one list, each to a room of its own."""
    roots = {VIDEO: ROOT} | {one: f"/{one:040x}" for one in _OTHERS}
    for object_id, root in roots.items():
        made.workspace.add(object_id)
        made.workspace.addresses[object_id] = RealtimeAddress(url=URL, comments_root=root)
        await made.attach(object_id, RoomId(object_id), comments=CommentPolicy.ALL)
    client = await made.client()
    await client.until_subscribed(
        *(f"{root}/{sub}" for root in roots.values() for sub in ("all_json", "promoted_json"))
    )
    await made.until_looked_up(roots)
    return client


async def until_nothing_is_held(made: House) -> None:
    async with asyncio.timeout(10):
        while any(one.hold for one in made.bridge.states.values()):  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0)


def said(number: int, object_id: ObjectId) -> dict[str, object]:
    return row(number, promoted=False) | {"object_id": object_id}


async def keys(made: House, room: RoomId) -> list[str]:
    return [queued.event_key for queued in (await made.store.outbox.work(room)).pending]


async def test_while_the_database_is_locked_nothing_new_goes_before_what_was_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = Time(monkeypatch)
    async with house(tmp_path, hold_s=_HOLD_S, spacing_s=0.01) as made, running(made):
        client = await many_served(made)
        await until_nothing_is_held(made)
        missed = [VIDEO, *_OTHERS]
        for number, object_id in enumerate(missed, 10):
            made.workspace.say(number, object_id)
        made.workspace.calls.clear()
        with locked(tmp_path / "bridge.db"):
            client.tell(Gap(since=0, until=1))
            for number, object_id in enumerate(_OTHERS, 20):
                channel = f"/{object_id:040x}/all_json"
                client.tell(MessageReceived(channel, said(number, object_id)))
            await made.until_called("all comments", 1)
            await time.pass_by(3 * _HOLD_S)
        for number, object_id in enumerate(_OTHERS, 11):
            room = RoomId(object_id)
            await made.until_said(f"comment {number}", f"comment {number + 9}", room=room)
            assert await keys(made, room) == [f"comment:{number}", f"comment:{number + 9}"]


async def test_a_process_that_was_frozen_reads_what_it_missed_before_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = Time(monkeypatch)
    async with house(tmp_path, hold_s=_HOLD_S) as made, running(made):
        client = await made.served()
        await client.until_subscribed(PROMOTED)
        made.workspace.say(5, VIDEO, is_promoted=True)
        made.workspace.gate.clear()
        made.workspace.reading.clear()
        client.tell(Gap(since=0, until=1), MessageReceived(PROMOTED, row(6)))
        await made.workspace.reading.wait()
        await time.jump(10 * _HOLD_S)
        assert await keys(made, ROOM) == []
        made.workspace.gate.set()
        await made.until_said("comment 5", "comment 6")

        assert await keys(made, ROOM) == ["comment:5", "comment:6"]
