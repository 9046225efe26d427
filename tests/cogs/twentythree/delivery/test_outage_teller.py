from __future__ import annotations

import sqlite3
from collections.abc import AsyncGenerator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from cogs.twentythree.api import WorkspaceClient
from cogs.twentythree.delivery import OutageTeller, RoomSupervisor
from cogs.twentythree.domain.model import GuildId, RoomId
from cogs.twentythree.domain.troubles import Fault, Kind
from cogs.twentythree.errors import WorkspaceUnreachableError
from cogs.twentythree.languages import Language
from cogs.twentythree.storage import Store

TOWN, CITY = GuildId(1), GuildId(2)
NOON = datetime(2030, 1, 2, 12, tzinfo=UTC)


class Rooms(RoomSupervisor):
    """Tells whoever can be reached."""

    def __init__(self) -> None:  # super() would want a client
        self.told: list[tuple[GuildId, str]] = []
        self.unreachable: set[GuildId] = set()
        self.danish: set[GuildId] = set()

    async def language(self, guild_id: GuildId, room_id: RoomId | None = None) -> Language:
        return Language.DANISH if guild_id in self.danish else Language.ENGLISH

    async def tell_one(self, guild_id: GuildId, people: Sequence[int], text: str) -> bool:
        if guild_id in self.unreachable:
            return False
        self.told.append((guild_id, text))
        return True


class Workspace:
    """Is asked whether it answers."""

    def __init__(self) -> None:
        self.asked = 0
        self.is_away = False

    async def site(self) -> None:
        self.asked += 1
        if self.is_away:
            raise WorkspaceUnreachableError("site/get")


class Scene:
    """What is wrong, and who was told."""

    def __init__(self, store: Store, path: Path) -> None:
        self.store = store
        self._path = path
        self.now = NOON
        self.wrong: dict[Kind, Fault] = {}
        self.rooms = Rooms()
        self.workspace = Workspace()
        self.start()

    def start(self) -> None:
        self.teller = OutageTeller(
            self.store,
            cast("WorkspaceClient", self.workspace),
            self.rooms,
            faults=self._faults,
            people=self._people,
            now=lambda: self.now,
        )

    def break_store(self, *, is_broken: bool = True) -> None:
        """Take the table away, or put it back."""
        names = ("twentythree_outages", "lost")
        before, after = names if is_broken else reversed(names)
        with closing(sqlite3.connect(self._path)) as other:
            other.execute(f"ALTER TABLE {before} RENAME TO {after}")

    @property
    def told(self) -> list[tuple[GuildId, str]]:
        return self.rooms.told

    async def _faults(self) -> dict[Kind, Fault]:
        return self.wrong

    async def _people(self) -> dict[GuildId, list[int]]:
        return {TOWN: [5], CITY: [6]}

    async def after(self, wrong: Kind | None = None, *, minutes: float = 0, **more: Any) -> int:
        """Let time pass, look twice, and return how many were told."""
        before = len(self.told)
        self.now += timedelta(minutes=minutes)
        self.wrong = {} if wrong is None else {wrong: Fault(**more)}
        await self.teller.look()
        await self.teller.look()
        return len(self.told) - before


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncGenerator[Scene]:
    path = tmp_path / "told.db"
    store = await Store.open(f"sqlite+aiosqlite:///{path}")
    yield Scene(store, path)
    await store.close()


@pytest.mark.parametrize(
    ("kind", "begun", "over"),
    [
        (Kind.DATABASE_FULL, "The bot's database is full", "database can be used again"),
        (Kind.CREDENTIALS_REFUSED, "does not accept the bot's", "accepts the bot's credentials"),
        (Kind.NOTHING_COMES, "Realtime is away, and the", "The workspace answers again"),
    ],
)
async def test_each_server_is_told_once_that_it_began_and_once_that_it_is_over(
    scene: Scene, kind: Kind, begun: str, over: str
) -> None:
    since = NOON - timedelta(minutes=10)

    assert await scene.after(kind, since=since) == 2
    assert await scene.after(kind, since=since, minutes=300) == 0
    assert await scene.after(minutes=1) == 2
    assert await scene.after(minutes=1) == 0
    assert [guild_id for guild_id, _ in scene.told] == [TOWN, CITY] * 2
    assert begun in scene.told[0][1]
    assert f"<t:{int(since.timestamp())}:R>" in scene.told[0][1]
    assert over in scene.told[2][1]


async def test_a_workspace_that_is_away_for_a_while_is_nobodys_worry(scene: Scene) -> None:
    for minutes in (0, 5, 4):
        assert await scene.after(Kind.WORKSPACE_AWAY, since=NOON, minutes=minutes) == 0
    assert await scene.after() == 0


async def test_a_restart_in_between_tells_nothing_twice(scene: Scene) -> None:
    await scene.after(Kind.CREDENTIALS_REFUSED, since=NOON)
    scene.start()
    # Nothing is known yet, and the workspace still refuses.
    scene.workspace.is_away = True
    assert await scene.after() == 0
    assert await scene.after(Kind.CREDENTIALS_REFUSED, since=NOON, minutes=1) == 0
    scene.start()
    scene.workspace.is_away = False

    assert await scene.after() == 2
    assert await scene.store.outages.told() == set()


async def test_what_cannot_be_stored_is_kept_in_memory(scene: Scene) -> None:
    scene.break_store()
    assert await scene.after(Kind.DATABASE_FULL) == 2
    assert await scene.after(Kind.DATABASE_FULL, minutes=90) == 0
    scene.break_store(is_broken=False)
    assert await scene.after() == 2
    assert await scene.store.outages.told() == set()


async def test_whoever_could_not_be_reached_is_tried_again_later(scene: Scene) -> None:
    scene.rooms.unreachable = {TOWN}
    assert await scene.after(Kind.CREDENTIALS_REFUSED) == 1
    scene.rooms.unreachable.clear()
    assert await scene.after(Kind.CREDENTIALS_REFUSED, minutes=9) == 0
    assert await scene.after(Kind.CREDENTIALS_REFUSED, minutes=1) == 1
    assert scene.told[-1][0] == TOWN


async def test_an_outage_that_comes_and_goes_is_told_once_an_hour_at_most(scene: Scene) -> None:
    told = 0
    for _ in range(30):
        told += await scene.after(Kind.CREDENTIALS_REFUSED, minutes=1)
        told += await scene.after(minutes=1)

    assert told <= 2 * 2 * 2


async def test_a_workspace_in_trouble_is_asked_twice_a_minute_at_most(scene: Scene) -> None:
    for _ in range(12):
        await scene.after(Kind.CREDENTIALS_REFUSED, minutes=5 / 60)

    assert scene.workspace.asked == 2


async def test_each_server_is_told_in_its_language(scene: Scene) -> None:
    scene.rooms.danish = {CITY}
    await scene.after(Kind.DATABASE_FULL)
    await scene.after(minutes=1)

    begun, over = [text for guild_id, text in scene.told if guild_id == CITY]
    assert begun.startswith("Bottens database er fuld")
    assert begun.endswith("Du får besked, når det er slut.")
    assert over.startswith("Bottens database kan bruges igen")
    assert scene.told[0][1].startswith("The bot's database is full")
