"""Messages whose comments change, go away or come back: edited as few times as it takes."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cogs.twentythree.delivery import RoomOptions, RoomSupervisor
from cogs.twentythree.delivery.batches import draft_of
from cogs.twentythree.delivery.outcomes import GiveUp, Outcome
from cogs.twentythree.domain.model import CommentId, CommentStatus, Source
from tests.fakes.notices import VIDEO, comment_notice
from tests.fakes.poster import Lost
from tests.fakes.rooms import AGAIN, ROOM, World, comments, idle
from tests.fakes.said import small_print
from tests.fakes.stores import open_store

REMOVED = "*(removed on the platform)*"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    store = await open_store(tmp_path / "rooms.db")
    made = World(store)
    await made.attach(ROOM)
    yield made
    await store.close()


async def change(world: World, rooms: RoomSupervisor, *numbers: int, **values: Any) -> None:
    changed = [comment_notice(number, **values).comment for number in numbers]
    done = await world.store.memory.ingest(
        VIDEO.object_id, changed, source=Source.RECONCILE, now=world.now
    )
    rooms.wake(done.rooms)


async def delete(world: World, rooms: RoomSupervisor, *numbers: int) -> None:
    gone = [CommentId(number) for number in numbers]
    rooms.wake((await world.store.memory.take_away(VIDEO.object_id, gone)).rooms)


async def test_however_many_comments_of_a_message_change_it_is_edited_once(world: World) -> None:
    await world.say(1, 2, 3)
    async with world.running() as rooms:
        await idle(rooms)
        nobody = world.rooms()
        await change(world, nobody, 1, text="Edited")
        await change(world, nobody, 2, status=CommentStatus.ANSWERED)
        await delete(world, nobody, 3)
        rooms.wake([ROOM])
        await idle(rooms)

    (message,) = world.poster.messages
    assert message.edits == 1
    assert world.poster.texts(ROOM) == ["Edited", "Comment 2", REMOVED]
    assert small_print(message.embeds[1]) == "Comment · promoted · answered"
    assert "footer" not in message.embeds[2]


async def test_a_comment_loses_its_text_among_lines_too_and_keeps_its_link(world: World) -> None:
    world.poster.left = 1
    await world.say(*range(1, 30))
    async with world.running() as rooms:
        await idle(rooms)
        await delete(world, rooms, 7)
        await idle(rooms)

    (embed,) = world.poster.messages[0].embeds
    _, *lines = embed["description"].split("\n")
    assert len(lines) == 29
    assert lines[6] == f"{REMOVED}\u00a0[»](https://video.example.com/bridge#comment-7)"
    assert "Comment 8" in lines[7]


async def test_edits_of_words_keep_their_distance_and_removals_do_not(world: World) -> None:
    await world.say(1, 2)
    async with world.running(RoomOptions(edit_interval_s=3600)) as rooms:
        await idle(rooms)
        await change(world, rooms, 1, text="Edited")
        await world.poster.until(lambda: world.poster.messages[0].edits == 1)
        await change(world, rooms, 1, text="Edited again")
        rooms.wake(await world.say(3))
        await world.poster.until(lambda: len(world.poster.messages) == 2)
        assert world.poster.messages[0].edits == 1
        await delete(world, rooms, 2)
        await idle(rooms)

    assert world.poster.messages[0].edits == 2
    assert world.poster.texts(ROOM) == ["Edited again", REMOVED, "Comment 3"]


async def test_what_is_removed_before_it_was_posted_is_not_posted(world: World) -> None:
    await world.say(1)
    rooms = world.rooms()
    (pending,) = (await world.store.outbox.work(ROOM)).pending
    await world.store.outbox.start_batch(
        ROOM, [pending], draft=draft_of([pending], world.now), now=world.now
    )
    await delete(world, rooms, 1)
    async with world.running() as rooms:
        await idle(rooms)

    assert "Comment 1" not in str(world.poster.attempts)
    assert world.poster.messages == []


async def test_what_goes_out_as_it_was_handed_over_is_set_right_at_once(world: World) -> None:
    async with world.running() as rooms:
        nobody = world.rooms()
        first = await world.hear(nobody, 1)
        await delete(world, nobody, 1)
        rooms.wake(first.rooms, first.started)
        await idle(rooms)
        second = await world.hear(rooms, 2)
        await change(world, rooms, 2, text="Edited")
        await idle(rooms)

    assert first.started
    assert second.started
    assert world.poster.texts(ROOM) == ["Edited"]


async def test_what_is_removed_while_the_reply_is_lost_loses_its_text(world: World) -> None:
    await world.say(1)
    world.poster.faults[ROOM].extend([Lost(AGAIN), AGAIN])
    options = replace(RoomOptions(), retry_first_s=0.001, retry_longest_s=0.001)
    async with world.running(options) as rooms:
        await world.poster.until(lambda: len(world.poster.messages) == 1)
        await delete(world, rooms, 1)
        await idle(rooms)

    assert world.poster.messages == []


async def test_a_message_that_changed_its_form_meanwhile_is_known_again(world: World) -> None:
    await world.say(*range(1, 11), text="x" * 900)
    world.poster.left = 1
    world.poster.faults[ROOM].append(AGAIN)
    options = replace(RoomOptions(), retry_first_s=3600, retry_longest_s=3600)
    async with world.running(options):
        await world.poster.until(lambda: len(world.poster.attempts) == 1)
    rooms = world.rooms()
    await change(world, rooms, *range(1, 11), text="short")
    world.now += timedelta(hours=1)
    # As cards now, and the reply is lost; the next look finds it.
    world.poster.faults[ROOM].append(Lost(AGAIN))
    async with world.running() as rooms:
        await idle(rooms)

    assert len(world.poster.messages) == 1
    assert world.poster.texts(ROOM) == ["short"] * 10


async def test_the_parts_of_a_refused_message_lose_their_texts_too(world: World) -> None:
    def refuse(body: str) -> Outcome | None:
        return GiveUp(reason="automod") if "forbidden" in body else None

    world.poster.refuse = refuse
    await world.say(1, 2)
    await world.say(3, text="forbidden")
    await world.say(4)
    async with world.running() as rooms:
        await idle(rooms)
        assert world.poster.texts(ROOM) == comments([1, 2, 4])
        await delete(world, rooms, 1, 3, 4)
        await idle(rooms)

    assert world.poster.texts(ROOM) == [REMOVED, "Comment 2"]
    # Each part was new: nothing was sent twice.
    assert world.count("resent") == 0


async def test_what_was_refused_is_posted_in_other_words(world: World) -> None:
    world.poster.refuse = lambda body: GiveUp(reason="automod") if "forbidden" in body else None
    await world.say(1, text="forbidden")
    async with world.running() as rooms:
        await idle(rooms)
        assert world.poster.texts(ROOM) == []
        world.now += timedelta(minutes=1)
        reworded = comment_notice(1, text="fine").comment
        done = await world.store.memory.ingest(
            VIDEO.object_id, [reworded], source=Source.RECONCILE, now=world.now
        )
        rooms.wake(done.rooms, done.started, done.edits)
        await idle(rooms)

    assert world.poster.texts(ROOM) == ["fine"]


async def test_what_is_to_be_edited_is_so_before_anybody_looks_for_posts(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    for name in ("work", "stale"):
        look = getattr(world.store.outbox, name)

        async def noted(*given: Any, look: Any = look, name: str = name) -> Any:
            looked.append(name)
            return await look(*given)

        monkeypatch.setattr(world.store.outbox, name, noted)
    await world.say(1)
    async with world.running() as rooms:
        await idle(rooms)
        looked.clear()
        answered = comment_notice(1, status=CommentStatus.ANSWERED).comment
        done = await world.store.memory.ingest(
            VIDEO.object_id, [answered], source=Source.RECONCILE, now=world.now
        )
        assert done.edits == {ROOM}
        await world.say(2)
        rooms.wake(done.rooms, done.started, done.edits)
        await idle(rooms)

    assert looked[:3] == ["stale", "stale", "work"]
    edited, posted = world.poster.messages
    assert (edited.edits, posted.edits) == (1, 0)
