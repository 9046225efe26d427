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
    # After two of these that bring nothing a session ends: a busy machine's pause must not be one.
    async with FayeServer(timeout_s=2.0) as server:
        yield server
