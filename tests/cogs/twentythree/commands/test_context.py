from __future__ import annotations

import asyncio
from collections.abc import Sequence

from cogs.twentythree.api import FoundObject
from cogs.twentythree.commands.context import TitleSearch
from cogs.twentythree.domain.model import ObjectInfo
from cogs.twentythree.errors import WorkspaceUnreachableError
from tests.fakes.bridge import an_object

TALK = an_object(1, title="A talk")
WALK = an_object(2, title="A walk")


class Workspace:
    """Counts what it is asked; fails or hangs when told to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.is_away = False
        self.hangs = False
        self.answers: Sequence[ObjectInfo] = (TALK, WALK)
        self.is_asked = asyncio.Event()
        self.now = 0.0

    async def search(self, text: str) -> Sequence[FoundObject]:
        self.asked.append(text)
        self.is_asked.set()
        if self.hangs:
            await asyncio.Event().wait()
        if self.is_away:
            raise WorkspaceUnreachableError("photo/list")
        return [FoundObject(info=info) for info in self.answers]

    def titles(self, *, patience_s: float = 60.0) -> TitleSearch:
        return TitleSearch(self.search, clock=lambda: self.now, patience_s=patience_s)


async def test_the_same_text_is_asked_for_once_a_minute() -> None:
    workspace = Workspace()
    titles = workspace.titles()

    first = await titles.suggest("Talk")
    second = await titles.suggest(" talk ")
    workspace.now += 61
    await titles.suggest("talk")

    assert first == second == (TALK, WALK)
    assert workspace.asked == ["talk", "talk"]


async def test_a_workspace_that_is_away_is_answered_for_from_memory() -> None:
    workspace = Workspace()
    titles = workspace.titles()
    await titles.suggest("")
    workspace.is_away = True

    assert await titles.suggest("WAL") == (WALK,)
    assert await titles.suggest("zzz") == ()


async def test_a_slow_workspace_is_not_waited_for() -> None:
    workspace = Workspace()
    titles = workspace.titles(patience_s=0)
    workspace.hangs = True

    assert await titles.suggest("talk") == ()


async def test_fast_typing_does_not_flood_the_workspace() -> None:
    workspace = Workspace()
    titles = workspace.titles()
    workspace.hangs = True
    async with asyncio.TaskGroup() as group:
        pending = []
        for text in ("t", "ta"):
            workspace.is_asked.clear()
            pending.append(group.create_task(titles.suggest(text)))
            await workspace.is_asked.wait()
        workspace.hangs = False

        assert await titles.suggest("tal") == ()
        assert workspace.asked == ["t", "ta"]

        for task in pending:
            task.cancel()


async def test_memory_is_bounded() -> None:
    workspace = Workspace()
    titles = workspace.titles()

    for number in range(201):
        await titles.suggest(str(number))
    await titles.suggest("200")
    await titles.suggest("0")

    assert workspace.asked.count("200") == 1
    assert workspace.asked.count("0") == 2


async def test_digits_are_the_beginning_of_an_id_too() -> None:
    workspace = Workspace()
    workspace.answers = (an_object(1234, title="A talk"), an_object(5123, title="12 walks"))

    assert [one.object_id for one in await workspace.titles().suggest("123")] == [1234, 5123]
    assert workspace.asked == ["", "123"]
