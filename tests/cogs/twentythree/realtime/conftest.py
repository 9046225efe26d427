from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.fakes.faye import FayeServer


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def faye() -> AsyncIterator[FayeServer]:
    async with FayeServer(timeout_s=0.5) as server:
        yield server
