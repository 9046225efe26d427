from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.fakes.server import Server, a_server


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Server]:
    async with a_server(monkeypatch) as found:
        yield found
