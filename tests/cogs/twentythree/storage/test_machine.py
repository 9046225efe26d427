"""The store against a model small enough to be seen to be right."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from cogs.twentythree.domain.batching import Batch, Draft, rank
from cogs.twentythree.domain.model import (
    AttachmentRules,
    Comment,
    CommentPolicy,
    NewNotice,
    QueuedNotice,
    RoomId,
)
from cogs.twentythree.domain.room_settings import Manner
from cogs.twentythree.storage import Baseline, Store
from tests.cogs.twentythree.storage.things import (
    NOW,
    OTHER_ROOM,
    ROOM,
    VIDEO,
    attach,
    comment,
    take,
)
from tests.fakes.databases import Databases, PostgresDatabases
from tests.fakes.examples import examples

_T = TypeVar("_T")
_SETTINGS = settings(max_examples=examples(15), stateful_step_count=25, deadline=None)
# A step takes several times as long there; what is decided is decided by the same lines.
_FEW = settings(_SETTINGS, max_examples=examples(4))
_ROOMS = st.sampled_from([ROOM, OTHER_ROOM])
_POLICIES = st.sampled_from([CommentPolicy.ALL, CommentPolicy.PROMOTED])


class _Room:
    """What a room should hold: comments by number."""

    def __init__(self) -> None:
        self.policy: CommentPolicy | None = None
        self.waiting: list[int] = []
        self.on_their_way: list[Batch] = []
        self.said: list[int] = []

    def takes(self, one: Comment) -> bool:
        return self.policy is CommentPolicy.ALL or (self.policy is not None and one.is_promoted)

    def keep_what_fits(self, memory: dict[int, bool]) -> None:
        """Withdraw what waits and is not, or not any more, for this room."""
        self.waiting = [
            one for one in self.waiting if self.takes(comment(one, is_promoted=memory[one]))
        ]

    def hear(self, one: Comment) -> None:
        known = {*self.waiting, *self.said, *(n for b in self.on_their_way for n in numbers(b))}
        if self.takes(one) and one.comment_id not in known:
            self.waiting.append(one.comment_id)


def number(queued: QueuedNotice) -> int:
    return int(queued.event_key.removeprefix("comment:"))


def numbers(batch: Batch) -> list[int]:
    return [number(queued) for queued in batch.notices]


class StoreMachine(RuleBasedStateMachine):
    databases: ClassVar[Databases]

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.address = self.databases.fresh()
        self.store = self.run(Store.open(self.address))
        self.workspace: dict[int, Comment] = {}
        self.memory: dict[int, bool] = {}
        self.rooms = {ROOM: _Room(), OTHER_ROOM: _Room()}
        self.nonces = 0

    def run(self, job: Coroutine[Any, Any, _T]) -> _T:
        return self.runner.run(job)

    def teardown(self) -> None:
        self.run(self.store.close())
        self.runner.close()

    def attached(self) -> list[_Room]:
        return [room for room in self.rooms.values() if room.policy is not None]

    def learn(self, found: list[Comment]) -> None:
        """What must come of a reading: each room hears what is new, or newly promoted."""
        before = dict(self.memory)
        self.memory |= {one.comment_id: one.is_promoted for one in found}
        for room in self.attached():
            room.keep_what_fits(self.memory)
        for one in sorted(set(found), key=lambda one: one.comment_id):
            was_promoted = before.get(one.comment_id)
            if was_promoted is None or (one.is_promoted and not was_promoted):
                for room in self.attached():
                    room.hear(one)

    @rule(is_promoted=st.booleans())
    def write(self, *, is_promoted: bool) -> None:
        next_number = len(self.workspace) + 1
        self.workspace[next_number] = comment(next_number, is_promoted=is_promoted)

    @precondition(lambda self: self.workspace)
    @rule(data=st.data())
    def promote_or_not(self, data: st.DataObject) -> None:
        chosen = data.draw(st.sampled_from(sorted(self.workspace)))
        is_promoted = not self.workspace[chosen].is_promoted
        self.workspace[chosen] = comment(chosen, is_promoted=is_promoted)

    @precondition(lambda self: self.workspace)
    @rule(data=st.data())
    def ingest(self, data: st.DataObject) -> None:
        chosen = data.draw(st.lists(st.sampled_from(sorted(self.workspace)), min_size=1))
        found = [self.workspace[one] for one in chosen]
        self.run(take(self.store, *found))
        if self.attached():
            self.learn(found)

    @precondition(lambda self: self.workspace)
    @rule(data=st.data())
    def ingest_and_start(self, data: st.DataObject) -> None:
        """Of the rooms that had nothing to do, those that get one comment start it at once."""
        chosen = data.draw(
            st.lists(st.sampled_from(sorted(self.workspace)), max_size=2, min_size=1)
        )
        found = [self.workspace[one] for one in chosen]
        idle = {one for one, room in self.rooms.items() if not room.waiting + room.on_their_way}
        done = self.run(take(self.store, *found, draft=self.draft))
        if self.attached():
            self.learn(found)
        for batch in done.started:
            assert batch.room_id in idle
            room = self.rooms[batch.room_id]
            assert room.waiting == numbers(batch)
            room.waiting = []
            room.on_their_way.append(batch)

    def draft(self, new: NewNotice, _: Manner, now: datetime) -> Draft:
        self.nonces += 1
        return Draft(nonce=str(self.nonces), body=new.event_key)

    @rule(room_id=_ROOMS, policy=_POLICIES, backfill=st.integers(0, 2))
    def attach(self, room_id: RoomId, policy: CommentPolicy, backfill: int) -> None:
        everything = list(self.workspace.values())
        old = everything[len(everything) - backfill :] if backfill else []
        self.run(
            attach(
                self.store,
                room=room_id,
                rules=AttachmentRules(comments=policy),
                baseline=Baseline(comments=tuple(reversed(everything))),
                backfill=old,
            )
        )
        room = self.rooms[room_id]
        is_new = room.policy is None
        if is_new:
            self.learn(everything)
        room.policy = policy
        room.keep_what_fits(self.memory)
        for one in old if is_new else []:
            room.hear(one)

    @rule(room_id=_ROOMS)
    def detach(self, room_id: RoomId) -> None:
        room = self.rooms[room_id]
        found = self.run(self.store.attachments.detach(room_id, VIDEO.object_id))
        assert (found is None) == (room.policy is None)
        room.policy = None
        room.waiting = []
        room.said += [one for batch in room.on_their_way for one in numbers(batch)]
        room.on_their_way = []
        if not self.attached():
            self.memory = {}

    @rule(room_id=_ROOMS, size=st.integers(1, 3))
    def start(self, room_id: RoomId, size: int) -> None:
        room = self.rooms[room_id]
        picked = self.run(self.store.outbox.work(room_id)).pending[:size]
        if not picked:
            return
        self.nonces += 1
        batch = self.run(
            self.store.outbox.start_batch(
                room_id, picked, draft=Draft(nonce=str(self.nonces), body="{}"), now=NOW
            )
        )
        assert batch is not None
        room.on_their_way.append(batch)
        room.waiting = [one for one in room.waiting if one not in numbers(batch)]

    @rule(room_id=_ROOMS, is_delivered=st.booleans())
    def settle(self, room_id: RoomId, *, is_delivered: bool) -> None:
        room = self.rooms[room_id]
        if not room.on_their_way:
            return
        batch = room.on_their_way.pop(0)
        if is_delivered:
            done = self.store.outbox.settle(batch.batch_id, message_id=1, shown="x", now=NOW)
            has_more = self.run(done)
            assert has_more or not (room.waiting or room.on_their_way)
        else:
            self.run(self.store.outbox.give_up(batch.batch_id, reason="no", now=NOW))
        room.said += numbers(batch)

    @rule()
    def prune(self) -> None:
        """What was said is known for as long as its object is in the room (ADR 4), no longer."""
        self.run(self.store.upkeep.prune(NOW.replace(year=2031)))
        for room in self.rooms.values():
            if room.policy is None:
                room.said = []

    @rule()
    def reopen(self) -> None:
        """The first process is not even closed when the second one opens the file."""
        first, self.store = self.store, self.run(Store.open(self.address))
        self.run(first.close())

    @invariant()
    def every_room_holds_what_it_should(self) -> None:
        for room_id, room in self.rooms.items():
            work = self.run(self.store.outbox.work(room_id))
            # What staff promoted goes ahead; otherwise the order is that of the events.
            ranks = {number(one): rank(one.notice) for one in work.pending}
            assert set(ranks) == set(room.waiting)
            assert [number(one) for one in work.pending] == sorted(
                room.waiting, key=ranks.__getitem__
            )
            assert [b.batch_id for b in work.unsettled] == [b.batch_id for b in room.on_their_way]
            assert [numbers(b) for b in work.unsettled] == [numbers(b) for b in room.on_their_way]
            assert max(Counter(room.said).values(), default=1) == 1


# Plainer tests reach the same lines; to count them here takes longer than to run this.
def test_every_room_hears_everything_once(databases: Databases) -> None:
    StoreMachine.databases = databases
    few = isinstance(databases, PostgresDatabases)
    run_state_machine_as_test(StoreMachine, settings=_FEW if few else _SETTINGS)
