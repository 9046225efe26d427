from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from cogs.twentythree.storage import Store
from tests.fakes.stores import open_store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[Store]:
    opened = await open_store(tmp_path / "bridge.db")
    yield opened
    await opened.close()
