"""What is done to a comment while a reading is under way that has seen it as it was before."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from cogs.twentythree.domain.acting import Effect
from cogs.twentythree.domain.deeds import Action
from cogs.twentythree.domain.model import CommentId
from sandbox.workspace import WorkspaceFault
from tests.cogs.twentythree.actions.desk import Desk
from tests.fakes.intake import readings_of


async def read(desk: Desk, number: CommentId) -> None:
    state = await desk.parts.refresh(desk.object_id)
    assert await readings_of(desk.parts).read(state)


async def attach(desk: Desk, number: CommentId) -> None:
    """Attach the event once more, as far as what is there already goes."""
    baseline = await readings_of(desk.parts).baseline(await desk.api.find(desk.object_id))
    assert number not in {one.comment_id for one in baseline.comments}


@pytest.mark.parametrize("reading", [read, attach])
@pytest.mark.parametrize("action", [Action.PROMOTE, Action.DELETE])
async def test_what_was_read_before_it_was_acted_on_takes_nothing_back(
    desk: Desk, action: Action, reading: Callable[[Desk, CommentId], Coroutine[Any, Any, None]]
) -> None:
    number = await desk.say()
    fault = desk.workspace.add_fault(
        WorkspaceFault(method="comment/list", hangs=True, is_late=True)
    )
    under_way = asyncio.create_task(reading(desk, number))
    await fault.reached.wait()
    done = await desk.acting.act(desk.wanted(action, number))
    assert done.effect is Effect.DONE
    before = await desk.shown(number)
    fault.release()
    await under_way

    assert await desk.shown(number) == before
