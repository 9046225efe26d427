"""Reading an object to known ground, with a real store and a workspace that moves meanwhile."""

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cogs.twentythree.api import FoundObject
from cogs.twentythree.domain.model import (
    Attachment,
    AttachmentRules,
    CommentId,
    CommentPolicy,
    GuildId,
    LiveObservation,
    ObjectId,
    ObjectKind,
    RoomId,
    Source,
)
from cogs.twentythree.errors import StorageError, WorkspaceUnreachableError
from cogs.twentythree.intake.objects import ObjectState
from cogs.twentythree.intake.turns import loop_time
from cogs.twentythree.storage import NewAttachment, NewFollow, Store
from tests.fakes.intake import ClockSet, Parts, RoomsWoken, ports, readings_of
from tests.fakes.stores import open_store
from tests.fakes.workspace import FakeWorkspace

ROOM, VIDEO = RoomId(10), ObjectId(7)


class Bench:
    def __init__(self, store: Store) -> None:
        self.store = store
        self.workspace = FakeWorkspace()
        self.workspace.page_size = 2
        self.now = datetime.now(UTC)
        self.restart()

    def restart(self, **options: Any) -> None:
        """Forget what is only known while it runs."""
        self.rooms = RoomsWoken()
        clock = ClockSet(lambda: self.now)
        joined = ports(self.store, self.workspace, clock=clock, rooms=self.rooms)
        self.parts = parts = Parts(joined, hold_s=1.0, **options)
        self.readings = readings_of(parts)

    async def attach(self, policy: CommentPolicy = CommentPolicy.ALL) -> ObjectState:
        info = self.workspace.add(VIDEO)
        await self.store.attachments.attach(
            NewAttachment(
                guild_id=GuildId(1),
                room_id=ROOM,
                object=info,
                rules=AttachmentRules(comments=policy, announces_live=False),
                attached_by=1,
            ),
            await self.readings.baseline(FoundObject(info=info)),
            now=datetime.now(UTC),
        )
        return await self.parts.refresh(VIDEO)

    async def said(self) -> list[str]:
        return [queued.event_key for queued in (await self.store.outbox.work(ROOM)).pending]


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    store = await open_store(tmp_path / "readings.db")
    yield Bench(store)
    await store.close()


async def test_all_that_is_new_is_found_over_several_pages_in_order(bench: Bench) -> None:
    bench.workspace.say(1, VIDEO)
    state = await bench.attach()
    for number in range(2, 9):
        bench.workspace.say(number, VIDEO)

    await bench.readings.read(state)

    assert await bench.said() == [f"comment:{number}" for number in range(2, 9)]
    ground = await bench.store.memory.ground(VIDEO)
    assert ground is not None
    assert ground.watermark == 8


async def test_a_hole_below_what_realtime_brought_is_found(bench: Bench) -> None:
    bench.workspace.say(1, VIDEO)
    state = await bench.attach()
    bench.workspace.say(2, VIDEO)
    late = bench.workspace.say(3, VIDEO)
    await bench.parts.intake.ingest(VIDEO, [late], Source.REALTIME)

    await bench.readings.read(state)

    assert sorted(await bench.said()) == ["comment:2", "comment:3"]


async def test_a_deletion_between_two_pages_loses_no_comment(bench: Bench) -> None:
    bench.workspace.say(1, VIDEO)
    state = await bench.attach()
    for number in range(2, 8):
        bench.workspace.say(number, VIDEO)
    # The newest goes away after the first page, and everything moves up by one.
    bench.workspace.answered = lambda: bench.workspace.delete(*({7} & bench.workspace.held.keys()))
    await bench.readings.read(state)

    assert await bench.said() == [f"comment:{number}" for number in range(2, 7)]


async def test_a_list_that_will_not_hold_still_is_read_again_next_time(bench: Bench) -> None:
    bench.workspace.say(1, VIDEO)
    state = await bench.attach()
    for number in range(2, 30):
        bench.workspace.say(number, VIDEO)
    bench.workspace.answered = lambda: bench.workspace.delete(max(bench.workspace.held))
    await bench.readings.read(state)
    bench.workspace.answered = lambda: None
    disturbed = await bench.store.memory.ground(VIDEO)
    await bench.readings.read(state)
    settled = await bench.store.memory.ground(VIDEO)

    assert disturbed is not None
    assert disturbed.watermark == 1
    assert settled is not None
    assert settled.watermark == max(bench.workspace.held)
    assert {f"comment:{number}" for number in range(2, 20)} <= set(await bench.said())


async def test_a_promotion_far_below_known_ground_is_found(bench: Bench) -> None:
    for number in range(1, 9):
        bench.workspace.say(number, VIDEO)
    state = await bench.attach(CommentPolicy.PROMOTED)
    for number in (1, 2, 3):
        bench.workspace.promote(number)

    await bench.readings.read(state)

    assert await bench.said() == ["comment:1", "comment:2", "comment:3"]


