"""Pictures of a room as a browser draws it, on a phone and on a desk, in light and in the dark."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Final, Literal

from PIL import Image
from playwright.async_api import Browser, Page

from .exhibit import Pose

_COLOURS: Final = 128
_MOST_BYTES: Final = 200_000
# So high that all of a room is drawn; the picture is of its messages alone.
_HEIGHT: Final = 3_200
_PATIENCE_MS: Final = 30_000


@dataclass(frozen=True, slots=True)
class Window:
    """On what a room is looked at, and in which light; ``width`` is that of the window."""

    device: Literal["phone", "desktop"]
    theme: Literal["light", "dark"]

    @property
    def width(self) -> int:
        """The window's width in pixels."""
        return 390 if self.device == "phone" else 1280

    @property
    def name(self) -> str:
        """How files are called that show it so."""
        return f"{self.device}-{self.theme}"


WINDOWS: Final = (
    Window("phone", "light"),
    Window("phone", "dark"),
    Window("desktop", "light"),
    Window("desktop", "dark"),
)
# What is in several languages is seen in both widths and both lights, each once.
WINDOWS_AGAIN: Final = (WINDOWS[0], WINDOWS[3])


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What is looked at: a room, as a person sees it at a moment (in seconds since 1970).

    ``language``: of that person's client.
    """

    url: str
    room_id: int
    person_id: int
    now: float
    language: str
    pose: Pose | None = None


async def take(browser: Browser, sight: Sight, window: Window) -> bytes:
    """Return a picture as PNG.

    Raises:
        TimeoutError: there is nothing to be seen.
    """
    async with _opened(browser, sight, window) as page:
        if sight.pose is None:
            return await page.locator("#messages").screenshot()
        await page.locator(sight.pose.press).last.click()
        return await page.locator(sight.pose.frame).screenshot()


def write(path: Path, taken: bytes) -> None:
    """Write a picture in as few bytes as a document should bring."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.open(BytesIO(taken)).convert("RGB").quantize(_COLOURS).save(path, optimize=True)
    size = path.stat().st_size
    if size > _MOST_BYTES:
        raise ValueError(f"{path} has {size} bytes; show less in it")


@asynccontextmanager
async def _opened(browser: Browser, sight: Sight, window: Window) -> AsyncGenerator[Page]:
    """Open the room in a browser that has never seen it."""
    context = await browser.new_context(
        viewport={"width": window.width, "height": _HEIGHT},
        color_scheme=window.theme,
        reduced_motion="reduce",
        timezone_id="UTC",
    )
    context.set_default_timeout(_PATIENCE_MS)
    try:
        page = await context.new_page()
        await page.clock.set_fixed_time(datetime.fromtimestamp(sight.now, UTC))
        locale = "" if sight.language == "en" else f"?locale={sight.language}"
        await page.goto(f"{sight.url}{locale}")
        await page.locator("body:not(.waiting)").wait_for()
        await page.locator("#person").select_option(value=str(sight.person_id))
        # On a phone the list of rooms is folded.
        await page.locator(f"#room-list [data-room='{sight.room_id}']").dispatch_event("click")
        await page.locator("#messages article").first.wait_for()
        await page.evaluate(_DRAWN)
        yield page
    finally:
        await context.close()


_DRAWN: Final = """async () => {
  await document.fonts.ready;
  for (const one of document.images) one.loading = 'eager';
  await Promise.all([...document.images].map((one) => one.decode()));
}"""
