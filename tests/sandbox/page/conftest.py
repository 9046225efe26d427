"""A page over a sandbox, with no bot or with one that is played by hand."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest

from sandbox import Sandbox
from sandbox.journal import Journal
from sandbox.page import Page, Said, Saying, Scene
from tests.fakes.discord_rest_client import QUICK, Listener, Rest
from tests.sandbox.page.visitor import Visitor

Open = Callable[[], Visitor]


class NoProcess:
    """A keeper of nothing."""

    def __init__(self) -> None:
        self.journal: Journal[Said] = Journal()
        self.since: float | None = None
        self.is_running = False

    async def start(self) -> None:
        self._turn(Saying.STARTED, is_running=True)

    async def kill(self) -> None:
        self._turn(Saying.ENDED, is_running=False)

    def _turn(self, saying: Saying, *, is_running: bool) -> None:
        self.is_running, self.since = is_running, 1_800_000_000.0
        self.journal.add(Said(saying, self.since))


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(chat=QUICK) as made:
        yield made


@pytest.fixture
def scene(sandbox: Sandbox) -> Scene:
    return Scene(sandbox)


@pytest.fixture
def keeper() -> NoProcess:
    return NoProcess()


@pytest.fixture
async def page(scene: Scene, keeper: NoProcess) -> AsyncIterator[Page]:
    async with Page(scene, keeper) as made:
        running = asyncio.create_task(made.run())
        yield made
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


@pytest.fixture
async def visitor(page: Page, http: aiohttp.ClientSession) -> AsyncIterator[Visitor]:
    async with Visitor(page, http) as made:
        yield made


@pytest.fixture
def rest(sandbox: Sandbox, http: aiohttp.ClientSession) -> Rest:
    return Rest(sandbox.chat, http)


@pytest.fixture
async def listener(
    sandbox: Sandbox, scene: Scene, http: aiohttp.ClientSession
) -> AsyncIterator[Listener]:
    async with Listener(sandbox.chat, http) as made:
        yield made
