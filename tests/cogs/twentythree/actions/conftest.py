from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import aiohttp
import pytest

from cogs.twentythree.api import ApiConfig, Bearer, WorkspaceClient
from sandbox.workspace import Level, Workspace
from tests.cogs.twentythree.actions.desk import Desk
from tests.fakes.stores import open_store


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncGenerator[Desk]:
    """An event of the sandbox's workspace in two rooms, with actions, and who acts on it."""
    workspace = Workspace()
    await workspace.start()
    store = await open_store(tmp_path / "store.db")
    async with aiohttp.ClientSession() as http:
        token = workspace.account(Level.WRITE).bearer
        config = ApiConfig(
            site_url=workspace.url, credentials=Bearer(token=token), timeout_s=60.0, attempts=1
        )
        made = Desk(workspace, WorkspaceClient(http, config), store)
        await made.begin()
        yield made
    await store.close()
    await workspace.close()
