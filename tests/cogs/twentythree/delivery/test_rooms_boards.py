"""Boards as messages: edited as things change, no more often than every three seconds."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from cogs.twentythree.delivery import RoomOptions, RoomSupervisor
from cogs.twentythree.delivery.files import MessageFile
from cogs.twentythree.delivery.outcomes import (
    GiveUp,
    LimitedError,
    Outcome,
    RetryLater,
    Wait,
    outcome_of,
)
from cogs.twentythree.delivery.pace import EditPace
from cogs.twentythree.domain.batching import Batch
from cogs.twentythree.domain.model import (
    AttachmentRules,
    BoardNotice,
    Comment,
    CommentId,
    CommentPolicy,
    CommentStatus,
    GuildId,
    LiveObservation,
    QueuedNotice,
    RoomId,
    Source,
)
from cogs.twentythree.domain.shown import BoardView
from cogs.twentythree.embeds import counted
from cogs.twentythree.metrics import Metrics
from cogs.twentythree.storage import Baseline, NewAttachment, Store
from tests.fakes.boards import ANN, ANSWERED, make_board, question
from tests.fakes.notices import SEEN_AT, WEBINAR
from tests.fakes.poster import FakePoster, Message
from tests.fakes.rooms import AGAIN, NO_ACCESS, OTHER, QUICK, ROOM, World, idle
from tests.fakes.stores import open_store

OF = WEBINAR.object_id
GUILD = GuildId(9)
EVERY_S = 3.0
_OLD = outcome_of(LimitedError(Wait(after_s=1_200, code=30046)))
assert isinstance(_OLD, RetryLater)
OLD: RetryLater = _OLD


class TimedPoster(FakePoster):
    """Notes when each edit was made."""

    def __init__(self, hall: Hall) -> None:
        super().__init__()
        self._hall = hall
        self.edited_at: list[float] = []

    async def edit(
        self, room_id: RoomId, message_id: int, body: str, files: Sequence[MessageFile] = ()
    ) -> Outcome:
        self.edited_at.append(self._hall.seconds)
        return await super().edit(room_id, message_id, body, files)


@dataclass
class Hall(World):
    """Rooms in which time passes only when the test says so."""

    seconds: float = 1000.0
    timed: TimedPoster = field(init=False)

    def __post_init__(self) -> None:
        self.timed = self.poster = TimedPoster(self)

    def rooms(self, options: RoomOptions = QUICK) -> RoomSupervisor:
        return RoomSupervisor(
            self.edge(options),
            self.store,
            Metrics(CollectorRegistry()),
            now=lambda: self.now,
            clock=lambda: self.seconds,
            chance=lambda: 1.0,
        )

    def advance(self, seconds: float) -> None:
        self.seconds += seconds
        self.now += timedelta(seconds=seconds)

    async def held(self, room: RoomId = ROOM, *found: Comment, **values: Any) -> None:
        """Attach the event to a room without its comments, and make a board there."""
        new = NewAttachment(
            guild_id=GUILD,
            room_id=room,
            object=WEBINAR,
            rules=AttachmentRules(comments=CommentPolicy.NONE, announces_live=False),
            attached_by=7,
        )
        seen = LiveObservation(object_id=OF, is_broadcasting=False)
        await self.store.attachments.attach(new, Baseline(live=seen), now=self.now)
        await make_board(self.store, room, OF, self.now, found=found, **values)

    async def hear(  # type: ignore[override]
        self, rooms: RoomSupervisor, number: int, **values: Any
    ) -> None:
        """Take a question in as it is now, and wake the rooms."""
        done = await self.store.memory.ingest(
            OF, [asked(number, **values)], source=Source.RECONCILE, now=self.now
        )
        rooms.wake(done.rooms)

    @property
    def board(self) -> Message:
        (only,) = self.poster.messages
        return only

    def line(self, number: int = 0) -> str:
        return str(self.board.embeds[0]["description"]).split("\n")[number]

    async def title(self) -> str:
        return f"{WEBINAR.title} · {counted(await self.store.questions.counts(OF))}"


def asked(number: int, **values: Any) -> Comment:
    return question(number, OF, **values)


async def resting(rooms: RoomSupervisor) -> None:
    """Wait until each worker is gone, or waits for its time to come."""
    async with asyncio.timeout(60):
        is_quiet = False
        while not is_quiet:
            for _ in range(5):
                await asyncio.sleep(0)
            is_called = rooms._calls._is_any.is_set()
            is_quiet = not is_called and all(one._rest is not None for one in rooms._tasks)


@asynccontextmanager
async def a_hall(path: Path) -> AsyncGenerator[Hall]:
    store: Store = await open_store(path / "rooms.db")
    try:
        yield Hall(store)
    finally:
        await store.close()


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncGenerator[Hall]:
    async with a_hall(tmp_path) as found:
        yield found


async def test_a_board_is_posted_once_and_edited_as_things_change(hall: Hall) -> None:
    await hall.held(ROOM, asked(1))
    async with hall.running() as rooms:
        await idle(rooms)
        assert hall.line().startswith("- **Viewer 1** · Question 1? · <t:")
        await hall.hear(rooms, 1, status=ANSWERED)
        await idle(rooms)

    assert hall.board.edits == 1
    assert hall.line() == "No question is open."
    assert hall.board.embeds[0]["title"] == "The webinar · 0 open · 0 promoted · 1 answered"
    labels = [one["label"] for one in json.loads(hall.board.body)["components"][0]["components"]]
    assert labels == ["Next question", "Show all"]


async def test_who_takes_a_question_is_seen_and_forgotten_in_time(hall: Hall) -> None:
    await hall.held(ROOM, asked(1))
    questions = hall.store.questions
    async with hall.running() as rooms:
        await idle(rooms)
        taken = await questions.take_next(OF, GUILD, ANN, hall.now)
        assert taken is not None
        rooms.wake(taken.rooms)
        await idle(rooms)
        assert hall.line().endswith("· taken by <@71>")
        hall.advance(300)
        rooms.wake(await questions.release(hall.now))
        await idle(rooms)

    assert "taken" not in hall.line()


async def test_the_edits_of_a_busy_board_stay_within_the_limit_and_end_with_the_truth(
    hall: Hall,
) -> None:
    random = Random(7)  # noqa: S311 - play
    await hall.held(ROOM, *(asked(number) for number in range(1, 501)))
    async with hall.running() as rooms:
        await idle(rooms)
        began = hall.seconds
        for _ in range(200):
            hall.advance(0.05)
            status = random.choice(list(CommentStatus))
            number, promoted = random.randint(1, 500), random.random() < 0.5
            await hall.hear(rooms, number, status=status, is_promoted=promoted)
            await resting(rooms)
        hall.advance(EVERY_S)
        rooms.wake([ROOM])
        await idle(rooms)

    edits = hall.timed.edited_at
    assert all(later - sooner >= EVERY_S for sooner, later in pairwise(edits))
    # At once, and not only once all is over.
    assert edits[0] - began < 0.2
    assert len(edits) >= 4
    assert hall.board.embeds[0]["title"] == await hall.title()
    first = (await hall.store.questions.open(OF, GUILD, limit=1))[0]
    assert first.text in hall.line()
    assert await hall.store.outbox.rooms_with_work() == frozenset()


@pytest.mark.parametrize("refusal", [OLD, GiveUp(reason="automod")], ids=["old", "refused"])
async def test_a_board_that_discord_edits_no_more_is_posted_anew_and_the_old_one_deleted(
    hall: Hall, refusal: Outcome
) -> None:
    await hall.held(ROOM, asked(1))
    async with hall.running() as rooms:
        await idle(rooms)
        old = hall.board.message_id
        hall.advance(3_600)
        hall.poster.faults[ROOM].append(refusal)
        await hall.hear(rooms, 1, is_promoted=True)
        await idle(rooms)
        new = hall.board
        assert new.message_id != old
        assert hall.line().startswith("- ⭐")
        await hall.hear(rooms, 1, status=ANSWERED)
        await idle(rooms)

    assert hall.board.message_id == new.message_id
    assert hall.line() == "No question is open."
    assert await hall.store.outbox.rooms_with_work() == frozenset()


async def test_another_limit_of_edits_is_waited_for(hall: Hall) -> None:
    await hall.held(ROOM, asked(1))
    async with hall.running() as rooms:
        await idle(rooms)
        message = hall.board.message_id
        hall.poster.faults[ROOM].append(RetryLater(reason="rate limited", after_s=5, is_local=True))
        await hall.hear(rooms, 1, status=ANSWERED)
        await resting(rooms)
        assert "Question 1?" in hall.line()
        hall.advance(15)
        rooms.wake([ROOM])
        await idle(rooms)

    assert hall.board.message_id == message
    assert hall.line() == "No question is open."


async def test_what_was_cut_off_between_the_deletion_and_the_new_message_is_made_good(
    hall: Hall,
) -> None:
    await hall.held(ROOM, asked(1))
    async with hall.running() as rooms:
        await idle(rooms)
        hall.poster.faults[ROOM].append(OLD)
        hall.poster.refuse_delete = AGAIN
        await hall.hear(rooms, 1, is_promoted=True)
        await hall.poster.until(lambda: "delete" in hall.poster.attempts[-1][1])
    assert len(hall.poster.messages) == 1
    old = hall.board.message_id
    hall.poster.refuse_delete = None
    hall.advance(1)
    async with hall.running() as rooms:
        await idle(rooms)

    assert hall.board.message_id != old
    assert hall.line().startswith("- ⭐")


async def test_what_changed_while_nothing_ran_is_shown_after_the_start(hall: Hall) -> None:
    await hall.held(ROOM, asked(1))
    async with hall.running() as rooms:
        await idle(rooms)
    await hall.hear(hall.rooms(), 2)
    async with hall.running() as rooms:
        await idle(rooms)

    assert "Question 2?" in hall.line(1)
    assert hall.board.edits == 1


async def test_a_room_that_takes_nothing_holds_up_no_other(hall: Hall) -> None:
    for room in (ROOM, OTHER):
        await hall.held(room, asked(1))
    hall.poster.always[ROOM] = NO_ACCESS
    async with hall.running(RoomOptions()) as rooms:
        await hall.poster.until(lambda: len(hall.poster.messages) == 1)
        await hall.hear(rooms, 2)
        await hall.poster.until(lambda: "Question 2?" in str(hall.board.embeds))
    assert hall.board.room_id == OTHER
    hall.poster.always.clear()
    async with hall.running() as rooms:
        await idle(rooms)

    assert [len(one.embeds[0]["description"].split("\n")) for one in hall.poster.messages] == [2, 2]


async def test_an_outage_of_discord_loses_nothing(hall: Hall) -> None:
    await hall.held(ROOM, asked(1), view=BoardView.SPEAKER)
    async with hall.running(replace(QUICK, edit_interval_s=0.0)) as rooms:
        await idle(rooms)
        hall.poster.faults[ROOM].extend([AGAIN, AGAIN])
        await hall.hear(rooms, 1, is_promoted=True)
        await resting(rooms)
        hall.advance(60)
        rooms.wake([ROOM])
        await resting(rooms)
        hall.advance(60)
        rooms.wake([ROOM])
        await idle(rooms)

    assert hall.line() == "# Question 1?"


async def test_a_board_that_is_dropped_is_deleted_at_once(hall: Hall) -> None:
    await hall.held(ROOM, asked(1))
    async with hall.running() as rooms:
        await idle(rooms)
        await hall.hear(rooms, 2)
        await idle(rooms)
        await hall.store.boards.drop(ROOM, OF)
        rooms.wake([ROOM])
        await idle(rooms)

    assert hall.poster.messages == []
    assert await hall.store.outbox.rooms_with_work() == frozenset()


async def test_a_board_that_moves_is_the_last_message(hall: Hall) -> None:
    await hall.held(ROOM, asked(1))
    async with hall.running() as rooms:
        await idle(rooms)
        old = hall.board.message_id
        hall.advance(1)
        await make_board(hall.store, ROOM, OF, hall.now)
        rooms.wake([ROOM])
        await idle(rooms)

    assert hall.board.message_id > old
    assert "Question 1?" in hall.line()


async def test_forged_words_leave_the_message(hall: Hall) -> None:
    await hall.held(ROOM)
    store = hall.store.memory
    async with hall.running() as rooms:
        await idle(rooms)
        done = await store.ingest(
            OF, [asked(9, text="Buy now")], source=Source.REALTIME, now=hall.now
        )
        rooms.wake(done.rooms)
        await idle(rooms)
        assert "Buy now" in hall.line()
        hall.advance(EVERY_S)
        rooms.wake((await store.disown(OF, [CommentId(9)])).rooms)
        await idle(rooms)

    assert "Buy now" not in hall.board.body


def test_an_old_board_is_edited_as_often_as_a_new_one() -> None:
    notice = BoardNotice(object=WEBINAR, board_id=1, view=BoardView.BOARD)
    queued = QueuedNotice(
        notice_id=1, room_id=ROOM, event_key="k", notice=notice, queued_at=SEEN_AT
    )
    batch = Batch(
        batch_id=5, room_id=ROOM, nonce="n", body="{}", notices=(queued,), created_at=SEEN_AT
    )
    later = SEEN_AT + timedelta(hours=5)
    pace = EditPace(15, 600, board_interval_s=3, now=lambda: later, clock=lambda: 0.0)
    pace.edited(batch)

    assert pace.wait_s(batch) == 3
    gone = replace(batch, notices=(replace(queued, notice=replace(notice, is_withdrawn=True)),))
    assert pace.wait_s(gone) == 0
