"""What a mistake of ours ends: what it was made with, and nothing beside it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock

import pytest

from cogs.twentythree.domain.barring import Membership
from cogs.twentythree.domain.model import CommentPolicy, GuildId, ObjectId, ObjectKind, RoomId
from cogs.twentythree.domain.troubles import Kind
from cogs.twentythree.errors import StorageError
from cogs.twentythree.intake import intake as intake_module
from cogs.twentythree.realtime import MessageReceived
from cogs.twentythree.storage import Store
from tests.fakes.bridge_house import ALL, GUILD, OTHER, ROOM, VIDEO, House, house, running
from tests.fakes.town import Town
from tests.fakes.workspace import row

FINE = ObjectId(9)
AWAY, FAR, FAR_ROOM = GuildId(2), ObjectId(70), RoomId(70)
LATER = datetime(2100, 1, 1, tzinfo=UTC)
FAILED = "Something went wrong inside the bot; whoever runs it finds the reason in its log."


def tracebacks(caplog: pytest.LogCaptureFixture) -> int:
    return len([one for one in caplog.records if one.exc_info])


async def two(made: House) -> None:
    """Have two videos followed, each in a room of its own."""
    for object_id, room in ((VIDEO, ROOM), (FINE, OTHER)):
        made.workspace.add(object_id)
        await made.attach(object_id, room)


def says(made: House, object_id: ObjectId = VIDEO) -> dict[Kind, Any]:
    return made.bridge.faults(object_id=object_id)


async def until_failing(made: House, *, is_failing: bool = True) -> None:
    """Wait until reading the video is said to fail, or not any more."""
    async with asyncio.timeout(30):
        while (Kind.READING_FAILS in says(made)) is not is_failing:
            await made.store.upkeep.counts()


async def test_an_object_whose_reading_fails_by_a_mistake_holds_up_no_other(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with house(tmp_path, poll_s=0.01, reconcile_s=0.02, spacing_s=0.01) as made:
        await two(made)
        made.workspace.failing[VIDEO] = ZeroDivisionError()
        async with running(made):
            for number in (1, 2):
                made.workspace.say(number, FINE, is_promoted=True)
                made.bridge.read_all()
                await made.until_said(*[f"comment {n + 1}" for n in range(number)], room=OTHER)
            await until_failing(made)
            fault = says(made)[Kind.READING_FAILS]
            assert (fault.count, fault.said) == (1, FAILED)
            assert Kind.READING_FAILS not in says(made, FINE)
            calls = made.workspace.calls.count("comments")
            await made.until_called("comments", calls + 5)
            assert tracebacks(caplog) == 1

            made.workspace.failing.clear()
            made.workspace.say(3, VIDEO, is_promoted=True)
            await made.until_said("comment 3")
            await until_failing(made, is_failing=False)


async def test_what_a_mistake_keeps_from_the_store_is_read_and_holds_up_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house(tmp_path) as made:
        ingest: Any = made.store.memory.ingest
        is_broken = True

        async def fails(object_id: ObjectId, *args: Any, **values: Any) -> Any:
            if object_id == VIDEO and is_broken:
                raise ZeroDivisionError
            return await ingest(object_id, *args, **values)

        monkeypatch.setattr(made.store.memory, "ingest", fails)
        client = None
        async with running(made):
            client = await made.served(comments=CommentPolicy.ALL)
            made.workspace.add(FINE)
            await made.attach(FINE, OTHER)
            made.workspace.say(1, VIDEO)
            client.tell(MessageReceived(ALL, row(1)))
            await until_failing(made)
            made.workspace.say(2, FINE, is_promoted=True)
            made.bridge.read_all()
            await made.until_said("comment 2", room=OTHER)

            is_broken = False
            made.bridge.read_all()
            await made.until_said("comment 1")


async def test_a_message_that_cannot_be_taken_ends_no_listening(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> Any:
        raise RecursionError

    async with house(tmp_path) as made, running(made):
        client = await made.served(comments=CommentPolicy.ALL)
        await made.until_looked_up([VIDEO])
        monkeypatch.setattr(intake_module, "decode_comments", fails)
        made.workspace.say(1, VIDEO)
        client.tell(MessageReceived(ALL, row(1)))
        await made.until_said("comment 1")
        assert made.clients == [client]


async def test_channels_that_a_mistake_hides_hold_up_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house(tmp_path) as made:
        await two(made)
        realtime: Any = made.workspace.realtime

        async def fails(obj: Any, **values: Any) -> Any:
            if obj.object_id == VIDEO:
                made.workspace.called("odd")
                raise ZeroDivisionError
            return await realtime(obj, **values)

        monkeypatch.setattr(made.workspace, "realtime", fails)
        async with running(made):
            await made.until_called("odd", 1)
            await until_failing(made)
            made.workspace.say(1, FINE, is_promoted=True)
            made.bridge.read_all()
            await made.until_said("comment 1", room=OTHER)
            assert says(made)[Kind.READING_FAILS].said == FAILED


async def test_a_question_that_fails_by_a_mistake_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = {"confirm_s": 0.02, "again_s": 0.02, "spacing_s": 0.01, "hold_s": 0.01}
    async with house(tmp_path, **quick) as made, running(made):
        client = await made.served(comments=CommentPolicy.ALL)
        await made.until_looked_up([VIDEO])
        comment: Any = made.workspace.comment

        async def fails(*_: object) -> Any:
            monkeypatch.setattr(made.workspace, "comment", comment)
            made.workspace.called("odd")
            raise ZeroDivisionError

        monkeypatch.setattr(made.workspace, "comment", fails)
        client.tell(MessageReceived(ALL, row(5)))
        await made.until_called("odd", 1)
        await made.until_forged(1)
        assert made.clients == [client]


@pytest.fixture
def town(store: Store) -> Town:
    return Town(store)


async def test_an_object_that_a_follow_cannot_attach_holds_up_no_other(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    attach: Any = town.store.follows.attach

    async def fails(follow_id: int, new: Any, *args: Any, **values: Any) -> Any:
        if new.object.object_id == 1:
            raise ZeroDivisionError
        return await attach(follow_id, new, *args, **values)

    for number in (1, 2):
        town.event(number)
    await town.follow()
    with monkeypatch.context() as patch:
        patch.setattr(town.store.follows, "attach", fails)
        await town.look()
        assert await town.attached() == [2]
    await town.look()

    assert sorted(await town.attached()) == [1, 2]


async def test_a_follow_that_fails_by_a_mistake_says_so_and_holds_up_no_other(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object, **__: object) -> Any:
        raise ZeroDivisionError

    town.event(1)
    odd = await town.follow(ObjectKind.VIDEO)
    await town.follow(room_id=RoomId(int(ROOM) + 5))
    with monkeypatch.context() as patch:
        patch.setattr(town.listing, "videos", fails)
        await town.look()
    assert await town.attached() == [1]
    errors = {one.follow_id: one.error for one in await town.store.follows.find()}
    assert errors.pop(odd.follow_id) == FAILED
    assert set(errors.values()) == {None}

    await town.look()
    assert {one.error for one in await town.store.follows.find()} == {None}


async def test_a_server_that_is_served_again_is_taken_up_after_the_database_was_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    everywhere = Membership(present=frozenset({GUILD, AWAY}), joined={AWAY: LATER})
    async with house(tmp_path) as made:
        await two(made)
        made.workspace.add(FAR)
        await made.attach(FAR, FAR_ROOM, guild_id=AWAY)
        await made.bridge.know_servers(Membership(present=frozenset({GUILD})))
        assert made.bridge.states.get(FAR) is None
        made.woken.clear()

        with monkeypatch.context() as patch:
            away = AsyncMock(side_effect=StorageError("away"))
            patch.setattr(made.bridge.states, "refresh", away)
            with pytest.raises(StorageError):
                await made.bridge.know_servers(everywhere)
        joined = await made.bridge.know_servers(everywhere)

        assert joined == {AWAY}
        assert made.bridge.states.get(FAR) is not None
        assert FAR_ROOM in made.woken
        assert await made.bridge.know_servers(everywhere) == frozenset()


@pytest.mark.parametrize(
    ("part", "method"),
    [("upkeep", "prune"), ("questions", "are_forgotten"), ("programmes", "keep")],
)
async def test_upkeep_that_fails_by_a_mistake_ends_no_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str, method: str
) -> None:
    async with house(tmp_path) as made:
        tried = asyncio.Event()

        async def fails(*_: object) -> None:
            tried.set()
            raise ZeroDivisionError

        monkeypatch.setattr(getattr(made.store, part), method, fails)
        await two(made)
        async with running(made):
            await tried.wait()
            made.workspace.say(1, VIDEO, is_promoted=True)
            made.bridge.read_all()
            await made.until_said("comment 1")
