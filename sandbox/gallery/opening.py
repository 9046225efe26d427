"""A hall that is open: the sandbox, its page and the bot, for as long as exhibits are made."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from playwright.async_api import Browser

from ..house import Sandbox
from ..page import Page, Scene
from ..workspace import Level
from .bot_keeper import BotKeeper
from .exhibit import Exhibit
from .hall import Hall
from .movable_clock import MovableClock
from .taking import WINDOWS, Sight, Window, take


class OpenHall:
    """A hall with the page on which it is seen."""

    def __init__(self, hall: Hall, page: Page, browser: Browser) -> None:
        self._hall = hall
        self._page = page
        self._browser = browser

    async def pictures(
        self, exhibit: Exhibit, windows: Sequence[Window] = WINDOWS
    ) -> list[tuple[Window, bytes]]:
        """Make an exhibit, and return its pictures as PNG.

        Raises:
            TimeoutError: the bot did not show what it should.
        """
        room = await exhibit.make(self._hall)
        sight = Sight(
            url=self._page.url,
            room_id=room.id,
            person_id=self._hall.person(exhibit.viewer).id,
            now=self._hall.clock.now(),
            language=self._hall.language,
            pose=exhibit.pose,
        )
        return [(window, await take(self._browser, sight, window)) for window in windows]


@asynccontextmanager
async def opened(
    browser: Browser, language: str, *, is_timely: bool = False
) -> AsyncGenerator[OpenHall]:
    """Open a hall in which a language is spoken, with a bot of its own.

    ``is_timely``: its clock begins with this machine's.
    """
    clock = MovableClock(is_timely=is_timely)
    with tempfile.TemporaryDirectory(prefix="twentythree-gallery-") as folder:
        async with Sandbox(now=clock.now, locale=language) as sandbox:
            scene = Scene(sandbox)
            bot = BotKeeper(sandbox.environment(Level.WRITE), Path(folder) / "bot.db")
            async with bot, Page(scene, bot) as page, _following(page):
                hall = Hall(sandbox, clock, scene, bot, language)
                await hall.ready()
                yield OpenHall(hall, page, browser)


@asynccontextmanager
async def _following(page: Page) -> AsyncGenerator[None]:
    """Have the page follow what happens."""
    following = asyncio.create_task(page.run(), name="page")
    try:
        yield
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
