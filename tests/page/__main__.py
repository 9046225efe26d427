"""``python -m tests.page``: make the pictures of the demo, from what a real bot posts in it."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, expect

from sandbox.gallery.chromium import chromium
from sandbox.gallery.taking import write
from tests.fakes.demo_process import DemoProcess
from tests.fakes.guest import Guest, guest_at
from tests.page.first_visit import first_visit

_DOCS = Path(__file__).parents[2] / "docs"
_EVENT = "The launch"
_VISIT = {"width": 1280, "height": 800}
_DESKTOP, _PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


async def main(folder: Path) -> None:
    """Tell of a first visit; play a short one, and take each picture by somebody who comes then."""
    async with chromium() as browser:
        await tell(browser, folder / "demo")
        await show(browser, folder)


async def tell(browser: Browser, folder: Path) -> None:
    """Take a picture of each step of a first visit."""
    looks: dict[str, Any] = {"viewport": _VISIT, "reduced_motion": "reduce"}
    async with DemoProcess() as demo, guest_at(browser, demo.address, **looks) as guest:
        async for step in first_visit(guest):
            await take(guest, folder / f"{step}.png")


async def show(browser: Browser, folder: Path) -> None:
    """Take the README's pictures."""
    async with DemoProcess() as demo:
        async with guest_at(browser, demo.address, viewport=_DESKTOP) as guest:
            await play(guest)
        for theme in ("light", "dark"):
            for name, size in (("desktop", _DESKTOP), ("phone", _PHONE)):
                async with coming(browser, demo.address, theme, size) as guest:
                    await take(guest, folder / f"page-{name}-{theme}.png")


async def play(guest: Guest) -> None:
    """Fill a room of moderators with what an event brings."""
    await guest.opens("moderators")
    await expect(guest.message("When does it ship?")).to_be_visible()
    shown = await guest.chooses(_EVENT)
    await shown.get_by_role("button", name="Go live").click()
    await guest.becomes("Mia")
    asked = guest.message("Björn", "When does it ship?")
    await asked.get_by_role("button", name="Promote").click()
    await expect(asked).to_contain_text("promoted by")
    await guest.comments(shown, "Hello from Aarhus!", kind="chat", name="Fatima")
    await expect(guest.message("Hello from Aarhus!")).to_be_visible()
    await guest.comments(shown, "Which camera is that?", kind="question", name="Chloé")
    await expect(guest.message("Chloé", "Which camera is that?")).to_be_visible()


@asynccontextmanager
async def coming(
    browser: Browser, address: str, theme: str, size: dict[str, int]
) -> AsyncGenerator[Guest]:
    """Visit the room as it is now."""
    looks = {"color_scheme": theme, "viewport": size, "reduced_motion": "reduce"}
    async with guest_at(browser, address, **looks) as guest:
        await guest.becomes("Mia")
        await guest.opens("moderators")
        if size is _DESKTOP:
            await guest.chooses(_EVENT)
        await expect(guest.message("Chloé", "Which camera is that?")).to_be_visible()
        yield guest


async def take(guest: Guest, path: Path) -> None:
    """Write what is seen, in as few bytes as a README should bring."""
    write(path, await guest.page.screenshot())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.page", description=__doc__)
    parser.add_argument("--folder", type=Path, default=_DOCS)
    asyncio.run(main(parser.parse_args().folder))
