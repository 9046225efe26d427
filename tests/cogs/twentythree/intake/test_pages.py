"""What a reading makes of comments that were edited, taken back or deleted since they were said."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cogs.twentythree.api import CommentPage
from cogs.twentythree.domain.batching import Draft
from cogs.twentythree.domain.model import (
    AttachmentRules,
    CommentId,
    CommentNotice,
    CommentPolicy,
    GuildId,
    ObjectId,
    RoomId,
    Standing,
)
from cogs.twentythree.errors import AccessDeniedError, WorkspaceUnreachableError
from cogs.twentythree.intake.pages import CommentLists, ListRead, ListWanted
from cogs.twentythree.storage import Baseline, NewAttachment, Store
from tests.fakes.intake import ClockSet, Parts, ports
from tests.fakes.stores import open_store
from tests.fakes.workspace import FakeWorkspace

ROOM, VIDEO, OTHER = RoomId(10), ObjectId(7), ObjectId(8)
NOW = datetime(2030, 1, 2, tzinfo=UTC)


class Bench:
    """An object whose comments are on show in a room."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.workspace = FakeWorkspace()
        self.workspace.page_size = 10
        self.now = NOW
        # What the last reading asked the workspace.
        self.asked = 0
        self.restart()

    def restart(self, **options: Any) -> None:
        """Forget what is only known while it runs."""
        joined = ports(self.store, self.workspace, clock=ClockSet(lambda: self.now))
        self.parts = parts = Parts(joined, hold_s=1.0, **options)
        self.lists = CommentLists(joined, parts.objects, parts.intake, parts.single, parts.options)

    async def attach(
        self, object_id: ObjectId = VIDEO, policy: CommentPolicy = CommentPolicy.ALL
    ) -> None:
        new = NewAttachment(
            guild_id=GuildId(1),
            room_id=ROOM,
            object=self.workspace.add(object_id),
            rules=AttachmentRules(comments=policy, announces_live=False),
            attached_by=1,
        )
        await self.store.attachments.attach(new, Baseline(), now=NOW)
        await self.parts.refresh(object_id)

    async def forget(self) -> None:
        """Let the object be detached and attached again, as far as memory goes."""
        self.parts.objects.set(VIDEO, [])
        await self.parts.refresh(VIDEO)

    async def agree(self) -> None:
        """Read as often, and so far apart, that all that is missing is taken to be gone."""
        for _ in range(3):
            await self.read()
            self.now += timedelta(minutes=1)

    async def read(self, *, thorough: bool = True, named: Iterable[int] = ()) -> ListRead:
        ground = await self.store.memory.ground(VIDEO)
        assert ground is not None
        (state,) = self.parts.objects.those([VIDEO])
        outcome = await self.lists.read(
            ListWanted(
                of=VIDEO,
                bookmark=state.bookmark,
                object_ids=frozenset([VIDEO]),
                watermark=ground.watermark,
                most_pages=100,
                is_thorough=thorough,
                named=frozenset(map(CommentId, named)),
            )
        )
        if outcome.top.newest is not None:
            await self.store.memory.raise_watermark([VIDEO], outcome.top.newest)
        self.asked = len(self.workspace.calls)
        self.workspace.calls.clear()
        return outcome

    async def show(self, count: int, **values: object) -> None:
        """Say so many comments, and post them all."""
        for number in range(1, count + 1):
            self.workspace.say(number, VIDEO, **values)
        await self.read()
        pending = (await self.store.outbox.work(ROOM, limit=1000)).pending
        draft = Draft(nonce="n", body="{}")
        batch = await self.store.outbox.start_batch(ROOM, pending, draft=draft, now=NOW)
        assert batch is not None
        await self.store.outbox.settle(batch.batch_id, message_id=1, shown="x", now=NOW)
        await self.store.outbox.mark_shown(batch, shown="x")
        self.now += timedelta(seconds=6)

    async def shown(self) -> dict[int, CommentNotice]:
        """Return what has changed in the message, by comment."""
        stale = (await self.store.outbox.work(ROOM)).stale
        notices = [queued.notice for batch in stale for queued in batch.notices]
        return {n.comment.comment_id: n for n in notices if isinstance(n, CommentNotice)}

    async def standing(self, of: Standing) -> set[int]:
        return {number for number, notice in (await self.shown()).items() if notice.standing is of}


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    store = await open_store(tmp_path / "comments.db")
    made = Bench(store)
    await made.attach()
    yield made
    await store.close()


async def test_edits_and_deletions_are_found_down_to_the_oldest_on_show(bench: Bench) -> None:
    await bench.show(55)
    bench.workspace.change(2, text="Edited")
    bench.workspace.delete(1, 30, 55)
    await bench.read()
    shown = await bench.shown()

    assert shown[2].comment.text == "Edited"
    assert await bench.standing(Standing.REMOVED) == {1, 30, 55}


async def test_a_quick_reading_sees_to_the_first_page_alone(bench: Bench) -> None:
    await bench.show(55)
    bench.workspace.delete(1, 50)
    outcome = await bench.read(thorough=False)

    assert await bench.standing(Standing.REMOVED) == {50}
    assert outcome.requests == 2


async def test_a_list_on_one_page_takes_one_request(bench: Bench) -> None:
    await bench.show(9)

    assert (await bench.read()).requests == 1


async def test_what_is_deeper_than_one_reading_goes_has_its_turn_with_the_next(
    bench: Bench,
) -> None:
    bench.restart(most_below=2)
    await bench.parts.refresh(VIDEO)
    await bench.show(75)
    bench.workspace.delete(1, 3, 41, 42, 45, 46, 55)
    found = set[int]()
    for _ in range(7):
        assert (await bench.read()).requests <= 2
        found |= await bench.standing(Standing.REMOVED)

    assert found == {1, 3, 41, 42, 45, 46, 55}


