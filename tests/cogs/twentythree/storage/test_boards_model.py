"""Boards against a plain list of questions, after any order of what can happen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

import pytest

from cogs.twentythree.domain.batching import Batch, Draft
from cogs.twentythree.domain.deeds import Actor
from cogs.twentythree.domain.model import (
    BoardNotice,
    Comment,
    CommentId,
    CommentKind,
    CommentPolicy,
    CommentStatus,
    RoomId,
    Source,
)
from cogs.twentythree.domain.shown import BoardView
from cogs.twentythree.storage import NewBoard, Store
from tests.cogs.twentythree.storage.things import (
    ALL,
    GUILD,
    LIVE,
    NOW,
    OTHER_ROOM,
    ROOM,
    attach,
    take,
)
from tests.fakes.boards import ANN, BEN, question

OF = LIVE.object_id
ROOMS = (ROOM, OTHER_ROOM)
QUIET = replace(ALL, comments=CommentPolicy.NONE)
FIVE = timedelta(minutes=5)


@dataclass
class Listed:
    """What the model knows of a question."""

    comment: Comment
    asked_at: datetime
    taken: tuple[Actor, datetime] | None = None
    is_forged: bool = False


@dataclass
class Game:
    """A store, and a plain list that says what its boards must show; a Discord that shows them."""

    store: Store
    random: Random
    now: datetime = NOW
    asked: dict[int, Listed] = field(default_factory=dict)
    boards: set[tuple[RoomId, BoardView]] = field(default_factory=set)
    messages: dict[int, tuple[RoomId, BoardNotice]] = field(default_factory=dict)
    last: int = 0

    # What must be shown.

    def open(self) -> list[Listed]:
        found = [one for one in self.asked.values() if one.comment.status is CommentStatus.OPEN]
        return sorted(found, key=lambda one: (one.asked_at, one.comment.comment_id))

    def expected(self, view: BoardView) -> tuple[object, ...]:
        found, answered = self.open(), CommentStatus.ANSWERED
        promoted = [one for one in found if one.comment.is_promoted]
        if view is BoardView.SPEAKER:
            return len(promoted), [_said(one) for one in promoted[:1]]
        done = sum(one.comment.status is answered for one in self.asked.values())
        listed = [(_said(one), one.taken and one.taken[0]) for one in found[:10]]
        return len(found), len(promoted), done, listed, max(0, len(found) - 10)

    def shown(self) -> dict[tuple[RoomId, BoardView], list[tuple[object, ...]]]:
        found: dict[tuple[RoomId, BoardView], list[tuple[object, ...]]] = {}
        for room, notice in self.messages.values():
            found.setdefault((room, notice.view), []).append(_read(notice))
        return found

    # What happens.

    async def ask(self) -> None:
        self.last += 1
        comment = question(self.last, OF, is_promoted=self.random.random() < 0.3)
        source = self.random.choice([Source.REALTIME, Source.RECONCILE])
        await take(self.store, comment, now=self.now, source=source)
        if self.boards:
            is_forged = source is Source.REALTIME and self.random.random() < 0.5
            self.asked[self.last] = Listed(comment, self.now, is_forged=is_forged)

    async def change(self) -> None:
        if (one := self.any()) is None:
            return
        status = self.random.choice(list(CommentStatus))
        promoted = self.random.random() < 0.5
        one.comment = replace(one.comment, status=status, is_promoted=promoted)
        await take(self.store, one.comment, now=self.now)
        one.is_forged = False
        if status is not CommentStatus.OPEN:
            one.taken = None

    async def become_chat(self) -> None:
        if (one := self.any()) is not None:
            chat = replace(one.comment, kind=CommentKind.CHAT)
            await take(self.store, chat, now=self.now)
            del self.asked[one.comment.comment_id]

    async def go(self) -> None:
        if (one := self.any()) is not None:
            await self.store.memory.take_away(OF, [one.comment.comment_id])
            del self.asked[one.comment.comment_id]

    async def be_denied(self) -> None:
        forged = [CommentId(key) for key, one in self.asked.items() if one.is_forged]
        await self.store.memory.disown(OF, forged)
        for key in forged:
            del self.asked[key]

    async def take_next(self) -> None:
        who = self.random.choice([ANN, BEN])
        free = [one for one in self.open() if not one.taken or self.now - one.taken[1] >= FIVE]
        got = await self.store.questions.take_next(OF, GUILD, who, self.now)
        assert (got and got.question.comment_id) == (free[0].comment.comment_id if free else None)
        if free:
            free[0].taken = (who, self.now)

    async def give_back(self) -> None:
        if (one := self.any()) is None:
            return
        mine = one.taken is not None and one.taken[0] == ANN
        back = (OF, one.comment.comment_id, GUILD, ANN.user_id)
        assert (await self.store.questions.give_back(*back) is not None) is mine
        one.taken = None if mine else one.taken

    async def wait(self) -> None:
        self.now += timedelta(minutes=self.random.randint(1, 4))
        await self.store.questions.release(self.now)
        for one in self.asked.values():
            if one.taken and self.now - one.taken[1] >= FIVE:
                one.taken = None

    async def make(self) -> None:
        room, view = self.random.choice(ROOMS), self.random.choice(list(BoardView))
        new = NewBoard(room_id=room, object_id=OF, view=view, made_by=5)
        made = await self.store.boards.make(new, self.now)
        assert made is not None
        assert made.was_there is ((room, view) in self.boards)
        if not self.boards:
            # Nothing was kept but who has which; the workspace is read, which knows no forged ones.
            self.asked = {
                key: replace(one, asked_at=self.now)
                for key, one in self.asked.items()
                if not one.is_forged
            }
        if not made.was_there:
            read = [one.comment for one in self.asked.values()]
            await self.store.boards.show(made.board.board_id, read, self.now)
        self.boards.add((room, view))

    async def drop(self) -> None:
        room = self.random.choice(ROOMS)
        await self.store.boards.drop(room, OF)
        self.boards = {one for one in self.boards if one[0] != room}

    async def come_back(self) -> None:
        room = self.random.choice(ROOMS)
        await self.store.attachments.detach(room, OF)
        self.boards = {one for one in self.boards if one[0] != room}
        await attach(self.store, LIVE, room=room, rules=QUIET)

    async def deliver(self) -> None:
        """Post and edit some of what is to be posted and edited."""
        for room in ROOMS:
            work = await self.store.outbox.work(room)
            for queued in work.pending:
                draft = Draft(nonce=f"{self.random.random()}", body="{}")
                batch = await self.store.outbox.start_batch(
                    room, [queued], draft=draft, now=self.now
                )
                assert batch is not None
                await self.store.outbox.settle(
                    batch.batch_id, message_id=batch.batch_id, shown="", now=self.now
                )
                self.show(room, batch)
            for batch in work.stale:
                await self.edit(room, batch)

    async def edit(self, room: RoomId, batch: Batch) -> None:
        (queued,) = batch.notices
        assert isinstance(queued.notice, BoardNotice)
        if queued.notice.is_withdrawn:
            await self.store.outbox.take_down(batch, None, now=self.now)
            del self.messages[batch.batch_id]
        else:
            await self.store.outbox.mark_shown(batch, shown="")
            self.show(room, batch)

    def show(self, room: RoomId, batch: Batch) -> None:
        (queued,) = batch.notices
        assert isinstance(queued.notice, BoardNotice)
        self.messages[batch.batch_id] = (room, queued.notice)

    def any(self) -> Listed | None:
        return self.random.choice(list(self.asked.values())) if self.asked else None


def _said(one: Listed) -> tuple[str, bool, datetime]:
    return one.comment.text, one.comment.is_promoted, one.asked_at


def _read(notice: BoardNotice) -> tuple[object, ...]:
    said = [(one.text, one.is_promoted, one.asked_at) for one in notice.questions]
    counts = notice.counts
    if notice.view is BoardView.SPEAKER:
        return counts.promoted, said
    listed = list(zip(said, [one.taken_by for one in notice.questions], strict=True))
    return counts.open, counts.promoted, counts.answered, listed, notice.more


@pytest.mark.parametrize("seed", range(8))
async def test_boards_show_what_a_plain_list_says(store: Store, seed: int) -> None:
    game = Game(store, Random(seed))  # noqa: S311 - play
    for room in ROOMS:
        await attach(store, LIVE, room=room, rules=QUIET)
    await game.make()
    moves: list[Callable[[], Awaitable[None]]] = [
        *[game.ask] * 6,
        *[game.change] * 4,
        *[game.deliver] * 4,
        *[game.take_next] * 3,
        game.give_back,
        game.wait,
        game.become_chat,
        game.go,
        game.be_denied,
        game.make,
        game.drop,
        game.come_back,
    ]
    for _ in range(60):
        if not game.boards:
            await game.make()
        await game.random.choice(moves)()

    for _ in range(2):
        await game.deliver()

    assert game.shown() == {one: [game.expected(one[1])] for one in game.boards}
    assert await store.outbox.rooms_with_work() == frozenset()
