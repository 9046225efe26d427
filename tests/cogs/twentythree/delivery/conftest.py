from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.fakes.rooms import World
from tests.fakes.stores import open_store


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    store = await open_store(tmp_path / "rooms.db")
    yield World(store)
    await store.close()