async def test_a_deletion_at_the_seam_of_two_readings_is_found(
    bench: Bench,
) -> None:
    bench.restart(most_below=2)
    await bench.parts.refresh(VIDEO)
    await bench.show(75)
    await bench.read()
    # The last comment of the first reading, and the first one of the next.
    bench.workspace.delete(46, 45)
    for _ in range(4):
        await bench.read()

    assert await bench.standing(Standing.REMOVED) == {45, 46}


async def test_a_promotion_taken_back_far_below_is_found_by_every_reading(bench: Bench) -> None:
    await bench.show(55, is_promoted=True)
    bench.workspace.change(1, is_promoted=False)
    await bench.read(thorough=False)

    assert not (await bench.shown())[1].comment.is_promoted


async def test_a_promotion_is_found_although_a_page_failed_before_it(bench: Bench) -> None:
    await bench.show(55, is_promoted=True)
    bench.workspace.change(1, is_promoted=False)
    await bench.read()
    bench.workspace.change(1, is_promoted=True)

    def broken(page: CommentPage, promoted_only: object) -> CommentPage:
        if promoted_only and CommentId(30) in [one.comment_id for one in page.comments]:
            raise WorkspaceUnreachableError("comment/list", "timeout")
        return page

    bench.workspace.forge, whole = broken, bench.workspace.forge
    with pytest.raises(WorkspaceUnreachableError):
        await bench.read(thorough=False)
    bench.workspace.forge = whole
    await bench.read(thorough=False)

    assert (await bench.shown())[1].comment.is_promoted


async def test_a_named_comment_is_looked_for_wherever_it_is(bench: Bench) -> None:
    await bench.show(55)
    bench.workspace.delete(1)
    bench.workspace.change(2, text="Edited")
    bench.workspace.say(999, OTHER)
    await bench.read(thorough=False, named=[1, 2, 999, 1_000])
    shown = await bench.shown()

    assert shown[1].standing is Standing.REMOVED
    assert shown[2].comment.text == "Edited"


async def test_what_no_list_holds_but_is_there_stays_and_is_asked_about_last(bench: Bench) -> None:
    await bench.show(55)
    hidden = range(20, 40)
    bench.workspace.unlisted |= {CommentId(number) for number in hidden}
    outcome = await bench.read()
    assert outcome.unlisted == {VIDEO}
    await bench.read()
    assert await bench.standing(Standing.REMOVED) == set()
    bench.workspace.delete(10)
    await bench.read()

    assert await bench.standing(Standing.REMOVED) == {10}


async def test_where_the_workspace_does_not_answer_about_a_comment_nothing_is_taken_away(
    bench: Bench,
) -> None:
    await bench.show(15)
    bench.workspace.delete(3)
    bench.workspace.refused["comment"] = AccessDeniedError("comment/list")
    await bench.read()
    bench.workspace.refused["comment"] = WorkspaceUnreachableError("comment/list")
    with pytest.raises(WorkspaceUnreachableError):
        await bench.read()
    bench.workspace.refused.clear()
    assert await bench.standing(Standing.REMOVED) == set()
    await bench.read()

    assert await bench.standing(Standing.REMOVED) == {3}


async def test_pages_that_shift_take_nothing_away_that_is_there(bench: Bench) -> None:
    await bench.show(75)

    def lose_the_newest() -> None:
        # With each page the newest goes away, and all move up.
        if bench.workspace.calls[-1] != "comment":
            bench.workspace.held.pop(max(bench.workspace.held))

    bench.workspace.answered = lose_the_newest
    for _ in range(3):
        await bench.agree()
    bench.workspace.answered = lambda: None
    assert await bench.standing(Standing.REMOVED) <= set(range(1, 76)) - set(bench.workspace.held)
    await bench.agree()

    expected = set(range(1, 76)) - set(bench.workspace.held)
    assert await bench.standing(Standing.REMOVED) == expected


async def test_what_realtime_has_just_brought_may_be_in_no_list_yet(bench: Bench) -> None:
    await bench.show(15)
    bench.now -= timedelta(seconds=6)
    bench.workspace.delete(15)
    await bench.read()
    assert await bench.standing(Standing.REMOVED) == set()
    bench.now += timedelta(seconds=6)
    await bench.read()

    assert await bench.standing(Standing.REMOVED) == {15}


async def test_where_nothing_is_left_all_is_taken_away(bench: Bench) -> None:
    await bench.show(3)
    bench.workspace.delete(1, 2, 3)
    await bench.agree()

    assert await bench.standing(Standing.REMOVED) == {1, 2, 3}


async def test_what_comes_back_is_shown_again(bench: Bench) -> None:
    await bench.show(15)
    gone = bench.workspace.held.pop(CommentId(3))
    await bench.read()
    assert await bench.standing(Standing.REMOVED) == {3}
    bench.workspace.held[CommentId(3)] = gone
    await bench.read()

    assert (await bench.shown())[3].standing is Standing.SHOWN
    assert (await bench.shown())[3].comment == gone


async def test_an_unchanged_list_of_promoted_comments_is_not_read_to_its_end(bench: Bench) -> None:
    await bench.show(35, is_promoted=True)
    bench.workspace.say(36, VIDEO)
    await bench.read()
    assert (await bench.read(thorough=False)).requests == 2
    bench.workspace.promote(36)
    assert (await bench.read(thorough=False)).requests == 5
    await bench.forget()

    assert (await bench.read(thorough=False)).requests == 5
