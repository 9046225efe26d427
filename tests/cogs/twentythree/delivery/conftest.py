from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from cogs.twentythree.storage import Store
from tests.fakes.rooms import World


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'rooms.db'}")
    yield World(store)
    await store.close()
