"""The rooms on a real store, with a Discord that is told how to answer."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from cogs.twentythree.errors import StorageError
from cogs.twentythree.metrics import Metrics
from cogs.twentythree.relay.model import (
    Attachment,
    AttachmentRules,
    CommentPolicy,
    GuildId,
    LiveObservation,
    ObjectInfo,
    RoomId,
    Source,
)
from cogs.twentythree.rooms import RoomOptions, Rooms
from cogs.twentythree.rooms.outcomes import GiveUp, PauseRoom, Removed, RetryLater
from cogs.twentythree.storage import Baseline, NewAttachment, Store
from tests.fakes.notices import SEEN_AT, VIDEO, WEBINAR, comment_notice
from tests.fakes.poster import FakePoster, Hang, Lost

ROOM, OTHER = RoomId(501), RoomId(502)
AGAIN = RetryLater(reason="status 503")
NO_ACCESS = PauseRoom(reason="The bot may not post here.")
QUICK = RoomOptions(
    retry_first_s=0.001, retry_longest_s=0.001, pause_first_s=0.001, pause_longest_s=0.001
)


class NoClient:
    """A client whose cache is empty."""

    def get_channel(self, channel_id: int) -> None:
        return None


class Told:
    """Stands in for the teller; a test of its own covers it."""

    def __init__(self) -> None:
        self.told: list[tuple[RoomId, str]] = []

    async def tell(self, room_id: RoomId, reason: str, paused: Sequence[Attachment]) -> None:
        self.told.append((room_id, reason))


@dataclass
class World:
    store: Store
    poster: FakePoster = field(default_factory=FakePoster)
    now: datetime = SEEN_AT
    told: Told = field(default_factory=Told)
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def rooms(self, options: RoomOptions = QUICK) -> Rooms:
        self.registry = CollectorRegistry()
        client: Any = NoClient()
        rooms = Rooms(
            client,
            self.store,
            Metrics(self.registry),
            now=lambda: self.now,
            options=options,
            chance=lambda: 1.0,
        )
        rooms._poster, rooms._teller = self.poster, self.told  # type: ignore[assignment]
        return rooms

    @asynccontextmanager
    async def running(self, options: RoomOptions = QUICK) -> AsyncGenerator[Rooms]:
        rooms, started = self.rooms(options), asyncio.Event()
        start_workers = rooms._start_workers

        def start(group: asyncio.TaskGroup) -> None:
            start_workers(group)
            started.set()

        rooms._start_workers = start  # type: ignore[method-assign]
        task = asyncio.create_task(rooms.run())
        try:
            await started.wait()
            yield rooms
        finally:
            task.cancel()
            await asyncio.wait([task])
        assert task.cancelled()

    async def attach(self, room_id: RoomId, about: ObjectInfo = VIDEO, **rules: Any) -> None:
        new = NewAttachment(
            guild_id=GuildId(9),
            room_id=room_id,
            object=about,
            rules=AttachmentRules(comments=CommentPolicy.ALL, **rules),
            attached_by=77,
        )
        live = LiveObservation(object_id=about.object_id, is_broadcasting=False)
        baseline = Baseline(live=live if about is WEBINAR else None)
        await self.store.attach(new, baseline, now=self.now)

    async def say(self, *numbers: int, **values: Any) -> frozenset[RoomId]:
        comments = [comment_notice(number, **values).comment for number in numbers]
        ingested = await self.store.ingest_comments(
            VIDEO.object_id, comments, source=Source.REALTIME, now=self.now
        )
        return ingested.rooms

    async def see(self, rooms: Rooms, **values: Any) -> None:
        self.now += timedelta(minutes=2)
        seen = LiveObservation(object_id=WEBINAR.object_id, **values)
        ingested = await self.store.ingest_live(seen, source=Source.REALTIME, now=self.now)
        rooms.wake(ingested.rooms)

    def count(self, outcome: str) -> float:
        name = "twentythree_notices_total"
        return self.registry.get_sample_value(name, {"outcome": outcome}) or 0.0


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'rooms.db'}")
    yield World(store)
    await store.close()


async def idle(rooms: Rooms) -> None:
    """Wait until no room has a worker any more."""
    async with asyncio.timeout(10):
        while rooms._wanted or rooms._tasks:
            if rooms._tasks:
                await asyncio.wait(rooms._tasks.values())
            else:
                await asyncio.sleep(0)


def comments(numbers: Sequence[int]) -> list[str]:
    return [f"Comment {number}" for number in numbers]


async def test_a_lone_comment_is_posted_alone_and_recorded(world: World) -> None:
    await world.attach(ROOM)
    async with world.running() as rooms:
        world.now += timedelta(seconds=2)
        rooms.wake(await world.say(1))
        await idle(rooms)

    (message,) = world.poster.messages
    assert [embed["description"] for embed in message.embeds] == ["Comment 1"]
    assert world.count("delivered") == 1
    assert await world.store.rooms_with_work() == frozenset()
    assert world.registry.get_sample_value("twentythree_outbox_pending") == 0
    assert world.registry.get_sample_value("twentythree_publish_to_post_seconds_count") == 1


async def test_a_burst_shares_messages_and_keeps_its_order(world: World) -> None:
    await world.attach(ROOM)
    await world.say(*range(1, 61))
    async with world.running() as rooms:
        await idle(rooms)

    assert world.poster.texts(ROOM) == comments(range(1, 61))
    assert len(world.poster.messages) == 6


async def test_the_time_to_the_post_is_taken_from_the_first_sight(world: World) -> None:
    await world.attach(ROOM)
    await world.say(1)
    world.now += timedelta(seconds=7)
    async with world.running() as rooms:
        await idle(rooms)

    name = "twentythree_publish_to_post_seconds_sum"
    assert world.registry.get_sample_value(name) == 7


@pytest.mark.parametrize("fault", [AGAIN, Lost(AGAIN)], ids=["not there", "there, reply lost"])
async def test_what_failed_goes_out_again_as_it_was_and_once(world: World, fault: Any) -> None:
    await world.attach(ROOM)
    await world.say(1, 2, 3)
    world.poster.faults[ROOM].extend([fault, AGAIN])
    async with world.running() as rooms:
        await idle(rooms)

    assert world.poster.texts(ROOM) == comments([1, 2, 3])
    assert len(world.poster.attempts) == 3
    assert len(set(world.poster.attempts)) == 1
    assert world.poster.searches == []
    assert (world.count("retried"), world.count("resent")) == (6, 6)


async def test_comments_that_come_meanwhile_wait_behind_what_failed(world: World) -> None:
    await world.attach(ROOM)
    await world.say(1)
    world.poster.faults[ROOM].extend([AGAIN, AGAIN])
    async with world.running() as rooms:
        await world.poster.until(lambda: len(world.poster.attempts) == 1)
        rooms.wake(await world.say(2))
        await idle(rooms)

    assert world.poster.texts(ROOM) == comments([1, 2])


async def cut_off(world: World, *numbers: int) -> None:
    """Leave a batch that is posted and not settled, as a crash does."""
    await world.attach(ROOM)
    await world.say(*numbers)
    world.poster.faults[ROOM].append(Hang())
    async with world.running():
        await world.poster.until(lambda: len(world.poster.messages) == 1)


async def test_after_a_crash_within_the_nonces_life_the_nonce_decides(world: World) -> None:
    await cut_off(world, 1, 2)
    world.now += timedelta(seconds=100)
    async with world.running() as rooms:
        await idle(rooms)

    assert world.poster.texts(ROOM) == comments([1, 2])
    assert len(world.poster.attempts) == 2
    assert world.poster.searches == []
    assert world.count("resent") == 2


async def test_after_the_nonces_life_the_rooms_history_decides(world: World) -> None:
    await cut_off(world, 1, 2)
    created = world.now
    world.now += timedelta(seconds=121)
    async with world.running() as rooms:
        rooms.wake(await world.say(3))
        await idle(rooms)

    assert world.poster.texts(ROOM) == comments([1, 2, 3])
    assert world.poster.searches == [(ROOM, created)]


async def test_what_the_history_does_not_hold_is_posted(world: World) -> None:
    await cut_off(world, 1, 2)
    world.poster.messages.clear()
    world.now += timedelta(days=1)
    async with world.running() as rooms:
        await idle(rooms)

    assert world.poster.texts(ROOM) == comments([1, 2])
    assert len(world.poster.searches) == 1


async def test_a_batch_never_attempted_needs_no_history(world: World) -> None:
    await world.attach(ROOM)
    await world.say(1)
    work = await world.store.work(ROOM)
    await world.store.start_batch(
        ROOM, work.pending, nonce="n", body='{"embeds":[]}', now=world.now
    )
    world.now += timedelta(days=1)
    async with world.running() as rooms:
        await idle(rooms)

    assert world.poster.attempts == [(ROOM, "n", '{"embeds":[]}')]
    assert world.poster.searches == []


async def test_a_message_deleted_before_its_resend_is_not_posted_again(world: World) -> None:
    await world.attach(ROOM)
    await world.say(1)
    world.poster.faults[ROOM].extend([AGAIN, Removed()])
    async with world.running() as rooms:
        await idle(rooms)

    assert world.poster.messages == []
    assert await world.store.rooms_with_work() == frozenset()


async def test_a_room_without_permission_is_paused_told_once_and_goes_on(world: World) -> None:
    await world.attach(ROOM)
    await world.say(1)
    world.poster.always[ROOM] = NO_ACCESS
    async with world.running() as rooms:
        await world.poster.until(lambda: len(world.poster.attempts) >= 4)
        (attachment,) = await world.store.attachments(room_id=ROOM)
        assert attachment.pause is not None
        assert attachment.pause.reason == NO_ACCESS.reason
        assert world.registry.get_sample_value("twentythree_rooms_paused") == 1
        world.poster.always.clear()
        await idle(rooms)

        assert world.told.told == [(ROOM, NO_ACCESS.reason)]
        (attachment,) = await world.store.attachments(room_id=ROOM)
        assert attachment.pause is None
        assert world.registry.get_sample_value("twentythree_rooms_paused") == 0
    assert world.poster.texts(ROOM) == comments([1])
    assert world.count("paused") >= 3


async def test_a_pause_outlives_a_restart_and_is_not_told_again(world: World) -> None:
    await world.attach(ROOM)
    await world.say(1)
    world.poster.always[ROOM] = NO_ACCESS
    for attempts in (1, 2):
        async with world.running(RoomOptions()) as rooms:
            await world.poster.until(lambda: len(world.poster.attempts) == attempts)  # noqa: B023
            await rooms.drain(5)
    world.poster.always.clear()
    async with world.running() as rooms:
        await idle(rooms)

    assert len(world.told.told) == 1
    assert (await world.store.counts()).paused_rooms == 0


async def test_a_blocked_room_harms_no_other(world: World) -> None:
    await world.attach(ROOM)
    await world.attach(OTHER)
    await world.say(1)
    world.poster.faults[ROOM].append(hang := Hang())
    async with world.running() as rooms:
        await world.poster.until(lambda: len(world.poster.messages) == 2)
        for number in (2, 3):
            rooms.wake(await world.say(number))
            await world.poster.until(lambda: len(world.poster.texts(OTHER)) == number)  # noqa: B023
        assert world.poster.texts(ROOM) == comments([1])
        hang.release.set()
        await idle(rooms)

    assert world.poster.texts(ROOM) == world.poster.texts(OTHER) == comments([1, 2, 3])


async def test_one_bad_text_does_not_take_the_others_with_it(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.attach(ROOM)
    await world.say(1, 2)
    await world.say(3, text="forbidden word")
    await world.say(4)
    world.poster.refuse = lambda body: GiveUp(reason="automod") if "forbidden" in body else None
    with caplog.at_level(logging.WARNING):
        async with world.running() as rooms:
            await idle(rooms)

    assert world.poster.texts(ROOM) == comments([1, 2, 4])
    assert (world.count("delivered"), world.count("given_up")) == (3, 1)
    assert await world.store.rooms_with_work() == frozenset()
    assert "comment:3" in caplog.text
    assert "forbidden" not in caplog.text


async def test_what_is_sent_apart_and_cut_off_goes_on_without_repeating(world: World) -> None:
    await world.attach(ROOM)
    await world.say(1, 2)
    await world.say(3, text="forbidden word")
    world.poster.refuse = lambda body: GiveUp(reason="automod") if "forbidden" in body else None
    world.poster.faults[ROOM].extend([Lost(AGAIN), AGAIN])
    async with world.running() as rooms:
        await idle(rooms)

    assert world.poster.texts(ROOM) == comments([1, 2])
    assert world.count("given_up") == 1


async def test_texts_that_are_all_refused_are_given_up(world: World) -> None:
    await world.attach(ROOM)
    await world.say(1, 2)
    world.poster.always[ROOM] = GiveUp(reason="automod")
    async with world.running() as rooms:
        await idle(rooms)

    assert world.count("given_up") == 2
    assert await world.store.rooms_with_work() == frozenset()


async def test_a_card_is_posted_once_and_edited(world: World) -> None:
    await world.attach(ROOM, WEBINAR, mention_role_id=5)
    async with world.running() as rooms:
        await world.see(rooms, is_broadcasting=True, viewers_now=1)
        await world.poster.until(lambda: len(world.poster.messages) == 1)
        await idle(rooms)
        world.now += timedelta(minutes=5)
        await world.see(rooms, is_broadcasting=False)
        await idle(rooms)

    (card,) = world.poster.messages
    assert "**Ended**" in card.embeds[0]["description"]
    assert card.edits == 1
    assert world.count("edited") == 1
    assert await world.store.rooms_with_work() == frozenset()


async def test_a_card_goes_before_comments_that_wait(world: World) -> None:
    await world.attach(ROOM)
    await world.attach(ROOM, WEBINAR)
    await world.say(1, 2)
    await world.see(world.rooms(), is_broadcasting=True)
    async with world.running() as rooms:
        await idle(rooms)

    card, *rest = world.poster.texts(ROOM)
    assert "Live" in card
    assert rest == comments([1, 2])


async def test_a_card_that_changed_while_it_was_posted_is_edited_after(world: World) -> None:
    await world.attach(ROOM, WEBINAR)
    world.poster.faults[ROOM].append(hang := Hang())
    async with world.running() as rooms:
        await world.see(rooms, is_broadcasting=True)
        await world.poster.until(lambda: len(world.poster.messages) == 1)
        await world.see(rooms, is_broadcasting=False)
        hang.release.set()
        await idle(rooms)

    (card,) = world.poster.messages
    assert "**Ended**" in card.embeds[0]["description"]


async def test_viewers_alone_do_not_hurry_an_edit_and_comments_do_not_wait_for_it(
    world: World,
) -> None:
    await world.attach(ROOM, WEBINAR)
    await world.attach(ROOM)
    async with world.running(RoomOptions(edit_interval_s=3600)) as rooms:
        await world.see(rooms, is_broadcasting=True, viewers_now=1)
        await idle(rooms)
        await world.see(rooms, is_broadcasting=True, viewers_now=2)
        await idle(rooms)
        await world.see(rooms, is_broadcasting=True, viewers_now=3)
        rooms.wake(await world.say(1))
        await world.poster.until(lambda: len(world.poster.messages) == 2)
        await world.see(rooms, is_broadcasting=False)
        await idle(rooms)

    card = world.poster.messages[0]
    assert card.edits == 2
    assert "3 at the peak" in card.embeds[0]["description"]


async def test_a_card_that_was_deleted_is_not_edited_again(world: World) -> None:
    await world.attach(ROOM, WEBINAR)
    async with world.running() as rooms:
        await world.see(rooms, is_broadcasting=True)
        await idle(rooms)
        world.poster.faults[ROOM].append(Removed())
        await world.see(rooms, is_broadcasting=True, viewers_now=9)
        await idle(rooms)
        await world.see(rooms, is_broadcasting=False)
        await idle(rooms)

    assert len(world.poster.attempts) == 2


async def test_an_edit_that_is_refused_does_not_end_the_edits_to_come(world: World) -> None:
    await world.attach(ROOM, WEBINAR)
    async with world.running() as rooms:
        await world.see(rooms, is_broadcasting=True)
        await idle(rooms)
        world.poster.faults[ROOM].append(GiveUp(reason="automod"))
        await world.see(rooms, is_broadcasting=True, viewers_now=9)
        await idle(rooms)
        await world.see(rooms, is_broadcasting=False)
        await idle(rooms)

    assert "**Ended**" in world.poster.texts(ROOM)[0]
    assert len(world.poster.attempts) == 3


async def test_a_room_that_is_closed_to_an_edit_is_paused(world: World) -> None:
    await world.attach(ROOM, WEBINAR)
    async with world.running() as rooms:
        await world.see(rooms, is_broadcasting=True)
        await idle(rooms)
        world.poster.faults[ROOM].append(NO_ACCESS)
        await world.see(rooms, is_broadcasting=False)
        await idle(rooms)

    assert world.told.told == [(ROOM, NO_ACCESS.reason)]
    assert "**Ended**" in world.poster.texts(ROOM)[0]


async def test_a_message_that_shows_all_there_is_needs_no_edit(world: World) -> None:
    await world.attach(ROOM, WEBINAR)
    async with world.running() as rooms:
        await world.see(rooms, is_broadcasting=True)
        await idle(rooms)
        for title in ("Another title", WEBINAR.title):
            await world.store.refresh_object(replace(WEBINAR, title=title))
        rooms.wake([ROOM])
        await idle(rooms)

    assert len(world.poster.attempts) == 1
    assert await world.store.rooms_with_work() == frozenset()


async def test_an_edit_that_fails_is_tried_again_and_holds_up_no_comment(world: World) -> None:
    await world.attach(ROOM, WEBINAR)
    await world.attach(ROOM)
    async with world.running(RoomOptions(edit_interval_s=0.001)) as rooms:
        await world.see(rooms, is_broadcasting=True)
        await idle(rooms)
        world.poster.faults[ROOM].append(AGAIN)
        await world.see(rooms, is_broadcasting=False)
        rooms.wake(await world.say(1))
        await idle(rooms)

    assert world.poster.messages[0].edits == 1
    assert "Comment 1" in world.poster.texts(ROOM)


async def test_a_graceful_stop_lets_what_is_under_way_end_and_begins_nothing(world: World) -> None:
    await world.attach(ROOM)
    await world.attach(OTHER)
    await world.say(*range(1, 12))
    world.poster.faults[ROOM].append(hang := Hang())
    async with world.running() as rooms:
        await world.poster.until(lambda: len(world.poster.texts(ROOM)) == 10)
        draining = asyncio.create_task(rooms.drain(10))
        await asyncio.sleep(0)
        rooms.wake([ROOM, OTHER])
        hang.release.set()
        await draining

        assert rooms._tasks == {}
        work = await world.store.work(ROOM)
        assert (len(work.unsettled), len(work.pending)) == (0, 1)


async def test_a_stop_that_comes_in_the_tail_of_a_rate_limit_is_bounded_and_safe(
    world: World,
) -> None:
    """The message is public, and discord.py sleeps before it says so."""
    await world.attach(ROOM)
    await world.say(1)
    world.poster.faults[ROOM].append(Hang())
    async with world.running() as rooms:
        await world.poster.until(lambda: len(world.poster.messages) == 1)
        await rooms.drain(0.01)
        assert rooms._tasks == {}
    async with world.running() as rooms:
        await idle(rooms)

    assert world.poster.texts(ROOM) == comments([1])


async def test_a_stop_with_nothing_under_way_is_at_once(world: World) -> None:
    async with world.running() as rooms:
        await rooms.drain(10)
        rooms.wake([ROOM])

        assert rooms._wanted == set()


async def test_trouble_with_the_store_is_logged_and_the_room_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await world.attach(ROOM)
    await world.say(1)
    settle, failures = world.store.settle, [StorageError("the disk is full")]

    async def failing(*arguments: Any, **named: Any) -> None:
        if failures:
            raise failures.pop()
        await settle(*arguments, **named)

    monkeypatch.setattr(world.store, "settle", failing)
    async with world.running() as rooms:
        await idle(rooms)

    assert world.poster.texts(ROOM) == comments([1])
    assert await world.store.rooms_with_work() == frozenset()
    assert "the disk is full" in caplog.text


async def test_work_that_nobody_told_of_is_found(world: World) -> None:
    await world.attach(ROOM)
    async with world.running(RoomOptions(sweep_s=0.01)):
        await world.say(1)
        await world.poster.until(lambda: len(world.poster.messages) == 1)


async def test_the_store_failing_a_sweep_does_not_end_the_work(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.attach(ROOM)
    async with world.running(RoomOptions(sweep_s=0.01)):
        tried = asyncio.Event()

        async def failing() -> Any:
            tried.set()
            raise StorageError("gone")

        with monkeypatch.context() as patch:
            patch.setattr(world.store, "rooms_with_work", failing)
            patch.setattr(world.store, "counts", failing)
            await tried.wait()
        await world.say(1)
        await world.poster.until(lambda: len(world.poster.messages) == 1)


async def test_what_is_detached_while_it_waits_is_not_said(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.attach(ROOM)
    await world.say(1)
    start = world.store.start_batch

    async def detaching(*arguments: Any, **named: Any) -> Any:
        await world.store.detach(ROOM, VIDEO.object_id)
        return await start(*arguments, **named)

    monkeypatch.setattr(world.store, "start_batch", detaching)
    async with world.running() as rooms:
        await idle(rooms)

    assert world.poster.attempts == []
