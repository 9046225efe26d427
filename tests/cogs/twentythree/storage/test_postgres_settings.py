"""A room sets something amid what comes in for it, on PostgreSQL, where both may write."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace

import pytest

from cogs.twentythree.domain.room_settings import RoomSettingsAsked
from cogs.twentythree.storage import Store
from tests.cogs.twentythree.storage.amid import amid
from tests.cogs.twentythree.storage.things import GUILD, NOW, ROOM, attach, comment, pending, take

NO_SPAM = RoomSettingsAsked(hidden=("spam",))
SPAM = replace(comment(1), text="Some SPAM")


@pytest.fixture
async def store(postgres_database: str) -> AsyncGenerator[Store]:
    opened = await Store.open(postgres_database)
    yield opened
    await opened.close()


def of_room(store: Store) -> Awaitable[None]:
    return store.rooms.set_room(GUILD, ROOM, NO_SPAM, NOW)


def of_server(store: Store) -> Awaitable[None]:
    return store.rooms.set_defaults(GUILD, NO_SPAM, NOW)


@pytest.mark.parametrize("setting", [of_room, of_server])
async def test_what_comes_in_while_it_is_left_out_does_not_wait(
    store: Store, postgres_database: str, setting: Callable[[Store], Awaitable[None]]
) -> None:
    await attach(store)

    await amid(
        postgres_database,
        take(store, SPAM),
        "INSERT INTO twentythree_notices",
        setting(store),
    )

    assert await pending(store) == []
    assert (await store.rooms.of_server(GUILD)).hidden[ROOM][0] == 1


@pytest.mark.parametrize("setting", [of_room, of_server])
async def test_what_is_left_out_while_it_comes_in_does_not_wait(
    store: Store, postgres_database: str, setting: Callable[[Store], Awaitable[None]]
) -> None:
    await attach(store)

    await amid(
        postgres_database,
        setting(store),
        "SELECT twentythree_notices",
        take(store, SPAM),
    )

    assert await pending(store) == []
    assert (await store.rooms.of_server(GUILD)).hidden[ROOM][0] == 1
