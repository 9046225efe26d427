"""Rooms, trail and board against the workspace, after any order of actions here and there."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

import pytest

from cogs.twentythree.domain.acting import Done, Effect, Intent, is_so, still_so
from cogs.twentythree.domain.batching import Draft
from cogs.twentythree.domain.deeds import Action, Actor
from cogs.twentythree.domain.model import (
    BoardNotice,
    Comment,
    CommentId,
    CommentNotice,
    Notice,
    RoomId,
    Source,
    Standing,
)
from cogs.twentythree.domain.shown import BoardView, QuestionCounts
from cogs.twentythree.errors import WorkspaceError
from cogs.twentythree.storage import NewBoard
from sandbox.workspace import Comment as Row
from sandbox.workspace import WorkspaceFault
from tests.cogs.twentythree.actions.desk import DEE, FAR_ROOM, GUILD, MO, NAME, ROOM, Desk
from tests.fakes.intake import readings_of

ROOMS = (ROOM, FAR_ROOM)
WRITES = "comment/(promote|update|delete|add|clone)"
SETTING = [Action.PROMOTE, Action.UNPROMOTE, Action.ANSWER, Action.REOPEN, Action.DISMISS]
STATUSES = ("", "answered", "dismissed")


@dataclass
class Game:
    """Moderators at the desk, staff on the platform, and a Discord that takes what it is given."""

    desk: Desk
    random: Random
    heard: list[Comment] = field(default_factory=list)
    wanted: Counter[Action] = field(default_factory=Counter)
    sent: dict[str, CommentId] = field(default_factory=dict)
    unknown: list[int] = field(default_factory=list)
    messages: dict[int, tuple[RoomId, Notice]] = field(default_factory=dict)
    signed: dict[tuple[CommentId, Action], set[Actor]] = field(default_factory=dict)
    said: int = 0

    @property
    def rows(self) -> dict[int, Row]:
        return self.desk.workspace.state.comments

    # What moderators do.

    async def act(self) -> None:
        if (number := self.any()) is None:
            return
        actions = [*SETTING * 2, Action.DELETE]
        await self.do(self.random.choice(actions), number)

    async def copy(self) -> None:
        lines = [one for one in self.numbers() if one in self.rows]
        chat = [one for one in lines if self.rows[one].kind == "chat"]
        if chat:
            await self.do(Action.COPY, self.random.choice(chat))

    async def do(self, action: Action, number: CommentId) -> None:
        by = self.random.choice([MO, DEE])
        done = await self.desk.acting.act(self.desk.wanted(action, number, by=by))
        self.check(action, number, by, done)

    async def two_act(self) -> None:
        if (number := self.any()) is None:
            return
        action = self.random.choice(SETTING)
        await asyncio.gather(*(self.do(action, number) for _ in range(3)))

    async def reply(self) -> None:
        if (number := self.any()) is None:
            return
        text = self.text("Replied")
        draft = await self.desk.acting.draft(self.desk.wanted(Action.REPLY, number, text=text))
        if not isinstance(draft, Intent):
            assert draft.effect is Effect.GONE
            return
        if self.random.random() < 0.2:
            assert await self.desk.acting.drop(draft.intent_id, MO.user_id)
        else:
            await self.send(draft.intent_id, number, text)

    async def send(self, intent_id: int, number: CommentId, text: str) -> None:
        self.sent[text] = number
        times = self.random.choice([1, 1, 3])
        sending = (self.desk.acting.send(intent_id, MO.user_id) for _ in range(times))
        done = [one for one in await asyncio.gather(*sending) if one is not None]
        assert len(done) == 1
        self.check(Action.REPLY, number, MO, done[0])

    def check(self, action: Action, number: CommentId, by: Actor, done: Done) -> None:
        row = self.rows.get(number)
        match done.effect:
            case Effect.DONE | Effect.ALREADY if action in {Action.REPLY, Action.COPY}:
                pass
            case Effect.DONE | Effect.ALREADY:
                assert self.is_so(action, row)
            case Effect.GONE:
                assert row is None
            case Effect.UNKNOWN:
                assert done.intent_id is not None
                self.unknown.append(done.intent_id)
            case effect:
                raise AssertionError(effect)
        if done.effect in {Effect.DONE, Effect.UNKNOWN}:
            self.signed.setdefault((number, action), set()).add(by)
        if done.intent_id is not None:
            self.wanted[action] += 1

    @staticmethod
    def is_so(action: Action, row: Row | None) -> bool:
        if row is None or action is Action.DELETE:
            return row is None and action is Action.DELETE
        so = {
            Action.PROMOTE: row.is_promoted,
            Action.UNPROMOTE: not row.is_promoted,
            Action.ANSWER: row.status == "answered",
            Action.DISMISS: row.status == "dismissed",
            Action.REOPEN: row.status == "",
        }
        return so[action]

    # What goes wrong.

    async def lose_an_answer(self) -> None:
        """Lose the answer to the next write; for how long, the moderator does not wait."""
        is_late = self.random.random() < 0.5
        self.desk.workspace.add_fault(WorkspaceFault(method=WRITES, drops=True, is_late=is_late))

    async def begin_anew(self) -> None:
        """Have the process killed, perhaps in the middle of an action, and the next one begin."""
        number = self.any()
        if number is not None and self.random.random() < 0.7:
            await self.begin_only(number)
        self.desk.acting = self.desk.started()
        await self.desk.parts.refresh(self.desk.object_id)
        self.heard.clear()
        await self.find_out()

    async def begin_only(self, number: CommentId) -> None:
        comment = await self.desk.api.comment(number)
        action = self.random.choice(SETTING)
        if comment is None or is_so(action, comment):
            return
        await self.desk.store.trail.begin(
            self.desk.wanted(action, number),
            name="",
            comment=comment,
            object_title="The launch",
            is_draft=False,
            now=self.desk.clock.now(),
        )
        self.wanted[action] += 1
        self.signed.setdefault((number, action), set()).add(MO)
        if self.random.random() < 0.5 and action in {Action.PROMOTE, Action.UNPROMOTE}:
            await self.desk.api.writing.promote(number, is_promoted=action is Action.PROMOTE)

    async def find_out(self) -> None:
        self.desk.clock.ahead += timedelta(seconds=11)
        running = asyncio.create_task(self.desk.acting.run())
        async with asyncio.timeout(60):
            while await self.desk.store.trail.open():  # noqa: ASYNC110 - the store tells nobody
                await asyncio.sleep(0)
        running.cancel()
        await asyncio.wait({running})
        self.unknown.clear()

    # What happens on the platform.

    async def say(self) -> None:
        kind = self.random.choice(["question", "question", "chat", "comment"])
        text = self.text("Whispered")
        row = await self.desk.workspace.changes.post_comment(
            self.desk.live.object_id, text, kind=kind
        )
        await self.note(row.comment_id)

    async def change(self) -> None:
        if (number := self.any()) is None or number not in self.rows:
            return
        changes = self.desk.workspace.changes
        match self.random.randrange(4):
            case 0:
                await changes.promote(number, is_promoted=not self.rows[number].is_promoted)
            case 1:
                await changes.edit_comment(number, text=self.text("Whispered"))
            case _:
                await changes.set_status(number, self.random.choice(STATUSES))
        await self.note(number)

    async def delete(self) -> None:
        if (number := self.any()) is not None and number in self.rows:
            await self.desk.workspace.changes.delete_comment(number)

    async def retract(self) -> None:
        """Have staff delete a reply."""
        replies = sorted(one.comment_id for one in self.rows.values() if one.author == NAME)
        if replies:
            await self.desk.workspace.changes.delete_comment(self.random.choice(replies))

    async def note(self, number: int) -> None:
        """Let realtime tell of a comment as it is now, some time."""
        comment = await self.desk.api.comment(CommentId(number))
        if comment is not None:
            self.heard.append(comment)

    async def hear(self) -> None:
        if not self.heard:
            return
        comment = self.heard.pop(0)
        intake, of = self.desk.parts.intake, self.desk.object_id
        found = await self.desk.api.comment(comment.comment_id)
        if found is None:
            # What realtime alone tells of is asked about elsewhere: see the tests of rumours.
            return
        at = await self.desk.acting.standpoint(GUILD, ROOM, comment.comment_id)
        is_new = at.held is None
        await intake.ingest(of, [comment], Source.REALTIME)
        if is_new:
            await intake.ingest_read(of, [found])

    async def read(self) -> None:
        self.heard.clear()
        state = await self.desk.parts.refresh(self.desk.object_id)
        assert await readings_of(self.desk.parts).read(state)

    # What the rooms get.

    async def deliver(self) -> None:
        for room in ROOMS:
            work = await self.desk.store.outbox.work(room)
            for queued in work.pending:
                draft = Draft(nonce=f"{self.random.random()}", body="{}")
                now = self.desk.clock.now()
                batch = await self.desk.store.outbox.start_batch(
                    room, [queued], draft=draft, now=now
                )
                assert batch is not None
                await self.desk.store.outbox.settle(
                    batch.batch_id, message_id=batch.batch_id, shown="", now=now
                )
                self.messages[batch.batch_id] = (room, batch.notices[0].notice)
            for batch in work.stale:
                notice = batch.notices[0].notice
                if getattr(notice, "standing", None) is Standing.REMOVED:
                    await self.desk.store.outbox.take_down(batch, None, now=self.desk.clock.now())
                    del self.messages[batch.batch_id]
                else:
                    await self.desk.store.outbox.mark_shown(batch, shown="")
                    self.messages[batch.batch_id] = (room, notice)

    def any(self) -> CommentId | None:
        """Return a comment that a room shows: it may be gone."""
        shown = self.numbers()
        return self.random.choice(shown) if shown else None

    def numbers(self) -> list[CommentId]:
        """Return the comments that a room shows, by their IDs."""
        return sorted(one.comment.comment_id for one in self.shown(ROOM))

    def shown(self, room: RoomId) -> list[CommentNotice]:
        held = (notice for where, notice in self.messages.values() if where == room)
        return [one for one in held if isinstance(one, CommentNotice)]

    def text(self, word: str) -> str:
        self.said += 1
        return f"{word} number {self.said}"

    # What must be so in the end.

    def check_room(self, room: RoomId) -> None:
        shown = {one.comment.comment_id: one for one in self.shown(room)}
        assert len(shown) == len(self.shown(room))
        ours = {one.comment_id for one in self.rows.values() if one.author == NAME}
        assert set(shown) == set(self.rows) - ours
        for number, notice in shown.items():
            row, comment = self.rows[number], notice.comment
            said = (comment.text, comment.is_promoted, comment.status.value)
            assert said == (row.text, row.is_promoted, row.status)
            self.check_deeds(room, notice)
            replies = [one.text for one in self.rows.values() if one.reply_to == number]
            assert sorted(one.text for one in notice.replies) == sorted(replies)

    def check_deeds(self, room: RoomId, notice: CommentNotice) -> None:
        if room != ROOM:
            assert notice.acted == ()
            assert all(one.actor is None for one in notice.replies)
            return
        for acted in notice.acted:
            assert still_so(acted, notice.comment)
            assert acted.actor in self.signed[notice.comment.comment_id, acted.action]

    async def check_board(self) -> None:
        of, store = self.desk.object_id, self.desk.store
        asked = [one for one in self.rows.values() if one.kind == "question"]
        open_ = [one for one in asked if not one.status]
        counts = QuestionCounts(
            open=len(open_),
            promoted=sum(one.is_promoted for one in open_),
            answered=sum(one.status == "answered" for one in asked),
        )
        assert await store.questions.counts(of) == counts
        found = await store.questions.open(of, GUILD, limit=1000)
        assert {one.comment_id for one in found} == {one.comment_id for one in open_}
        boards = [one for _, one in self.messages.values() if isinstance(one, BoardNotice)]
        assert [one.counts for one in boards] == [counts]

    async def check_trail(self) -> None:
        assert await self.desk.store.trail.open() == []
        entries = await self.desk.store.trail.find(GUILD, limit=1000)
        deeds = Counter(Action(one.deed) for one in entries if one.effect is not Effect.DROPPED)
        assert deeds == self.wanted

    def check_made(self) -> None:
        made = [one for one in self.rows.values() if one.author == NAME]
        assert len({one.text for one in made}) == len(made)
        assert all(self.sent[one.text] == one.reply_to for one in made)
        copies = Counter(one.text for one in self.rows.values() if one.kind == "question")
        assert set(copies.values()) <= {1}


@pytest.mark.parametrize("seed", range(4))
async def test_rooms_trail_and_board_tell_what_the_workspace_has(desk: Desk, seed: int) -> None:
    game = Game(desk, Random(seed))  # noqa: S311 - play
    await desk.parts.refresh(desk.object_id)
    new = NewBoard(room_id=ROOM, object_id=desk.object_id, view=BoardView.BOARD, made_by=1)
    made = await desk.store.boards.make(new, desk.clock.now())
    assert made is not None
    await desk.store.boards.show(made.board.board_id, [], desk.clock.now())
    moves: list[Callable[[], Awaitable[None]]] = [
        *[game.say] * 5,
        *[game.act] * 8,
        *[game.copy] * 3,
        *[game.two_act] * 2,
        *[game.reply] * 4,
        *[game.change] * 4,
        *[game.hear] * 6,
        *[game.deliver] * 6,
        game.lose_an_answer,
        game.begin_anew,
        game.delete,
        game.retract,
        game.read,
    ]
    for _ in range(50):
        try:
            await game.random.choice(moves)()
        except WorkspaceError:
            # The answer that was to be lost was that of the test's own.
            continue

    desk.workspace.clear_faults()
    await game.find_out()
    for _ in range(4):
        desk.clock.ahead += timedelta(minutes=2)
        await game.read()
        await game.deliver()
    game.check_made()
    for room in ROOMS:
        game.check_room(room)
    await game.check_board()
    await game.check_trail()
