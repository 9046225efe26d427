"""A browser and a demo for all tests of the page, and a guest for each."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest_asyncio
from playwright.async_api import Browser, expect

from sandbox.gallery.chromium import chromium
from tests.fakes.demo_process import DemoProcess
from tests.fakes.guest import Guest, guest_at

# A bot takes its time to start where much else does.
_PATIENCE_MS = 90_000


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def browser() -> AsyncGenerator[Browser]:
    async with chromium() as started:
        yield started


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def demo(browser: Browser) -> AsyncGenerator[DemoProcess]:
    async with DemoProcess() as started:
        async with guest_at(browser, started.address) as first:
            await first.opens("moderators")
            # The last of what is prepared.
            prepared = first.message("When does it ship?")
            await expect(prepared).to_be_visible(timeout=_PATIENCE_MS)
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def guest(browser: Browser, demo: DemoProcess) -> AsyncGenerator[Guest]:
    async with guest_at(browser, demo.address) as one:
        yield one
