"""What came of an action is told in any case, and nothing that a room shows of it stays untrue."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from unittest.mock import AsyncMock

import pytest

from cogs.twentythree.actions import Carrying
from cogs.twentythree.domain.acting import Done, Effect, Intent
from cogs.twentythree.domain.deeds import Action
from cogs.twentythree.domain.model import ObjectKind
from cogs.twentythree.errors import StorageError
from cogs.twentythree.storage import Ingested
from sandbox.workspace import Level, WorkspaceFault
from tests.cogs.twentythree.actions.desk import (
    MO,
    Desk,
    finding_out,
    is_settled,
    is_told,
    until,
)
from tests.fakes.intake import readings_of


async def test_what_the_database_does_not_take_is_found_out_later(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await desk.say()
    locked = AsyncMock(side_effect=StorageError("it is locked"))
    with monkeypatch.context() as patch:
        patch.setattr(desk.store.trail, "settle", locked)
        done = await desk.acting.act(desk.wanted(Action.ANSWER, number))
    assert (done.effect, desk.calls("comment/update")) == (Effect.UNKNOWN, 1)

    async with finding_out(desk):
        known = await desk.acting.known(done.intent_id or 0, within_s=20)
    assert known is not None
    assert (known.effect, desk.calls("comment/update")) == (Effect.DONE, 1)


async def test_who_has_stopped_waiting_is_told_in_private(desk: Desk) -> None:
    done = await unknown(desk)
    assert await desk.acting.known(done.intent_id or 0, within_s=0) is None

    desk.clock.ahead += timedelta(minutes=10)
    async with finding_out(desk):
        await until(desk, lambda: is_told(desk))

    ((user_id, text),) = desk.rooms.said
    assert user_id == MO.user_id
    assert "was not done" in text


async def test_who_waits_until_it_is_put_on_record_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = await unknown(desk)
    desk.clock.ahead += timedelta(minutes=10)
    settling, may_settle = asyncio.Event(), asyncio.Event()
    settle = desk.store.trail.settle

    async def slow(*args: Any, **values: Any) -> Ingested:
        settling.set()
        await may_settle.wait()
        return await settle(*args, **values)

    monkeypatch.setattr(desk.store.trail, "settle", slow)
    waiting = asyncio.create_task(desk.acting.known(done.intent_id or 0, within_s=5))
    async with finding_out(desk):
        await settling.wait()
        known = await waiting
        may_settle.set()
        await until(desk, lambda: is_settled(desk))

    assert known is not None
    assert (known.effect, desk.rooms.said) == (Effect.NOT_DONE, [])


async def test_who_could_not_be_told_is_told_later(desk: Desk) -> None:
    await unknown(desk)
    desk.rooms.deaf = 2
    desk.clock.ahead += timedelta(minutes=10)
    async with finding_out(desk):
        await until(desk, lambda: is_told(desk))

    assert desk.rooms.deaf == 0
    assert len(desk.rooms.said) == 1


async def test_who_was_being_told_as_the_process_was_killed_is_told_by_the_next(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await unknown(desk)
    desk.clock.ahead += timedelta(minutes=10)
    telling, never = asyncio.Event(), asyncio.Event()

    async def hang(*_: object) -> bool:
        telling.set()
        return await never.wait()

    with monkeypatch.context() as patch:
        patch.setattr(desk.rooms, "tell_one", hang)
        async with finding_out(desk), asyncio.timeout(60):
            await telling.wait()

    desk.acting = desk.started()
    async with finding_out(desk):
        await until(desk, lambda: is_settled(desk))
    assert [user_id for user_id, _ in desk.rooms.said] == [MO.user_id]


async def unknown(desk: Desk) -> Done:
    """Return what is said of a promotion whose call was lost, while the workspace is away."""
    number = await desk.say()

    async def leave() -> None:
        desk.workspace.is_down = True

    fault = WorkspaceFault(method="comment/promote", meanwhile=leave, drops=True, is_late=True)
    desk.workspace.add_fault(fault)
    done = await desk.acting.act(desk.wanted(Action.PROMOTE, number))
    assert done.effect is Effect.UNKNOWN
    desk.workspace.state.comments[number].is_promoted = False
    desk.workspace.is_down = False
    return done


async def test_a_reply_that_is_deleted_before_any_reading_goes_from_under_its_question(
    desk: Desk,
) -> None:
    number = await desk.say()
    intent = await desk.acting.draft(desk.wanted(Action.REPLY, number, text="On Monday."))
    assert isinstance(intent, Intent)
    await desk.acting.send(intent.intent_id, MO.user_id)
    (made,) = [one for one in desk.workspace.state.comments.values() if one.reply_to == number]

    await desk.workspace.changes.delete_comment(made.comment_id)
    await desk.say("And when?")
    for _ in range(4):
        desk.clock.ahead += timedelta(minutes=2)
        state = await desk.parts.refresh(desk.object_id)
        assert await readings_of(desk.parts).read(state)

    shown = await desk.shown(number)
    assert shown is not None
    assert shown.replies == ()


@pytest.mark.parametrize("action", [Action.PROMOTE, Action.COPY])
async def test_a_comment_that_is_deleted_once_it_was_acted_on_does_not_come_back(
    desk: Desk, action: Action
) -> None:
    number = await desk.say(kind="chat")

    async def delete() -> None:
        await desk.workspace.changes.delete_comment(number)
        await desk.parts.intake.take_away(desk.object_id, [number])

    async def delete_before_it_is_read() -> None:
        desk.workspace.add_fault(WorkspaceFault(method="comment/list", meanwhile=delete))

    fault = WorkspaceFault(method="comment/(promote|clone)", meanwhile=delete_before_it_is_read)
    desk.workspace.add_fault(fault)
    done = await desk.acting.act(desk.wanted(action, number))

    assert done.effect is Effect.DONE
    assert await desk.shown(number) is None


async def test_an_action_that_cannot_be_found_out_holds_up_no_other(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd, fine = await unknown(desk), await unknown(desk)
    find_out = Carrying.find_out

    async def fails(carrying: Carrying, intent: Intent, kind: ObjectKind) -> Done | None:
        if intent.intent_id == odd.intent_id:
            raise ZeroDivisionError
        return await find_out(carrying, intent, kind)

    async def is_fine_settled() -> bool:
        return [one.intent_id for one in await desk.store.trail.open()] == [odd.intent_id]

    monkeypatch.setattr(Carrying, "find_out", fails)
    async with finding_out(desk):
        await until(desk, is_fine_settled)
        assert fine.intent_id != odd.intent_id
        third = await unknown(desk)
        await until(desk, is_fine_settled)
        assert third.intent_id not in {odd.intent_id, fine.intent_id}

        monkeypatch.undo()
        await unknown(desk)
        await until(desk, lambda: is_settled(desk))


async def test_what_a_press_leaves_open_by_a_mistake_is_found_out_at_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await desk.say()
    with monkeypatch.context() as patch:
        patch.setattr(desk.store.trail, "settle", AsyncMock(side_effect=ZeroDivisionError))
        with pytest.raises(ZeroDivisionError):
            await desk.acting.act(desk.wanted(Action.ANSWER, number))
    assert not await is_settled(desk)

    # As if the work had begun before: nothing is taken up from the store.
    open_ones, nothing = desk.store.trail.open, AsyncMock(return_value=[])
    monkeypatch.setattr(desk.store.trail, "open", nothing)
    async with finding_out(desk):
        async with asyncio.timeout(60):
            while not nothing.called:  # noqa: ASYNC110 - no event tells of it
                await asyncio.sleep(0)
        monkeypatch.setattr(desk.store.trail, "open", open_ones)
        await until(desk, lambda: is_settled(desk))


async def test_work_that_begins_anew_during_a_press_tells_nothing_twice(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await desk.say()
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        asked.set()
        await go_on.wait()

    fault = WorkspaceFault(method="comment/promote", meanwhile=hold, level=Level.READ)
    desk.workspace.add_fault(fault)
    opened = asyncio.Event()
    open_ones = desk.store.trail.open

    async def told_open() -> list[Intent]:
        found = await open_ones()
        opened.set()
        return found

    monkeypatch.setattr(desk.store.trail, "open", told_open)
    pressing = asyncio.create_task(desk.acting.act(desk.wanted(Action.PROMOTE, number)))
    await asked.wait()
    async with finding_out(desk):
        await opened.wait()
        go_on.set()
        done = await pressing
        await unknown(desk)
        await until(desk, lambda: is_settled(desk))

    assert done.effect is Effect.REFUSED
    assert not desk.workspace.state.comments[number].is_promoted


@pytest.mark.parametrize("wrong", [{"is_refused": True}, {"status": 200}, {"status": 403}])
@pytest.mark.parametrize("action", [Action.PROMOTE, Action.COPY])
async def test_one_wrong_answer_as_it_is_found_out_is_no_refusal(
    desk: Desk, action: Action, wrong: dict[str, Any]
) -> None:
    number = await desk.say(kind="chat")

    async def fail_once() -> None:
        desk.workspace.add_fault(WorkspaceFault(method="comment/list", **wrong))

    fault = WorkspaceFault(
        method="comment/(promote|clone)", meanwhile=fail_once, drops=True, is_late=True
    )
    desk.workspace.add_fault(fault)
    done = await desk.acting.act(desk.wanted(action, number))

    assert done.effect is Effect.DONE
    assert desk.calls("comment/promote") + desk.calls("comment/clone") == 1
