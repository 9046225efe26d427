from collections.abc import AsyncIterator
from itertools import count

import aiohttp
import pytest

from sandbox.workspace import Workspace, WorkspaceOptions
from tests.sandbox.workspace.calling import Caller


@pytest.fixture
async def workspace() -> AsyncIterator[Workspace]:
    clock = count(1_900_000_000)
    made = Workspace(WorkspaceOptions(now=lambda: float(next(clock))))
    made.realtime_url = "http://127.0.0.1:9/faye"
    await made.start()
    yield made
    await made.close()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def api(workspace: Workspace, http: aiohttp.ClientSession) -> Caller:
    return Caller(workspace=workspace, http=http)
