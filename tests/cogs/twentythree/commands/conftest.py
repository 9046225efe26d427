from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.discord_contract import judge
from tests.fakes.pressed import Pressed, a_comment
from tests.fakes.server import Server, a_server


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[Server]:
    async with a_server(monkeypatch, tmp_path) as found:
        yield found


@pytest.fixture
async def pressed(server: Server) -> AsyncIterator[Pressed]:
    """A question can be acted on in a room; what the bot asks of Discord is held against it."""
    found = Pressed(server=server, moderator=server.member("mo", "manage_messages"))
    await found.attach()
    server.acting.say(a_comment())
    yield found
    judge(server.chat.posts)
