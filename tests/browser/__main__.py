"""``python -m tests.browser ADDRESS PICTURE``: look at a page, and hear what is wrong with it."""

from __future__ import annotations

import argparse
import asyncio
import sys

from sandbox.gallery.chromium import chromium
from tests.browser.judging import Judge, barriers


async def look(given: argparse.Namespace) -> int:
    async with chromium() as browser:
        context = await browser.new_context(
            viewport={"width": given.width, "height": given.height},
            color_scheme="dark" if given.dark else "light",
            reduced_motion="reduce",
        )
        judge = Judge(context, given.address)
        page = await context.new_page()
        await page.goto(given.address)
        if given.wait_for:
            await page.locator(given.wait_for).first.wait_for()
        await page.screenshot(path=given.picture, full_page=given.whole)
        faults = [*judge.faults, *await barriers(page)]
    print("\n".join(faults) or "nothing is wrong")  # noqa: T201 - a command line prints
    return 1 if faults else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.browser", description=__doc__)
    parser.add_argument("address")
    parser.add_argument("picture")
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--height", type=int, default=800)
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--whole", action="store_true", help="all of the page, not a screenful")
    parser.add_argument("--wait-for", help="a selector that must be there first")
    sys.exit(asyncio.run(look(parser.parse_args())))
