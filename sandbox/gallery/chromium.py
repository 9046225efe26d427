"""A real browser: a Chromium that is installed, or the one that came from npm."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, async_playwright
from playwright.async_api import Error as BrowserError

_MODULES = Path(__file__).parents[2] / "tests" / "browser" / "node_modules"
_UNPACKED = _MODULES / ".chromium"
_INSTALLED = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# It is asked for nothing but what is on this machine, and asks for nothing by itself.
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)


@asynccontextmanager
async def chromium() -> AsyncGenerator[Browser]:
    """Start a browser without windows, in a profile of its own.

    Raises:
        RuntimeError: there is none, or it does not start; says what to do.
    """
    path, variables = found()
    async with async_playwright() as playwright:
        try:
            browser = await playwright.chromium.launch(
                executable_path=path, env={**os.environ, **variables}, args=list(_FLAGS)
            )
        except BrowserError as error:
            raise RuntimeError(
                f"{path} does not start; install chromium so that it is on PATH, and run again"
            ) from error
        try:
            yield browser
        finally:
            await browser.close()


def found() -> tuple[Path, dict[str, str]]:
    """Return the program, and the variables that it needs.

    Raises:
        RuntimeError: there is none; says what to do.
    """
    for name in _INSTALLED:
        if path := shutil.which(name):
            return Path(path), {}
    path_here = _UNPACKED / "chromium"
    if not path_here.is_file():
        raise RuntimeError(
            "there is no browser to test the page in; run the tests by `make test`, which brings"
            " one, or install chromium"
        )
    # What somebody has set goes before what came with it.
    libraries = [os.environ.get("LD_LIBRARY_PATH", ""), str(_UNPACKED / "al2023" / "lib")]
    return path_here, {
        "LD_LIBRARY_PATH": os.pathsep.join(filter(None, libraries)),
        "FONTCONFIG_FILE": str(_UNPACKED / "fonts" / "fonts.conf"),
    }
