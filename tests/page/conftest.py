"""A browser and a demo for all tests of the page, and a visitor for each."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.chromium import chromium
from tests.fakes.demo_process import DemoProcess
from tests.fakes.visitor import Visitor, visiting


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncGenerator[Browser]:
    async with chromium() as started:
        yield started


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def demo() -> AsyncGenerator[DemoProcess]:
    async with DemoProcess() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(browser: Browser, demo: DemoProcess) -> AsyncGenerator[Visitor]:
    async with visiting(browser, demo.address) as one:
        yield one
