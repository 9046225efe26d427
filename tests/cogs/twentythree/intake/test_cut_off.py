"""What is stored counts, also where the database fails right after it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock

import pytest

from cogs.twentythree.domain.model import Attachment, ObjectKind
from cogs.twentythree.errors import StorageError
from tests.fakes.bridge_house import ROOM, VIDEO, WEBINAR, House, house, running

AWAY = StorageError("The database is away.")


def break_next_look(made: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the database fail once as it is asked for all that is attached of an object."""
    find = made.store.attachments.find

    async def fails(**which: Any) -> list[Attachment]:
        if which.keys() == {"object_id"}:
            monkeypatch.setattr(made.store.attachments, "find", find)
            raise AWAY
        return list(await find(**which))

    monkeypatch.setattr(made.store.attachments, "find", fails)


async def test_what_is_attached_is_read_also_where_the_database_fails_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house(tmp_path) as made, running(made):
        made.workspace.add(VIDEO)
        break_next_look(made, monkeypatch)
        attached = await made.attach()
        assert (attached.is_new, ROOM in made.woken) == (True, True)

        made.workspace.say(2, VIDEO, is_promoted=True)
        await made.until_said("comment 2")


async def test_what_is_detached_is_read_no_more_also_where_the_database_fails_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house(tmp_path) as made, running(made):
        made.workspace.add(VIDEO)
        made.workspace.add(WEBINAR, ObjectKind.LIVE)
        await made.attach()
        await made.attach(WEBINAR)
        made.woken.clear()
        break_next_look(made, monkeypatch)
        gone = await made.bridge.detach(ROOM, VIDEO)
        assert (gone is not None, made.woken) == (True, {ROOM})

        looks = made.workspace.calls.count("live")
        while made.bridge.states.get(VIDEO) is not None:
            made.bridge.read_all()
            looks += 1
            await made.until_called("live", looks)


async def test_what_is_attached_is_also_where_its_level_cannot_be_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house(tmp_path) as made:
        made.workspace.add(VIDEO)
        monkeypatch.setattr(made.store.memory, "levels", AsyncMock(side_effect=AWAY))

        assert (await made.attach()).is_new
        assert made.bridge.states.get(VIDEO) is not None
