"""Many objects, read together: what is asked, what is found, and what the list leaves out."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from cogs.twentythree.api import RealtimeAddress
from cogs.twentythree.domain.model import CommentPolicy, ObjectId, ObjectKind, RoomId
from cogs.twentythree.errors import AccessDeniedError, WorkspaceError, WorkspaceUnreachableError
from cogs.twentythree.intake.objects import ObjectState
from cogs.twentythree.intake.schedule import Schedule
from cogs.twentythree.realtime import Connected, MessageReceived
from tests.fakes.bridge import an_attachment
from tests.fakes.bridge_house import GUILD, URL, House, house, running
from tests.fakes.intake import Parts, ports, readings_of

MANY = [ObjectId(number) for number in range(101, 111)]


async def attached(
    made: House,
    object_ids: Sequence[ObjectId] = MANY,
    *,
    kind: ObjectKind = ObjectKind.VIDEO,
) -> None:
    """Attach objects, each to a room of its own, with channels that are known."""
    for object_id in object_ids:
        made.workspace.add(object_id, kind)
        root = f"/{object_id:040x}"
        made.workspace.addresses[object_id] = RealtimeAddress(
            url=URL, comments_root=root, events=f"{root}/events"
        )
        await made.attach(object_id, RoomId(object_id), comments=CommentPolicy.ALL)


async def until_said(made: House, number: int, of: ObjectId) -> None:
    await made.until_said(f"comment {number}", room=RoomId(of))


async def read_together(made: House) -> None:
    """Let the whole workspace be read, as after a gap."""
    made.bridge.read_all()


async def until_all(made: House, are_so: Callable[[ObjectState], object]) -> None:
    """Wait until all objects are as a reading leaves them, which tells nobody."""
    async with asyncio.timeout(60):
        while not all(are_so(one) for one in made.bridge.states.values()):  # noqa: ASYNC110 - see above
            await asyncio.sleep(0)


def calls(made: House) -> Counter[str]:
    found = Counter(made.workspace.calls)
    made.workspace.calls.clear()
    return found


async def test_many_objects_are_read_by_one_list_and_each_gets_its_own(tmp_path: Path) -> None:
    async with house(tmp_path) as made:
        await attached(made)
        async with running(made):
            await made.until_looked_up(MANY)
            calls(made)
            for at, object_id in enumerate(MANY, 1_000):
                made.workspace.say(at, object_id)
            await read_together(made)
            for at, object_id in enumerate(MANY, 1_000):
                await until_said(made, at, object_id)

            found = calls(made)
            assert found["all comments"] >= 1
            assert found["comments"] == found["promoted"] == 0
        marks = await made.store.memory.watermarks(MANY)
        assert set(marks.values()) == {1_009}


async def test_few_objects_are_read_each_by_itself(tmp_path: Path) -> None:
    async with house(tmp_path) as made:
        made.workspace.add(MANY[0])
        await made.attach(MANY[0], RoomId(MANY[0]), comments=CommentPolicy.ALL)
        async with running(made):
            made.workspace.say(1_000, MANY[0])
            await read_together(made)
            await until_said(made, 1_000, MANY[0])

        assert calls(made)["all comments"] == 0


async def test_a_hint_for_one_object_reads_that_one(tmp_path: Path) -> None:
    async with house(tmp_path, hold_s=30, spacing_s=0.01) as made:
        await attached(made)
        async with running(made):
            await made.until_looked_up(MANY)
            # What is read because they are listened to from now on is not to be counted.
            subs = ("promoted_json", "all_json")
            wanted = [f"/{one:040x}/{sub}" for one in MANY for sub in subs]
            await (await made.client()).until_subscribed(*wanted)
            await until_all(made, lambda one: not one.hold)
            calls(made)
            made.workspace.say(1_000, MANY[3])
            (await made.client()).tell(MessageReceived(wanted[6], {}))
            await until_said(made, 1_000, MANY[3])

            assert calls(made)["comments"] == 1


async def test_what_a_hint_names_is_looked_for_until_that_works(tmp_path: Path) -> None:
    async with house(tmp_path, hold_s=30, spacing_s=0.01, poll_s=0.05) as made:
        await attached(made)
        async with running(made):
            await made.until_looked_up(MANY)
            client = await made.client()
            client.tell(Connected(resumed=False))
            wanted = [f"/{one:040x}/{sub}" for one in MANY for sub in ("promoted_json", "all_json")]
            await client.until_subscribed(*wanted)
            await until_all(made, lambda one: not one.hold)
            made.workspace.say(1_000, MANY[3])
            client.tell(MessageReceived(wanted[6], {}))
            await until_said(made, 1_000, MANY[3])
            made.workspace.delete(1_000)
            made.workspace.refused["comments"] = WorkspaceUnreachableError("comment/list", "503")
            calls(made)
            client.tell(MessageReceived(wanted[6], {"comment_id": 1_000, "action": "deleted"}))
            await made.until_called("comments", 1)
            del made.workspace.refused["comments"]

            # The list of the workspace, which is read at leisure, need not bring it.
            await made.until_called("comments", 2)
            await made.until_said(room=RoomId(MANY[3]))


async def test_deletions_and_edits_of_all_are_found_by_one_list(tmp_path: Path) -> None:
    async with house(tmp_path, poll_s=0.01, reconcile_s=0.02) as made:
        await attached(made)
        async with running(made):
            for at, object_id in enumerate(MANY, 1_000):
                made.workspace.say(at, object_id)
            for at, object_id in enumerate(MANY, 1_000):
                await until_said(made, at, object_id)
            made.workspace.change(1_001, text="Edited")
            made.advance(10)
            made.workspace.delete(1_000, 1_009)
            await made.until_said(room=RoomId(MANY[0]))
            await made.until_said(room=RoomId(MANY[9]))
            await made.until_text("Edited", room=RoomId(MANY[1]))


async def test_an_object_that_the_list_leaves_out_is_read_by_itself(tmp_path: Path) -> None:
    async with house(tmp_path, upkeep_s=0.05, poll_s=0.01) as made:
        await attached(made)
        made.workspace.private.add(MANY[0])
        async with running(made):
            made.workspace.say(1_000, MANY[0])
            made.workspace.say(1_001, MANY[1])
            await until_said(made, 1_001, MANY[1])
            await until_said(made, 1_000, MANY[0])
            known = made.bridge.states.get(MANY[0])
            assert known is not None
            # From then on it needs no luck.
            await made.until(lambda: not known.is_listed)
            made.workspace.say(1_002, MANY[0])
            await made.until_said("comment 1000", "comment 1002", room=RoomId(MANY[0]))


async def test_a_comment_that_realtime_brought_and_the_list_leaves_out_tells_as_much(
    tmp_path: Path,
) -> None:
    async with house(tmp_path, poll_s=0.01) as made:
        await attached(made)
        made.workspace.private.add(MANY[0])
        async with running(made):
            made.workspace.say(1_001, MANY[1])
            await until_said(made, 1_001, MANY[1])
            comment = made.workspace.say(1_000, MANY[0])
            await made.ingest(comment)
            known = made.bridge.states.get(MANY[0])
            assert known is not None
            made.advance(10)
            await made.until(lambda: not known.is_listed)
            assert await made.said(RoomId(MANY[0])) == ["comment 1000"]


@pytest.mark.parametrize(
    "error", [AccessDeniedError("comment/list"), WorkspaceUnreachableError("x")]
)
async def test_where_the_list_fails_nothing_is_lost(tmp_path: Path, error: WorkspaceError) -> None:
    async with house(tmp_path, poll_s=0.01, reconcile_s=0.05) as made:
        await attached(made)
        made.workspace.refused["all comments"] = error
        async with running(made):
            for at, object_id in enumerate(MANY, 1_000):
                made.workspace.say(at, object_id)
            if isinstance(error, WorkspaceUnreachableError):
                await made.until_called("all comments", 2)
                status = await made.bridge.status(GUILD)
                assert status.last_error == str(error)
                made.workspace.refused.clear()
            for at, object_id in enumerate(MANY, 1_000):
                await until_said(made, at, object_id)


async def test_where_much_is_said_elsewhere_each_object_is_read_by_itself(tmp_path: Path) -> None:
    async with house(tmp_path, poll_s=0.01) as made:
        await attached(made)
        made.workspace.page_size = 2
        async with running(made):
            await made.until_called("all comments", 2)
            calls(made)
            for number in range(2_000, 2_040):
                made.workspace.say(number, 999)
            made.workspace.say(1_999, MANY[0])
            await until_said(made, 1_999, MANY[0])
            for number in range(3_000, 3_040):
                made.workspace.say(number, 999)
            made.workspace.say(3_040, MANY[0])
            await made.until_said("comment 1999", "comment 3040", room=RoomId(MANY[0]))
            await made.until_called("comments", 20)


async def test_live_events_are_read_for_their_state_still(tmp_path: Path) -> None:
    async with house(tmp_path) as made:
        await attached(made, kind=ObjectKind.LIVE)
        async with running(made):
            await made.until_looked_up(MANY)
            client = await made.client()
            client.tell(Connected(resumed=False))
            calls(made)
            await read_together(made)
            await made.until_called("live", len(MANY))

            assert calls(made)["comments"] == 0


async def test_a_failed_reading_comes_again_soon_while_realtime_waits_for_it() -> None:
    parts = Parts(ports(None, None), poll_s=15, reconcile_s=300, held_s=2)
    schedule = Schedule(
        parts.ports,
        parts.objects,
        parts.agenda,
        parts.intake,
        readings_of(parts),
        connection=parts.listener.connection,
        options=parts.options,
    )
    state = parts.attach(an_attachment())
    state.failures = 2
    assert schedule.interval_s(state.object_id) == 60

    parts.intake.hold(parts.objects)
    assert schedule.interval_s(state.object_id) == 2
    parts.intake.release(state.object_id, state.hold)
    assert schedule.interval_s(state.object_id) == 60


@pytest.mark.parametrize("how_many", [2, len(MANY)], ids=["each by itself", "by one list"])
async def test_once_the_workspace_answers_again_all_that_failed_is_read(
    tmp_path: Path, how_many: int
) -> None:
    # Each object by itself would be asked again in minutes.
    async with house(tmp_path, poll_s=100, held_s=100, spacing_s=0.01) as made:
        mine = MANY[:how_many]
        await attached(made, mine)
        async with running(made):
            await made.until_looked_up(mine)
            wanted = [f"/{one:040x}/{sub}" for one in mine for sub in ("promoted_json", "all_json")]
            await (await made.client()).until_subscribed(*wanted)
            await until_all(made, lambda one: not one.hold)
            made.workspace.down = WorkspaceUnreachableError("comment/list", "503")
            await read_together(made)
            await until_all(made, lambda one: one.failures)
            for at, object_id in enumerate(mine, 1_000):
                made.workspace.say(at, object_id)
            made.workspace.down = None
            for at, object_id in enumerate(mine, 1_000):
                await until_said(made, at, object_id)
            await until_all(made, lambda one: not one.trouble)


async def test_a_workspace_that_is_away_is_asked_for_another_object_each_time(
    tmp_path: Path,
) -> None:
    # One of them may fail by itself.
    async with house(tmp_path, poll_s=100, channel_s=0.01, spacing_s=0.01) as made:
        await attached(made, MANY[:2])
        made.workspace.down = WorkspaceUnreachableError("comment/list", "503")
        async with running(made):
            await until_all(made, lambda one: one.failures > 1 and one.lookups)

            # Each failure doubles the time until the next look-up.
            for state in made.bridge.states.values():
                state.lookups = 20
            await made.until_called("realtime", made.workspace.calls.count("realtime") + 2)
            made.workspace.down = None
            # Where their news are published is asked for as soon.
            await until_all(made, lambda one: not one.lookup_error)