async def test_more_than_a_reading_takes_is_given_up_with_a_warning(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.workspace.say(1, VIDEO)
    state = await bench.attach()
    for number in range(2, 12):
        bench.workspace.say(number, VIDEO)
    bench.restart(most_pages=2)
    with caplog.at_level(logging.WARNING):
        await bench.readings.read(state)
    await bench.readings.read(state)

    assert await bench.said() == [f"comment:{number}" for number in (8, 9, 10, 11)]
    assert "more new comments" in caplog.text


async def test_a_long_list_is_old_below_what_the_attach_has_read(bench: Bench) -> None:
    for number in range(1, 12):
        bench.workspace.say(number, VIDEO, is_promoted=number == 1)
    bench.restart(most_pages=2)
    state = await bench.attach()
    bench.restart()

    await bench.readings.read(state)

    assert await bench.said() == []


async def test_an_object_that_was_detached_meanwhile_is_left_alone(bench: Bench) -> None:
    state = await bench.attach()
    await bench.store.attachments.detach(ROOM, VIDEO)
    bench.workspace.calls.clear()

    await bench.readings.read(state)

    assert bench.workspace.calls == []


async def test_without_a_room_for_comments_none_are_read(bench: Bench) -> None:
    state = await bench.attach(CommentPolicy.NONE)
    bench.workspace.calls.clear()

    await bench.readings.read(state)

    assert bench.workspace.calls == []


async def test_what_was_named_is_looked_for_until_a_reading_works(bench: Bench) -> None:
    state = await bench.attach()
    bench.workspace.say(5, VIDEO)
    state.named = frozenset([CommentId(5)])
    bench.workspace.down = WorkspaceUnreachableError("comment/list")
    assert not await bench.readings.read(state)
    assert state.named == {5}
    bench.workspace.down = None
    assert await bench.readings.read(state)

    assert state.named == frozenset()


async def test_a_reading_raises_known_ground_to_that_of_the_whole_workspace(bench: Bench) -> None:
    state = await bench.attach()
    bench.workspace.say(5, VIDEO)
    bench.parts.objects.feed.top = CommentId(900)
    await bench.readings.read(state)

    assert await bench.store.memory.watermarks([VIDEO]) == {VIDEO: 900}


async def test_an_object_that_begins_anew_is_read_to_its_end(bench: Bench) -> None:
    for number in range(1, 8):
        bench.workspace.say(number, VIDEO)
    state = await bench.attach()
    await bench.store.memory.raise_watermark([VIDEO], CommentId(900))
    bench.workspace.held[CommentId(4)] = bench.workspace.say(4, VIDEO, text="Edited")
    state.begins_anew = True
    bench.workspace.calls.clear()
    await bench.readings.read(state)

    assert bench.workspace.calls.count("comments") == 4
    assert not state.begins_anew


async def test_a_live_event_is_gone_once_the_workspace_has_not_known_it_several_times(
    bench: Bench,
) -> None:
    info, rules = bench.workspace.add(VIDEO, ObjectKind.LIVE), AttachmentRules()
    guild_id, now = GuildId(1), datetime.now(UTC)
    order = NewFollow(
        guild_id=guild_id,
        room_id=ROOM,
        is_forum=False,
        kind=ObjectKind.LIVE,
        category=None,
        rules=rules,
        followed_by=1,
        has_calendar=True,
    )
    follow = (await bench.store.follows.follow(order, now)).follow
    new = NewAttachment(guild_id=guild_id, room_id=ROOM, object=info, rules=rules, attached_by=1)
    baseline = await bench.readings.baseline(FoundObject(info=info))
    await bench.store.follows.attach(follow.follow_id, new, baseline, mentions=False, now=now)
    state = await bench.parts.refresh(VIDEO)

    async def is_gone() -> bool:
        (event,) = (await bench.store.calendars.work(guild_id))[guild_id].covered
        return event.is_gone

    bench.workspace.hidden.add(VIDEO)
    # Anybody who publishes on its channels can have it read at once, and again.
    for _ in range(5):
        assert not await bench.readings.read(state)
    assert not await is_gone()
    bench.now += timedelta(minutes=2)
    assert not await bench.readings.read(state)
    assert await is_gone()
    bench.workspace.hidden.clear()
    assert await bench.readings.read(state)
    assert not await is_gone()


# What turns private.


async def test_what_is_seen_of_an_event_waits_until_it_is_stored_that_it_is_private(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = bench.workspace.add(VIDEO, ObjectKind.LIVE)
    rules = AttachmentRules(comments=CommentPolicy.NONE)
    new = NewAttachment(guild_id=GuildId(1), room_id=ROOM, object=info, rules=rules, attached_by=1)
    baseline = await bench.readings.baseline(FoundObject(info=info))
    await bench.store.attachments.attach(new, baseline, now=bench.now)
    state = await bench.parts.refresh(VIDEO)
    bench.workspace.objects[VIDEO] = replace(info, is_public=False)
    seen = LiveObservation(object_id=VIDEO, is_broadcasting=True, is_public=False)
    store = bench.store.memory.refresh_object
    said = list[str]()

    async def refresh_object(*given: Any) -> Any:
        # Another database connection is ahead.
        await bench.parts.intake.ingest_live(seen, Source.RECONCILE, since=loop_time())
        said.extend(await bench.said())
        return await store(*given)

    monkeypatch.setattr(bench.store.memory, "refresh_object", refresh_object)
    await bench.readings.refresh(state)

    assert said == []
    assert not state.info.is_public


async def test_that_it_is_private_now_is_told_also_where_the_database_goes_away_then(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = await bench.attach()
    bench.workspace.objects[VIDEO] = replace(state.info, is_public=False)

    async def find(**_: object) -> list[Attachment]:
        raise StorageError("The database is away.")

    monkeypatch.setattr(bench.store.attachments, "find", find)
    with pytest.raises(StorageError):
        await bench.readings.refresh(state)

    assert [one.room_id for one in bench.rooms.told] == [ROOM]
