"""Whatever realtime does, what rooms show ends as what the workspace holds.

The real bridge, store and rooms, between a workspace and a Discord in memory.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
    run_state_machine_as_test,
)

from cogs.twentythree.delivery.outcomes import RetryLater
from cogs.twentythree.domain.admission import accepts
from cogs.twentythree.domain.model import (
    Comment,
    CommentId,
    CommentKind,
    CommentPolicy,
    CommentStatus,
    LiveObservation,
    ObjectId,
    ObjectKind,
    RoomId,
)
from cogs.twentythree.storage import Store
from tests.fakes.examples import examples
from tests.fakes.truth import Plugin, expected, payload, root_of

# Plainer tests reach the same lines; to count them here takes longer than to run this.
_T = TypeVar("_T")
WEBINAR = ObjectId(7)
ROOMS = {
    RoomId(11): CommentPolicy.PROMOTED,
    RoomId(12): CommentPolicy.PUBLIC,
    RoomId(13): CommentPolicy.ALL,
}
_SETTINGS = settings(
    max_examples=examples(18),
    stateful_step_count=25,
    deadline=None,
    # What fails has waited long for it: the first example found must do.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
_FORGED = "Click here."
_MODES = ("direct", "lossy", "doubling", "reordering")
_LIES: dict[str, Callable[[Sequence[Comment]], Sequence[Comment]]] = {
    "none": lambda told: told,
    "empty": lambda _: [],
    "half": lambda told: told[::2],
    "odd": lambda told: [one for one in told if one.comment_id % 2],
}


class TruthMachine(RuleBasedStateMachine):
    """One live event in three rooms, and so many videos in one of them."""

    empty_database: ClassVar[Path]
    videos: ClassVar[int]

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.plugin = self.run(self._built())
        self.workspace = self.plugin.workspace
        self.objects = [WEBINAR, *self._videos()]
        self.next_id = 100
        self.versions = 0
        self.mode = "direct"
        # Messages under way, and all that were ever sent.
        self.waiting: list[tuple[str, object]] = []
        self.sent: list[tuple[str, object]] = []
        self.ever_promoted: set[int] = set()
        self.private: dict[int, str] = {}
        self.is_live = self.was_live = False
        self.quiet: dict[ObjectId, list[int]] = {}
        self.forged: set[int] = set()
        self.has_lied = False

    def run(self, job: Coroutine[Any, Any, _T]) -> _T:
        return self.runner.run(job)

    def _videos(self) -> list[ObjectId]:
        return [ObjectId(20 + number) for number in range(self.videos)]

    async def _built(self) -> Plugin:
        plugin = Plugin(self.empty_database)
        await plugin.start()
        plugin.add(WEBINAR, ObjectKind.LIVE)
        for number in (1, 2):
            plugin.workspace.say(number, WEBINAR, text="From before")
        for room_id, policy in ROOMS.items():
            await plugin.attach(WEBINAR, room_id, policy)
        for video in self._videos():
            plugin.add(video, ObjectKind.VIDEO)
            await plugin.attach(video, RoomId(13), CommentPolicy.ALL)
        return plugin

    def teardown(self) -> None:
        try:
            self.run(self._settle())
        finally:
            self.run(self.plugin.stop())
            self.runner.close()
            self.plugin.remove()

    # What happens on the workspace.

    @rule(at=st.integers(0, 9), kind=st.sampled_from(CommentKind), count=st.integers(1, 8))
    def write(self, at: int, kind: CommentKind, count: int) -> None:
        for _ in range(count):
            self.next_id += 1
            object_id = self.objects[at % len(self.objects)]
            comment = self.workspace.say(self.next_id, object_id, kind=kind, text=self._text())
            if kind is CommentKind.QUESTION:
                self.private[self.next_id] = comment.text
            if not self.plugin.is_up:
                self.quiet.setdefault(object_id, []).append(self.next_id)
            self._publish(comment)

    @precondition(lambda self: self.next_id > 100)
    @rule(data=st.data())
    def promote(self, data: st.DataObject) -> None:
        comment = self._any(data)
        if comment is not None:
            self.ever_promoted.add(comment.comment_id)
            self._publish(self.workspace.change(comment.comment_id, is_promoted=True))

    @precondition(lambda self: self.ever_promoted)
    @rule(data=st.data())
    def demote(self, data: st.DataObject) -> None:
        comment = self._any(data, is_promoted=True)
        if comment is not None:
            changed = self.workspace.change(comment.comment_id, is_promoted=False)
            self._publish(changed, also_promoted=True)

    @precondition(lambda self: self.next_id > 100)
    @rule(data=st.data())
    def edit(self, data: st.DataObject) -> None:
        comment = self._any(data)
        if comment is not None:
            text = self._text()
            if comment.comment_id in self.private:
                self.private[comment.comment_id] = text
            self._publish(self.workspace.change(comment.comment_id, text=text))

    @precondition(lambda self: self.next_id > 100)
    @rule(data=st.data(), status=st.sampled_from(CommentStatus))
    def answer(self, data: st.DataObject, status: CommentStatus) -> None:
        comment = self._any(data)
        if comment is not None:
            self._publish(self.workspace.change(comment.comment_id, status=status))

    @precondition(lambda self: self.next_id > 100)
    @rule(data=st.data(), is_told=st.booleans())
    def delete(self, data: st.DataObject, *, is_told: bool) -> None:
        comment = self._any(data)
        if comment is not None:
            self.workspace.delete(comment.comment_id)
            if is_told:
                told = {"event": "deleted", "comment_id": comment.comment_id}
                self._send(f"{root_of(comment.object_id)}/all_json", told)

    # What is not true.

    @rule(
        ahead=st.integers(0, 3),
        kind=st.sampled_from(CommentKind),
        count=st.integers(1, 4),
        is_promoted=st.booleans(),
    )
    def forge(self, ahead: int, kind: CommentKind, count: int, *, is_promoted: bool) -> None:
        """Comments that are not there, with IDs that real ones may get later."""
        for number in range(count):
            forged = Comment(
                comment_id=CommentId(self.next_id + 1 + ahead + number),
                object_id=self.objects[number % len(self.objects)],
                kind=kind,
                is_promoted=is_promoted,
                author="Company CEO",
                text=_FORGED,
            )
            self.forged.add(forged.comment_id)
            self._publish(forged)

    @precondition(lambda self: self.next_id > 100)
    @rule(data=st.data(), changed=st.sampled_from(["text", "kind", "promotion"]))
    def forge_change(self, data: st.DataObject, changed: str) -> None:
        comment = self._any(data)
        if comment is None:
            return
        forged = {
            "text": replace(comment, text=_FORGED),
            "kind": replace(comment, kind=CommentKind.CHAT),
            "promotion": replace(comment, is_promoted=not comment.is_promoted),
        }[changed]
        self._publish(forged, also_promoted=True)

    @rule(lie=st.sampled_from(sorted(_LIES)), is_lowered=st.booleans())
    def answer_wrongly(self, lie: str, *, is_lowered: bool) -> None:
        self.workspace.lie = _LIES[lie]
        self.workspace.level = "anonymous" if is_lowered else "read"
        self.has_lied = True
        self.run(self._read())

    @rule(is_live=st.booleans())
    def broadcast(self, *, is_live: bool) -> None:
        self.is_live, self.was_live = is_live, self.was_live or is_live
        self.workspace.live_states[WEBINAR] = LiveObservation(
            object_id=WEBINAR, is_broadcasting=is_live
        )
        self._send(f"{root_of(WEBINAR)}/events", {"event": "broadcasting"})

    # What realtime and the process do.

    @rule(mode=st.sampled_from(_MODES))
    def behave(self, mode: str) -> None:
        self.mode = mode

    @rule(is_up=st.booleans())
    def connect(self, *, is_up: bool) -> None:
        async def change() -> None:
            if is_up:
                self.plugin.connect()
            else:
                self.plugin.lose()

        self.run(change())

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        """An old message comes again, long after."""
        self.run(self._deliver([data.draw(st.sampled_from(self.sent[-20:]))]))

    @rule(seed=st.integers(0, 99))
    def flush(self, seed: int) -> None:
        waiting, self.waiting = self.waiting, []
        random.Random(seed).shuffle(waiting)  # noqa: S311 - play
        self.run(self._deliver(waiting))

    @rule()
    def restart(self) -> None:
        self.run(self.plugin.stop())
        self.run(self.plugin.start())

    @rule(left=st.sampled_from([None, 1]), is_refused=st.booleans())
    def discord(self, left: int | None, *, is_refused: bool) -> None:
        self.plugin.poster.left = left
        if is_refused:
            self.plugin.poster.faults[RoomId(13)].append(RetryLater(reason="status 503"))

    @rule()
    def settle(self) -> None:
        self.run(self._settle())

    # Behind them.

    def _text(self) -> str:
        self.versions += 1
        return f"Words number {self.versions}."

    def _any(self, data: st.DataObject, *, is_promoted: bool = False) -> Comment | None:
        """Return a late comment of those that there are, a promoted one if so wanted.

        Half of the time it is on show by then: what comes next changes a message.
        """
        if data.draw(st.booleans()):
            self.settle()
        there = [
            one
            for one in self.workspace.held.values()
            if one.comment_id > 100 and one.is_promoted >= is_promoted
        ]
        late = sorted(there, key=lambda one: one.comment_id)[-8:]
        return data.draw(st.sampled_from(late)) if late else None

    def _publish(self, comment: Comment, *, also_promoted: bool = False) -> None:
        root, data = root_of(comment.object_id), payload(comment)
        self._send(f"{root}/all_json", data)
        if comment.is_promoted or also_promoted:
            self._send(f"{root}/promoted_json", data)

    def _send(self, channel: str, data: object) -> None:
        message = (channel, data)
        self.sent.append(message)
        if self.mode == "reordering":
            self.waiting.append(message)
        elif self.mode != "lossy":
            self.run(self._deliver([message] * (2 if self.mode == "doubling" else 1)))

    async def _deliver(self, messages: list[tuple[str, object]]) -> None:
        for message in messages:
            self.plugin.deliver(*message)
        # The plugin's turn, before the next thing happens.
        await asyncio.sleep(0)

    async def _read(self) -> None:
        """Have the workspace read, whatever it answers; nothing true may leave the rooms."""

        def lists() -> int:
            return sum(name.endswith("comments") for name in self.workspace.calls)

        before = lists()
        await self.plugin.until(lambda: lists() > before, asking=self.plugin.bridge.read_all)

    def _ask(self) -> None:
        # Much that is gone takes readings that agree, a minute apart.
        self.plugin.ahead += timedelta(minutes=1)
        self.plugin.bridge.read_all()

    async def _settle(self) -> None:
        """Nothing happens any more, and the timer's reading comes round: all must be right."""
        self.workspace.lie, self.workspace.level = _LIES["none"], "read"
        self.plugin.ahead += timedelta(minutes=10)
        for _ in range(2):
            # Twice: what is right must stay so.
            with contextlib.suppress(TimeoutError):
                await self.plugin.until(self._is_right, asking=self._ask)
            for room_id in ROOMS:
                assert self._told(room_id) == self._wanted(room_id)
            assert self._is_carded(), self.plugin.cards(RoomId(11))
        self._check()
        self.quiet, self.has_lied = {}, False

    def _is_right(self) -> bool:
        return all(self._told(room) == self._wanted(room) for room in ROOMS) and self._is_carded()

    def _told(self, room_id: RoomId) -> Counter[Any]:
        shown = self.plugin.shown(room_id)
        return Counter(one for one in shown if not one.text.startswith("*("))

    def _wanted(self, room_id: RoomId) -> Counter[Any]:
        policy = ROOMS[room_id]
        return Counter(
            expected(comment)
            for comment in self.workspace.held.values()
            if comment.comment_id > 100
            and (comment.object_id == WEBINAR or room_id == 13)
            and accepts(policy, comment)
        )

    def _is_carded(self) -> bool:
        cards = self.plugin.cards(RoomId(11))
        on_air = any("**Live**" in card for card in cards)
        return on_air == self.is_live and bool(cards) >= self.is_live

    def _check(self) -> None:
        for room_id in ROOMS:
            # A real comment may have the ID of a forged one, which has left an empty message.
            ids = [one.comment_id for one in self._told(room_id).elements()]
            assert max(Counter(ids).values(), default=1) == 1, "a comment is there twice"
        # What was said on an object while realtime was away is told in its order. What staff
        # promoted goes ahead, and what was hidden comes after it.
        for object_id in self.objects if not self.has_lied else ():
            plain = set(self.quiet.get(object_id, ())) - self.ever_promoted - self.forged
            order = [one.comment_id for one in self.plugin.shown(RoomId(13))]
            assert [one for one in order if one in plain] == sorted(set(order) & plain)
        said = [(room, body) for room, _, body in self.plugin.poster.attempts]
        for number in self.private.keys() - self.ever_promoted:
            text = self.private[number]
            assert not any(text in body for room, body in said if room != 13), "private"


@pytest.fixture(scope="module")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "empty.db"

    async def make() -> None:
        await (await Store.open(f"sqlite+aiosqlite:///{path}")).close()

    asyncio.run(make())
    return path


@pytest.mark.parametrize("videos", [1, 5], ids=["object by object", "the workspace at once"])
def test_rooms_end_with_what_the_workspace_holds(empty_database: Path, videos: int) -> None:
    class Machine(TruthMachine):
        pass

    Machine.empty_database, Machine.videos = empty_database, videos
    run_state_machine_as_test(Machine, settings=_SETTINGS)
