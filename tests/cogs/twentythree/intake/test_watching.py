from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cogs.twentythree.api import CommentPage, FoundObject
from cogs.twentythree.domain.live import Recording
from cogs.twentythree.domain.model import (
    AttachmentRules,
    GuildId,
    LiveNotice,
    LiveObservation,
    LivePhase,
    LiveState,
    ObjectId,
    ObjectKind,
    RoomId,
)
from cogs.twentythree.domain.series import Sample
from cogs.twentythree.errors import StorageError, WorkspaceUnreachableError
from cogs.twentythree.intake.watching import Watch
from cogs.twentythree.storage import Baseline, NewAttachment, Store
from tests.fakes.intake import ClockSet, Parts, RoomsWoken, ports, readings_of
from tests.fakes.workspace import FakeWorkspace

ROOM, WEBINAR = RoomId(10), ObjectId(8)
START = datetime(2030, 1, 2, 12, tzinfo=UTC)
RECORDING = Recording(object_id=ObjectId(9), url="https://video.example.com/9", created_at=None)


class Studio:
    """A watch on a real store, with a clock and a workspace that a test sets."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.workspace = FakeWorkspace()
        self.now = START
        rooms = RoomsWoken()
        self.woken = rooms.woken
        joined = ports(store, self.workspace, rooms=rooms, clock=ClockSet(lambda: self.now))
        self.parts = Parts(joined, hold_s=5)
        self.watch = Watch(joined, self.parts.objects, self.parts.intake, every_s=3600)

    async def attach(self, object_id: ObjectId = WEBINAR) -> None:
        info = self.workspace.add(object_id, ObjectKind.LIVE)
        new = NewAttachment(
            guild_id=GuildId(1),
            room_id=ROOM,
            object=info,
            rules=AttachmentRules(),
            attached_by=1,
        )
        off = LiveObservation(object_id=object_id, is_broadcasting=False)
        await self.store.attachments.attach(new, Baseline(live=off), now=self.now)

    def on(self, viewers: int | None = None, object_id: ObjectId = WEBINAR) -> None:
        self.workspace.live_states[object_id] = LiveObservation(
            object_id=object_id, is_broadcasting=True, viewers_now=viewers
        )

    def off(self) -> None:
        self.workspace.live_states.clear()

    async def begin(self) -> None:
        """Let the broadcast begin, as a reading or realtime would find it."""
        self.on(1)
        await self.store.broadcasts.ingest(self.workspace.live_states[WEBINAR], now=self.now)

    async def after(self, minutes: float) -> LiveState:
        self.now += timedelta(minutes=minutes)
        self.workspace.calls.clear()
        await self.watch.look()
        return next(
            one.state
            for one in await self.store.broadcasts.live_events()
            if one.info.object_id == WEBINAR
        )

    async def card(self) -> LiveNotice:
        notice = (await self.store.outbox.work(ROOM)).pending[-1].notice
        assert isinstance(notice, LiveNotice)
        return notice


@pytest.fixture
async def studio(store: Store) -> Studio:
    made = Studio(store)
    await made.attach()
    return made


async def test_an_event_that_is_not_on_air_costs_no_call(studio: Studio) -> None:
    await studio.after(1)

    assert studio.workspace.calls == []


async def test_viewers_are_followed_by_the_minute_while_on_air(studio: Studio) -> None:
    await studio.begin()
    studio.on(5)
    assert (await studio.after(1)).viewers_now == 5
    studio.on(3)
    state = await studio.after(1)

    assert (state.viewers_now, state.viewers_peak) == (3, 5)
    assert studio.workspace.calls == ["live", "comments"]
    assert studio.woken == {ROOM}


async def test_a_look_that_is_answered_late_undoes_nothing_of_a_later_one(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    await studio.begin()
    state = await studio.parts.refresh(WEBINAR)
    asked, answers = asyncio.Event(), asyncio.Event()
    live = studio.workspace.live

    async def late(object_id: ObjectId) -> LiveObservation:
        seen = await live(object_id)
        asked.set()
        await answers.wait()
        return seen

    with monkeypatch.context() as patch:
        patch.setattr(studio.workspace, "live", late)
        studio.now += timedelta(minutes=1)
        looking = asyncio.create_task(studio.watch.look())
        await asked.wait()
    studio.off()
    assert await readings_of(studio.parts).read(state)
    answers.set()
    await looking

    (event,) = await studio.store.broadcasts.live_events()
    assert event.state.phase is LivePhase.ENDED


async def test_what_is_attached_while_its_event_ends_is_not_said_to_be_on_air(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    await studio.begin()
    state = await studio.parts.refresh(WEBINAR)
    asked, answers = asyncio.Event(), asyncio.Event()
    comments = studio.workspace.comments

    async def late(*args: Any, **values: Any) -> CommentPage:
        asked.set()
        await answers.wait()
        return await comments(*args, **values)

    found = FoundObject(info=state.info)
    with monkeypatch.context() as patch:
        patch.setattr(studio.workspace, "comments", late)
        reading = asyncio.create_task(readings_of(studio.parts).baseline(found))
        await asked.wait()
    studio.off()
    assert (await studio.after(1)).phase is LivePhase.ENDED
    answers.set()

    assert (await reading).live == LiveObservation(object_id=WEBINAR, is_broadcasting=False)


async def test_what_is_seen_of_an_event_that_is_private_now_waits_for_its_reading(
    studio: Studio,
) -> None:
    await studio.begin()
    await studio.parts.refresh(WEBINAR)
    studio.workspace.live_states[WEBINAR] = LiveObservation(
        object_id=WEBINAR, is_broadcasting=True, viewers_now=9, is_public=False
    )
    state = await studio.after(1)

    assert state.viewers_now == 1
    assert WEBINAR in studio.parts.agenda.readings.todo.hinted


async def test_an_end_is_seen_settled_and_then_left_alone_but_for_the_recording(
    studio: Studio,
) -> None:
    await studio.begin()
    for number in range(3):
        studio.workspace.say(number + 1, WEBINAR)
        await studio.after(1)
    studio.off()
    assert not (await studio.after(1)).is_settled
    assert (await studio.after(4)).is_settled

    assert (await studio.card()).series is not None
    await studio.after(1)
    assert studio.workspace.calls == ["recording"]
    await studio.after(0.5)
    assert studio.workspace.calls == []


async def test_a_flapping_signal_is_one_broadcast(studio: Studio) -> None:
    await studio.begin()
    state = LiveState()
    for _ in range(5):
        studio.off()
        await studio.after(1)
        studio.on(2)
        state = await studio.after(1)

    assert (state.broadcast, len((await studio.store.outbox.work(ROOM)).pending)) == (1, 1)


async def test_the_recording_is_linked_once_there_is_one(studio: Studio) -> None:
    await studio.begin()
    studio.off()
    await studio.after(1)
    await studio.after(4)
    assert (await studio.after(1)).recording_url is None
    studio.workspace.listing.recordings[WEBINAR] = RECORDING
    studio.woken.clear()

    assert (await studio.after(3)).recording_url == RECORDING.url

    assert (await studio.card()).state.recording_url == RECORDING.url
    assert studio.woken == {ROOM}
    await studio.after(60)
    assert studio.workspace.calls == []


async def test_a_workspace_that_is_away_is_asked_again_later(studio: Studio) -> None:
    await studio.begin()
    studio.workspace.down = WorkspaceUnreachableError("live/list")
    await studio.after(1)
    studio.workspace.down = None
    studio.on(7)

    assert (await studio.after(1)).viewers_now == 7


async def test_one_event_that_hangs_does_not_keep_the_others_from_being_looked_at(
    studio: Studio,
) -> None:
    for number in (21, 22):
        await studio.attach(ObjectId(number))
    for object_id in (WEBINAR, ObjectId(21), ObjectId(22)):
        studio.on(1, object_id)
        await studio.store.broadcasts.ingest(
            studio.workspace.live_states[object_id], now=studio.now
        )
    studio.workspace.gate.clear()
    looking = asyncio.create_task(studio.after(1))
    await studio.workspace.reading.wait()
    await studio.workspace.until_called("live", 3)

    studio.workspace.gate.set()
    await looking
    assert studio.workspace.calls.count("comments") == 3


async def test_what_is_detached_is_forgotten(studio: Studio) -> None:
    await studio.begin()
    studio.off()
    await studio.after(1)
    await studio.after(4)
    await studio.after(1)
    assert WEBINAR in studio.watch._sought

    await studio.store.attachments.detach(ROOM, WEBINAR)
    await studio.watch.look()

    assert studio.watch._sought == {}


async def test_it_watches_until_it_is_cancelled(studio: Studio) -> None:
    await studio.begin()
    task = asyncio.create_task(studio.watch.run())
    await studio.workspace.reading.wait()
    task.cancel()
    await asyncio.wait({task})

    assert task.cancelled()


async def test_what_realtime_tells_of_viewers_is_stored_with_the_next_round(
    studio: Studio,
) -> None:
    await studio.begin()
    told = [Sample(at=START + timedelta(minutes=m), viewers=60 + m, comments=None) for m in (2, 1)]
    (await studio.parts.refresh(WEBINAR)).heard.extend(told)
    await studio.after(4)
    studio.off()
    await studio.after(1)
    await studio.after(4)

    series = (await studio.card()).series
    assert series is not None
    assert series.viewers[1:3] == (61, 62)


async def test_what_realtime_told_of_viewers_is_kept_although_the_store_failed_once(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    await studio.begin()
    told = [Sample(at=START + timedelta(minutes=m), viewers=60 + m, comments=None) for m in (1, 2)]
    heard = (await studio.parts.refresh(WEBINAR)).heard
    heard.extend(told)
    with monkeypatch.context() as patched:
        patched.setattr(studio.store.broadcasts, "fill_samples", _locked)
        with pytest.raises(StorageError):
            await studio.watch.look()
    assert list(heard) == told

    assert (await studio.after(3)).viewers_peak == 62
    assert not heard


async def _locked(*_: object) -> None:
    raise StorageError("The database is locked.")


async def test_where_the_database_fails_for_one_event_the_work_ends_although_others_take_long(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = ObjectId(9)
    await studio.attach(other)
    studio.on(1, other)
    await studio.store.broadcasts.ingest(studio.workspace.live_states[other], now=studio.now)
    await studio.begin()
    begun, cut, may_end = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def ingest(seen: LiveObservation, **_: Any) -> None:
        if seen.object_id == WEBINAR:
            await begun.wait()
            raise StorageError("The database is away.")
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            # A transaction that is under way is not cut off.
            cut.set()
            await may_end.wait()

    monkeypatch.setattr(studio.store.broadcasts, "ingest", ingest)
    studio.now += timedelta(minutes=1)
    watching = asyncio.create_task(studio.watch.run())
    await cut.wait()
    watching.cancel()
    await asyncio.sleep(0)
    may_end.set()

    done, _ = await asyncio.wait({watching}, timeout=20)
    assert done
    watching.exception()
