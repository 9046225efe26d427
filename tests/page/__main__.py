"""``python -m tests.page``: make the README's pictures, from what a real bot posts in the demo."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, expect

from sandbox.gallery.chromium import chromium
from tests.fakes.demo_process import DemoProcess
from tests.fakes.guest import Guest, guest_at

_DOCS = Path(__file__).parents[2] / "docs"
_MOST_BYTES = 200_000
_COLOURS = 256
_EVENT = "The launch"
_DESKTOP, _PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


async def main(folder: Path) -> None:
    """Play a short visit, then take each picture by somebody who has just come."""
    async with chromium() as browser, DemoProcess() as demo:
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


def write(path: Path, taken: bytes) -> None:
    Image.open(BytesIO(taken)).convert("RGB").quantize(_COLOURS).save(path, optimize=True)
    assert path.stat().st_size < _MOST_BYTES, path


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.page", description=__doc__)
    parser.add_argument("--folder", type=Path, default=_DOCS)
    asyncio.run(main(parser.parse_args().folder))
