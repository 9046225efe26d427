"""What was put on record comes to its end, also where nobody was told that it is on record."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from cogs.twentythree.domain.acting import Intent
from cogs.twentythree.domain.deeds import Action
from cogs.twentythree.errors import StorageError
from tests.cogs.twentythree.actions.desk import (
    MO,
    Desk,
    finding_out,
    is_settled,
    is_told,
    until,
)


class Cut:
    """Does what is to be put on record, and gives no answer: it fails, or is waited for."""

    def __init__(self, writing: Callable[..., Any], error: Exception | None = None) -> None:
        self._writing = writing
        self._error = error
        self.is_done = asyncio.Event()

    async def __call__(self, *args: Any, **values: Any) -> Any:
        answer = await self._writing(*args, **values)
        self.is_done.set()
        if self._error is not None:
            raise self._error
        await asyncio.Event().wait()
        return answer


@pytest.mark.parametrize("is_new", [False, True], ids=["goes on", "begins anew"])
async def test_an_action_that_is_cut_off_as_it_is_put_on_record_is_done_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, *, is_new: bool
) -> None:
    number = await desk.say()
    cut = Cut(desk.store.trail.begin)
    async with finding_out(desk):
        await until(desk, lambda: is_settled(desk))
        with monkeypatch.context() as patch:
            patch.setattr(desk.store.trail, "begin", cut)
            pressing = asyncio.create_task(desk.acting.act(desk.wanted(Action.PROMOTE, number)))
            await cut.is_done.wait()
            if is_new:
                desk.acting = desk.started()
            pressing.cancel()
            await asyncio.wait({pressing})
        if not is_new:
            await until(desk, lambda: is_settled(desk))
    async with finding_out(desk):
        await until(desk, lambda: is_settled(desk))

    assert desk.workspace.state.comments[number].is_promoted
    assert desk.calls("comment/promote") == 1
    shown = await desk.shown(number)
    assert shown is not None
    assert [one.actor for one in shown.acted] == [MO]


async def test_an_action_of_which_the_database_lost_its_answer_is_done_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await desk.say()
    cut = Cut(desk.store.trail.begin, StorageError("The database went away."))
    async with finding_out(desk):
        with monkeypatch.context() as patch:
            patch.setattr(desk.store.trail, "begin", cut)
            with pytest.raises(StorageError):
                await desk.acting.act(desk.wanted(Action.ANSWER, number))
        await until(desk, lambda: is_settled(desk))

    assert (desk.workspace.state.comments[number].status, desk.calls("comment/update")) == (
        "answered",
        1,
    )


async def test_a_reply_that_is_cut_off_as_it_is_confirmed_is_not_sent_and_may_be_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await desk.say()
    intent = await desk.acting.draft(desk.wanted(Action.REPLY, number, text="On Monday."))
    assert isinstance(intent, Intent)
    cut = Cut(desk.store.trail.confirm, StorageError("The database went away."))
    async with finding_out(desk):
        with monkeypatch.context() as patch:
            patch.setattr(desk.store.trail, "confirm", cut)
            with pytest.raises(StorageError):
                await desk.acting.send(intent.intent_id, MO.user_id)
        desk.clock.ahead += timedelta(minutes=1)
        await until(desk, lambda: is_told(desk))
        await until(desk, lambda: is_settled(desk))
        assert desk.calls("comment/add") == 0
        await desk.acting.send(intent.intent_id, MO.user_id)

    assert "was not done" in desk.rooms.said[0][1]
    assert desk.calls("comment/add") == 1
