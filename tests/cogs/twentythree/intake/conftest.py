from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from cogs.twentythree.storage import Store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[Store]:
    opened = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'bridge.db'}")
    yield opened
    await opened.close()
