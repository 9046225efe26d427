from collections.abc import AsyncIterator

import aiohttp
import pytest

from sandbox import Sandbox
from tests.sandbox.filled_stage import FilledStage


@pytest.fixture
async def filled() -> AsyncIterator[FilledStage]:
    async with Sandbox() as sandbox, aiohttp.ClientSession() as http:
        made = FilledStage(sandbox, http)
        await made.fill()
        yield made
